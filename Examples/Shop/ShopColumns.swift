import ExampleSupport
import Motet

/// Columns of numbers of a file.
struct ShopColumns {
    let rowCount: Int
    private let columns: [String: [Float]]
    private let path: String

    /// Reads every column of numbers.
    ///
    /// - Parameter path: the file.
    /// - Throws: `TableError` where it cannot be read.
    init(_ path: String) throws {
        let reader = try TableReader(TableSource(path))
        var columns: [String: [Float]] = [:]
        var count = 0
        while let batch = try reader.next() {
            for column in batch.columns where column.type != .string {
                let values = [Float](unsafeUninitializedCapacity: batch.rowCount) { memory, count in
                    column.copyFloats(into: .init(rebasing: memory[..<batch.rowCount]))
                    count = batch.rowCount
                }
                columns[column.name, default: []] += values
            }
            count += batch.rowCount
        }
        (self.columns, self.path, rowCount) = (columns, path, count)
    }

    /// A column; NaN where it is missing.
    func callAsFunction(_ name: String) throws -> [Float] {
        guard let column = columns[name] else {
            throw ExampleError("\(path): expected a column of numbers called \(name).")
        }
        return column
    }
}
