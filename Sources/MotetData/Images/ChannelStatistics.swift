/// Mean and standard deviation of each channel, by which pictures are normalised.
///
/// They are those of all pixels, with bytes counted from 0 to 1. Take them from training pictures only.
public struct ChannelStatistics: Hashable, Sendable, Codable {
    /// The mean of each channel.
    public let means: [Float]
    /// The standard deviation of each channel; 1 where all pixels are alike.
    public let deviations: [Float]

    /// Creates statistics from known numbers.
    ///
    /// - Parameters:
    ///   - means: the mean of each channel.
    ///   - deviations: as many positive numbers.
    public init(means: [Float], deviations: [Float]) {
        precondition(
            means.count == deviations.count && deviations.allSatisfy { $0 > 0 },
            "ChannelStatistics: a positive deviation for each mean."
        )
        self.means = means
        self.deviations = deviations
    }

    /// Measures pictures.
    ///
    /// - Parameter stack: at least one picture.
    public init(of stack: ImageStack) {
        precondition(stack.count > 0, "ChannelStatistics: at least 1 picture.")
        // Sums of bytes and of their squares are whole numbers, so they are exact.
        var sums = [UInt64](repeating: 0, count: stack.channels)
        var squares = sums
        for (place, byte) in stack.bytes.enumerated() {
            let channel = place % stack.channels
            sums[channel] += UInt64(byte)
            squares[channel] += UInt64(byte) * UInt64(byte)
        }
        let pixels = Double(stack.bytes.count / stack.channels)
        let means = sums.map { Double($0) / pixels }
        self.means = means.map { Float($0 / 255) }
        deviations = zip(means, squares).map { mean, square in
            let variance = max(0, Double(square) / pixels - mean * mean)
            return variance > 0 ? Float(variance.squareRoot() / 255) : 1
        }
    }
}

extension ImageStack {
    /// The pixels as floats, `(byte / 255 - mean) / deviation` of their channel.
    ///
    /// - Parameter statistics: numbers for as many channels.
    /// - Returns: `[N, H, W, C]`, row-major.
    /// - Throws: `image_channels` when the numbers are for other channels.
    public func normalised(by statistics: ChannelStatistics) throws(ImageError) -> [Float] {
        guard statistics.means.count == channels else {
            throw ImageError(
                .imageChannels,
                "images: statistics are for other pictures; expected \(channels) channels; "
                    + "received \(statistics.means.count)."
            )
        }
        // There are only 256 results for each channel.
        let tables = (0..<channels).map { channel in
            (0..<256).map { byte in
                (Float(byte) / 255 - statistics.means[channel]) / statistics.deviations[channel]
            }
        }
        var floats: [Float] = []
        floats.reserveCapacity(bytes.count)
        for (place, byte) in bytes.enumerated() {
            floats.append(tables[place % channels][Int(byte)])
        }
        return floats
    }
}
