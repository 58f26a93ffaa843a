public import MotetCore

extension Image {
    /// The picture as a mirror shows it; `Box.flippedHorizontally(width:)` goes with it.
    public var flippedHorizontally: Image {
        var flipped: [UInt8] = []
        flipped.reserveCapacity(bytes.count)
        for row in 0..<height {
            for column in (0..<width).reversed() {
                let start = (row * width + column) * channels
                flipped.append(contentsOf: bytes[start..<start + channels])
            }
        }
        return Image(height, width, channels, flipped)
    }

    /// A part of the picture; `Box.cropped(rows:columns:)` goes with it.
    ///
    /// - Parameters:
    ///   - rows: the rows to keep, at least one, all inside the picture.
    ///   - columns: the columns to keep, at least one, all inside the picture.
    /// - Returns: the part.
    /// - Throws: `image_size` when they are not.
    public func cropped(rows: Range<Int>, columns: Range<Int>) throws(ImageError) -> Image {
        guard !rows.isEmpty, !columns.isEmpty, rows.lowerBound >= 0, columns.lowerBound >= 0,
            rows.upperBound <= height, columns.upperBound <= width
        else {
            throw ImageError(
                .imageSize,
                "image: a crop is out of range; expected rows within 0..<\(height) and columns "
                    + "within 0..<\(width); received \(rows) and \(columns)."
            )
        }
        var part: [UInt8] = []
        part.reserveCapacity(rows.count * columns.count * channels)
        for row in rows {
            let start = (row * width + columns.lowerBound) * channels
            part.append(contentsOf: bytes[start..<start + columns.count * channels])
        }
        return Image(rows.count, columns.count, channels, part)
    }

    /// Lays another picture over this one; what lies outside is left out.
    ///
    /// - Parameters:
    ///   - image: a picture of as many channels.
    ///   - top: the row of its first row, negative for one above the picture.
    ///   - left: the column of its first column.
    ///   - blend: from the pixel below and the one above to the new one, channel by channel.
    /// - Throws: `image_channels` when the channels differ.
    public mutating func paste(
        _ image: Image,
        top: Int,
        left: Int,
        blend: (_ below: UInt8, _ above: UInt8) -> UInt8 = { $1 }
    ) throws(ImageError) {
        guard image.channels == channels else {
            throw ImageError(
                .imageChannels,
                "image: the one laid over it has other channels; expected \(channels); received "
                    + "\(image.channels). Convert it first."
            )
        }
        let rows = max(0, top)..<max(0, top, min(height, top + image.height))
        let columns = max(0, left)..<max(0, left, min(width, left + image.width))
        for row in rows {
            let above = ((row - top) * image.width + columns.lowerBound - left) * channels
            let below = (row * width + columns.lowerBound) * channels
            for place in 0..<columns.count * channels {
                bytes[below + place] = blend(bytes[below + place], image.bytes[above + place])
            }
        }
    }
}

extension Box {
    /// Checks that the box lies inside a picture and has an area.
    ///
    /// - Parameters:
    ///   - width: the width of the picture in the unit of the box.
    ///   - height: its height.
    ///   - name: what the picture is called in the sentence.
    /// - Throws: `box_outside` when it does not.
    public func requireInside(
        width: Float,
        height: Float,
        name: String
    ) throws(ImageError) {
        guard !isEmpty, left >= 0, top >= 0, right <= width, bottom <= height else {
            throw ImageError(
                .boxOutside,
                "image \"\(name)\": a box is outside the picture or has no area; expected left < "
                    + "right within 0...\(width) and top < bottom within 0...\(height); received "
                    + "left \(left), top \(top), right \(right), bottom \(bottom)."
            )
        }
    }
}
