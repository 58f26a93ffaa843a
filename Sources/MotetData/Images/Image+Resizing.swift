extension Image {
    /// The picture in another size, by bilinear interpolation with antialiasing.
    ///
    /// Along each axis, with the ratio `r = size before / size after`, the pixel `o` has its centre at
    /// `c = (o + 1/2) r` and is the mean of the pixels `i` with the weights
    /// `max(0, 1 - |i + 1/2 - c| / max(1, r))`, which are 0 outside the picture. So making a picture
    /// smaller averages all its pixels, and making it larger interpolates between neighbours.
    ///
    /// - Parameters:
    ///   - height: the number of rows, at least 1.
    ///   - width: the number of columns, at least 1.
    /// - Returns: the picture; halves round up.
    /// - Departures: PyTorch's `interpolate(mode="bilinear", antialias=True)` computes the same numbers.
    ///   Pillow also rounds to bytes between the axes and so differs by up to 1.
    public func resized(height: Int, width: Int) -> Image {
        precondition(
            height > 0 && width > 0 && height <= Image.mostPixels / width,
            "Image: no picture of \(height) x \(width)."
        )
        if height == self.height, width == self.width { return self }
        let rows = ResizingWeights(from: self.height, to: height)
        let columns = ResizingWeights(from: self.width, to: width)
        // First along rows of pixels, then along columns, in between as floats.
        var narrow = [Float](repeating: 0, count: self.height * width * channels)
        var resized = [UInt8](repeating: 0, count: height * width * channels)
        let (before, channels) = (self, channels)
        bytes.withUnsafeBufferPointer { source in
            narrow.withUnsafeMutableBufferPointer { narrow in
                for row in 0..<before.height {
                    for column in 0..<width {
                        let taps = columns[column]
                        for channel in 0..<channels {
                            var sum: Float = 0
                            for tap in taps {
                                let pixel = row * before.width + columns.index(tap, of: column)
                                let value = source[pixel * channels + channel]
                                sum += columns.weights[tap] * Float(value)
                            }
                            narrow[(row * width + column) * channels + channel] = sum
                        }
                    }
                }
            }
        }
        let line = width * channels
        narrow.withUnsafeBufferPointer { narrow in
            resized.withUnsafeMutableBufferPointer { resized in
                for row in 0..<height {
                    for place in 0..<line {
                        var sum: Float = 0
                        for tap in rows[row] {
                            let source = rows.index(tap, of: row) * line + place
                            sum += rows.weights[tap] * narrow[source]
                        }
                        resized[row * line + place] = UInt8(min(max(sum + 0.5, 0), 255))
                    }
                }
            }
        }
        return Image(height, width, channels, resized)
    }
}

/// For each pixel after a change of size the pixels before it, and how much they count.
private struct ResizingWeights {
    var weights: [Float] = []
    private var starts: [Int] = []
    private var firsts: [Int] = []

    init(from before: Int, to after: Int) {
        let ratio = Double(before) / Double(after)
        let reach = max(1, ratio)
        for pixel in 0..<after {
            let centre = (Double(pixel) + 0.5) * ratio
            let first = max(0, Int((centre - reach - 0.5).rounded(.up)))
            let last = min(before - 1, Int((centre + reach - 0.5).rounded(.down)))
            let taps = (first...max(first, last)).map { index in
                max(0, 1 - abs(Double(index) + 0.5 - centre) / reach)
            }
            let total = taps.reduce(0, +)
            starts.append(weights.count)
            firsts.append(first)
            weights += taps.map { Float($0 / total) }
        }
        starts.append(weights.count)
    }

    /// The positions in `weights` of a pixel.
    subscript(pixel: Int) -> Range<Int> { starts[pixel]..<starts[pixel + 1] }

    /// The pixel before that a position belongs to.
    func index(_ tap: Int, of pixel: Int) -> Int { firsts[pixel] + tap - starts[pixel] }
}
