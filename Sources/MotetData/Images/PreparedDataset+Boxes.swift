import MotetCore

extension PreparedDataset {
    /// Checks that the boxes of a column lie inside their pictures and have an area.
    ///
    /// Training takes boxes in any unit and so cannot tell that one is outside; call this once on data that
    /// others have labelled. `augmented(_:)` does.
    ///
    /// - Parameters:
    ///   - name: the column, `[R, 4]` floats: left, top, right, bottom; all NaN where there is no box.
    ///   - width: the width of a picture in the unit of the boxes; 1 where they are shares of it.
    ///   - height: the height of a picture in that unit.
    /// - Throws: `ImageError` with `box_outside` for the first row whose box is not inside, or has no area;
    ///   `TableError` when there is no such column or it holds no boxes.
    public func requireBoxes(_ name: String, width: Float = 1, height: Float = 1) throws {
        let kind = columns[try index(of: name)].kind
        guard kind == .float32(width: 4) else {
            throw TableError(
                .columnTypeUnsupported,
                "data, column \"\(name)\": the column holds no boxes; expected 4 floats a row; "
                    + "received \(kind)."
            )
        }
        try withFloats(name) { borders in
            for row in 0..<rowCount {
                let four = borders[4 * row..<4 * row + 4]
                if four.allSatisfy(\.isNaN) { continue }
                try Box(borders: Array(four))
                    .requireInside(width: width, height: height, name: "row \(row) of \(name)")
            }
        }
    }
}
