extension PreparedDataset {
    /// Some of the rows as a data set in memory.
    ///
    /// - Parameter rows: the numbers of the rows, each below `rowCount`, in the order they are wanted.
    /// - Returns: the same columns with these rows.
    public func selecting(_ rows: [Int]) -> PreparedDataset {
        let made = columns.indices.map { gathered($0, rows) }
        return PreparedDataset(
            rowCount: rows.count,
            columns: zip(columns, made).map { column, made in
                var column = column
                column.valueCount = made.count
                return column
            },
            contentKey: "",
            values: made.map(\.values),
            offsets: made.map(\.offsets),
            augmentations: augmentations
        )
    }

    /// The data set with one column's rows in another order; the other columns stay, and are not copied.
    ///
    /// - Parameters:
    ///   - name: the column.
    ///   - order: for each row the row whose values it gets, each below `rowCount`.
    ///   - elements: which values of a row change, where the column has several of a fixed number; nil for all.
    /// - Returns: the changed data set.
    /// - Throws: `TableError` with the code `column_unknown`.
    public func reordering(
        _ name: String,
        by order: [Int],
        elements: [Int]? = nil
    ) throws(TableError) -> PreparedDataset {
        precondition(order.count == rowCount, "an order has one row for each row")
        let index = try index(of: name)
        var (values, offsets) = (values, offsets)
        if let elements, !columns[index].kind.isRagged {
            values[index] = reordered(index, order, elements)
        } else {
            let made = gathered(index, order)
            values[index] = made.values
            offsets[index] = made.offsets
        }
        return PreparedDataset(
            rowCount: rowCount,
            columns: columns,
            contentKey: "",
            values: values,
            offsets: offsets,
            augmentations: augmentations
        )
    }

    /// A column's values at some rows, and how many there are.
    private func gathered(
        _ index: Int,
        _ rows: [Int]
    ) -> (values: PreparedMemory, offsets: PreparedMemory?, count: Int) {
        let kind = columns[index].kind
        let bytes = values[index].bytes
        let size = kind.elementSize
        var gathered: [UInt8] = []
        var ends: [Int64] = [0]
        let starts = kind.isRagged ? rowOffsets(index) : nil
        for row in rows {
            let range: Range<Int>
            if let starts {
                range = Int(starts[row]) * size..<Int(starts[row + 1]) * size
                ends.append((ends.last ?? 0) + starts[row + 1] - starts[row])
            } else {
                range = row * kind.width * size..<(row + 1) * kind.width * size
            }
            gathered.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        let made = gathered.withUnsafeBufferPointer { PreparedMemory($0) }
        let offsets = starts.map { _ in ends.withUnsafeBufferPointer { PreparedMemory($0) } }
        return (made, offsets, gathered.count / size)
    }

    /// A column of a fixed number of values a row, some of which come from other rows.
    private func reordered(_ index: Int, _ order: [Int], _ elements: [Int]) -> PreparedMemory {
        let kind = columns[index].kind
        let bytes = values[index].bytes
        let (size, width) = (kind.elementSize, kind.width)
        var changed = [UInt8](bytes)
        for (row, source) in order.enumerated() {
            for element in elements {
                let from = (source * width + element) * size
                let to = (row * width + element) * size
                for byte in 0..<size { changed[to + byte] = bytes[from + byte] }
            }
        }
        return changed.withUnsafeBufferPointer { PreparedMemory($0) }
    }
}
