/// A picture as bytes: row by row from the top, pixel by pixel from the left, channels last.
///
/// - Shapes: bytes `[H, W, C]`; `C` is 1 (grey), 2 (grey and alpha), 3 (red, green, blue) or 4 (those
///   and alpha)
public struct Image: Hashable, Sendable {
    /// The number of rows `H`.
    public let height: Int
    /// The number of columns `W`.
    public let width: Int
    /// The number of bytes of a pixel `C`.
    public let channels: Int
    /// The pixels.
    public internal(set) var bytes: [UInt8]

    /// Creates a picture from its pixels.
    ///
    /// - Parameters:
    ///   - height: the number of rows, at least 1.
    ///   - width: the number of columns, at least 1.
    ///   - channels: the number of bytes of a pixel, from 1 to 4.
    ///   - bytes: the pixels.
    /// - Throws: `image_size` when a size is out of range or the number of bytes is another;
    ///   `image_channels` when the number of channels is out of range.
    public init(height: Int, width: Int, channels: Int, bytes: [UInt8]) throws(ImageError) {
        guard (1...4).contains(channels) else {
            throw ImageError(
                .imageChannels,
                "image: 'channels' is out of range; expected 1 to 4; received \(channels)."
            )
        }
        let most = Image.mostPixels
        guard height > 0, width > 0, height <= most / width,
            bytes.count == height * width * channels
        else {
            throw ImageError(
                .imageSize,
                "image: the number of bytes does not fit the size; expected "
                    + "\(height) x \(width) x \(channels); received \(bytes.count) bytes."
            )
        }
        self.init(height, width, channels, bytes)
    }

    /// Creates a picture of one colour.
    ///
    /// - Parameters:
    ///   - height: the number of rows, at least 1.
    ///   - width: the number of columns, at least 1.
    ///   - colour: the bytes of every pixel, 1 to 4.
    public init(height: Int, width: Int, colour: [UInt8]) {
        precondition(
            height > 0 && width > 0 && (1...4).contains(colour.count),
            "Image: no picture of \(height) x \(width) x \(colour.count)."
        )
        var bytes: [UInt8] = []
        bytes.reserveCapacity(height * width * colour.count)
        for _ in 0..<height * width { bytes.append(contentsOf: colour) }
        self.init(height, width, colour.count, bytes)
    }

    /// Creates a picture whose sizes are known to fit.
    init(_ height: Int, _ width: Int, _ channels: Int, _ bytes: [UInt8]) {
        self.height = height
        self.width = width
        self.channels = channels
        self.bytes = bytes
    }

    /// The most pixels a picture may have: 2 to the power of 28, so that a header that lies does not
    /// take all memory.
    public static let mostPixels = 1 << 28

    /// A channel of a pixel.
    public subscript(row: Int, column: Int, channel: Int) -> UInt8 {
        get { bytes[index(row, column, channel)] }
        set { bytes[index(row, column, channel)] = newValue }
    }

    private func index(_ row: Int, _ column: Int, _ channel: Int) -> Int {
        precondition(
            (0..<height).contains(row) && (0..<width).contains(column)
                && (0..<channels).contains(channel),
            "Image: no pixel (\(row), \(column), \(channel)) in \(height) x \(width) x \(channels)."
        )
        return (row * width + column) * channels + channel
    }

    /// Checks that the picture has the sizes something needs.
    ///
    /// - Parameters:
    ///   - height: the number of rows.
    ///   - width: the number of columns.
    ///   - channels: the number of channels.
    ///   - name: what the picture is called in the sentence.
    /// - Throws: `image_channels` or `image_size`.
    public func require(
        height: Int,
        width: Int,
        channels: Int,
        name: String
    ) throws(ImageError) {
        guard self.channels == channels else {
            throw ImageError(
                .imageChannels,
                "image \"\(name)\": the number of channels is wrong; expected \(channels); received "
                    + "\(self.channels). Convert it to "
                    + (channels == 1 ? "grey" : "RGB") + " first."
            )
        }
        guard self.height == height, self.width == width else {
            throw ImageError(
                .imageSize,
                "image \"\(name)\": the size is wrong; expected \(height) x \(width); received "
                    + "\(self.height) x \(self.width). Resize it first."
            )
        }
    }
}
