extension Box {
    /// The box after its picture was mirrored left to right.
    ///
    /// - Parameter width: the width of the picture in the unit of the box: pixels, or 1 for shares.
    /// - Returns: the box in the mirror image.
    public func flippedHorizontally(width: Float) -> Box {
        Box(left: width - right, top: top, right: width - left, bottom: bottom)
    }

    /// The box moved to the right and downwards.
    public func moved(x: Float, y: Float) -> Box {
        Box(left: left + x, top: top + y, right: right + x, bottom: bottom + y)
    }

    /// The box after its picture was made wider and higher by factors; also turns pixels into shares and
    /// back.
    public func scaled(x: Float, y: Float) -> Box {
        Box(left: left * x, top: top * y, right: right * x, bottom: bottom * y)
    }

    /// The part of the box that lies inside a picture; empty where that is nothing.
    public func clipped(width: Float, height: Float) -> Box {
        intersection(Box(left: 0, top: 0, right: width, bottom: height))
    }

    /// The box, in pixels, after its picture was cropped: in the pixels of the part, and only what of it
    /// is left there; empty where that is nothing.
    ///
    /// - Parameters:
    ///   - rows: the rows that were kept.
    ///   - columns: the columns that were kept.
    /// - Returns: the box in the part.
    public func cropped(rows: Range<Int>, columns: Range<Int>) -> Box {
        moved(x: -Float(columns.lowerBound), y: -Float(rows.lowerBound))
            .clipped(width: Float(columns.count), height: Float(rows.count))
    }
}
