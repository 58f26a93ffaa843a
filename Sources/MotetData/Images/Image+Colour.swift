extension Image {
    /// The picture in grey, `[H, W, 1]`, alpha laid over white first.
    ///
    /// `grey = (19595 red + 38470 green + 7471 blue + 32768) / 65536`, rounded down: the weights 0.299,
    /// 0.587 and 0.114 of ITU-R BT.601 in the whole numbers Pillow's mode `L` uses.
    public var grey: Image {
        let plain = withoutAlpha
        guard plain.channels == 3 else { return plain }
        var grey = [UInt8](repeating: 0, count: height * width)
        for pixel in grey.indices {
            let red = UInt32(plain.bytes[3 * pixel])
            let green = UInt32(plain.bytes[3 * pixel + 1])
            let blue = UInt32(plain.bytes[3 * pixel + 2])
            grey[pixel] = UInt8((19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16)
        }
        return Image(height, width, 1, grey)
    }

    /// The picture in red, green and blue, `[H, W, 3]`, alpha laid over white first.
    public var rgb: Image {
        let plain = withoutAlpha
        guard plain.channels == 1 else { return plain }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * plain.bytes.count)
        for value in plain.bytes { bytes.append(contentsOf: repeatElement(value, count: 3)) }
        return Image(height, width, 3, bytes)
    }

    /// The picture laid over a background: `(alpha value + (255 - alpha) background) / 255`, rounded.
    ///
    /// - Parameter background: the byte of every channel of the background.
    /// - Returns: the picture without alpha; itself where it has none.
    public func composed(over background: UInt8) -> Image {
        guard channels == 2 || channels == 4 else { return self }
        let colours = channels - 1
        var plain: [UInt8] = []
        plain.reserveCapacity(height * width * colours)
        for pixel in 0..<height * width {
            let alpha = Int(bytes[pixel * channels + colours])
            for channel in 0..<colours {
                let value = Int(bytes[pixel * channels + channel])
                let sum = alpha * value + (255 - alpha) * Int(background)
                plain.append(UInt8((sum + 127) / 255))
            }
        }
        return Image(height, width, colours, plain)
    }

    private var withoutAlpha: Image { composed(over: 255) }
}
