/// Pictures of one size, one after the other.
///
/// - Shapes: bytes `[N, H, W, C]`
public struct ImageStack: Hashable, Sendable {
    /// The number of pictures `N`.
    public let count: Int
    /// The number of rows of each `H`.
    public let height: Int
    /// The number of columns of each `W`.
    public let width: Int
    /// The number of channels of each `C`.
    public let channels: Int
    /// The pixels of all pictures.
    public let bytes: [UInt8]

    /// The bytes of a picture.
    public var pictureSize: Int { height * width * channels }

    /// Creates a stack from pixels.
    ///
    /// - Parameters:
    ///   - count: the number of pictures.
    ///   - height: the number of rows of each.
    ///   - width: the number of columns of each.
    ///   - channels: the number of channels of each, 1 to 4.
    ///   - bytes: the pixels of all pictures.
    ///   - name: what they are called in sentences.
    /// - Throws: `image_channels` or `image_size` when the sizes are out of range or do not fit.
    public init(
        count: Int,
        height: Int,
        width: Int,
        channels: Int,
        bytes: [UInt8],
        name: String = "stack"
    ) throws(ImageError) {
        guard (1...4).contains(channels) else {
            throw ImageError(
                .imageChannels,
                "images \"\(name)\": the number of channels is out of range; expected 1 to 4; "
                    + "received \(channels)."
            )
        }
        guard count >= 0, height > 0, width > 0, height <= Image.mostPixels / width,
            bytes.count == count * height * width * channels
        else {
            throw ImageError(
                .imageSize,
                "images \"\(name)\": the number of bytes does not fit the sizes; expected "
                    + "\(count) x \(height) x \(width) x \(channels); received \(bytes.count)."
            )
        }
        self.count = count
        self.height = height
        self.width = width
        self.channels = channels
        self.bytes = bytes
    }

    /// Creates a stack of pictures.
    ///
    /// - Parameter images: pictures of the size and channels of the first; at least one.
    /// - Throws: `image_size` or `image_channels` for the first picture that differs, or without any.
    public init(_ images: [Image]) throws(ImageError) {
        guard let first = images.first else {
            throw ImageError(
                .imageSize,
                "images: there is no picture; expected at least 1; received 0."
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(images.count * first.bytes.count)
        for (index, image) in images.enumerated() {
            try image.require(
                height: first.height,
                width: first.width,
                channels: first.channels,
                name: "\(index)"
            )
            bytes.append(contentsOf: image.bytes)
        }
        count = images.count
        height = first.height
        width = first.width
        channels = first.channels
        self.bytes = bytes
    }

    /// A picture.
    public subscript(index: Int) -> Image {
        precondition((0..<count).contains(index), "ImageStack: no picture \(index) of \(count).")
        let size = pictureSize
        return Image(height, width, channels, Array(bytes[index * size..<(index + 1) * size]))
    }

    /// The pictures of some numbers, in that order.
    public func pictures(_ indices: [Int]) -> ImageStack {
        let size = pictureSize
        var chosen: [UInt8] = []
        chosen.reserveCapacity(indices.count * size)
        for index in indices {
            precondition((0..<count).contains(index), "ImageStack: no picture \(index).")
            chosen.append(contentsOf: bytes[index * size..<(index + 1) * size])
        }
        return ImageStack(indices.count, height, width, channels, chosen)
    }

    private init(_ count: Int, _ height: Int, _ width: Int, _ channels: Int, _ bytes: [UInt8]) {
        self.count = count
        self.height = height
        self.width = width
        self.channels = channels
        self.bytes = bytes
    }

    /// The pictures as a column of prepared data, which batches hold as floats.
    ///
    /// - Parameter scale: by what bytes are multiplied.
    /// - Returns: a column for `PreparedDataset(inMemory:)`.
    public func column(scale: Float = 1 / 255) -> PreparedValues {
        .bytes(bytes, width: pictureSize, scale: scale)
    }
}
