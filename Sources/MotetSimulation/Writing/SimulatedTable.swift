import MotetData

/// A table as it is written: names and values of columns.
struct SimulatedTable {
    /// A column.
    struct Column {
        let name: String
        let values: TableValues
        /// Whether the values hardly ever come again.
        let isSpread: Bool
    }

    private(set) var columns: [Column] = []

    mutating func add(_ name: String, _ values: TableValues, isSpread: Bool = false) {
        columns.append(Column(name: name, values: values, isSpread: isSpread))
    }

    /// Adds numbers that hardly ever come again.
    mutating func addSpread(_ name: String, _ values: [Float]) {
        add(name, .float32(values), isSpread: true)
    }

    /// Starts a file for such tables.
    func writer(_ path: String) throws -> TableWriter {
        try TableWriter(
            path: path,
            columns: columns.map { ColumnDescription(name: $0.name, type: $0.values.type) },
            spread: Set(columns.filter(\.isSpread).map(\.name))
        )
    }

    /// Writes a file of this table alone.
    func write(_ path: String) throws {
        let writer = try writer(path)
        try writer.append(columns.map(\.values))
        try writer.finish()
    }
}
