/// Some rows of a prepared data set as one batch, again and again in the same memory.
///
/// It has one owner, which may move between threads but not be used by two.
package final class PickedRows {
    /// The rows picked last.
    package let buffer: BatchBuffer
    /// The most rows.
    package let capacity: Int
    private let assembler: BatchAssembler

    /// Makes the memory.
    ///
    /// - Parameters:
    ///   - dataset: the data set.
    ///   - columns: the columns of the batch.
    ///   - capacity: the most rows, at least one.
    /// - Throws: `TableError` when a column is unknown.
    package init(_ dataset: PreparedDataset, columns: [String], capacity: Int) throws {
        self.capacity = capacity
        assembler = try BatchAssembler(
            dataset,
            columns: columns,
            options: BatchLoaderOptions(batchSize: capacity)
        )
        buffer = assembler.makeBuffer()
    }

    /// Fills the buffer with rows.
    ///
    /// - Parameter rows: the rows, in the order of the batch; at most `capacity`, one may stand there more than once.
    /// - Throws: `TableError` when a row is not there, or the data is damaged.
    package func pick(_ rows: [Int]) throws(TableError) {
        precondition(rows.count <= capacity, "PickedRows: \(rows.count) rows do not fit.")
        for row in rows where !(0..<assembler.dataset.rowCount).contains(row) {
            throw TableError(
                .tableOption,
                "picked rows: a row is out of range; expected rows within 0..<\(assembler.dataset.rowCount); received \(row)."
            )
        }
        try assembler.fill(buffer, rows: rows)
    }
}
