/// The columns of a prepared file, or of a stretch of its rows, ready to be written.
struct RecipeTable: Sendable {
    /// The values of one column.
    enum Values: Sendable {
        /// Whole numbers.
        case integers([Int32])
        /// Numbers; NaN is a missing value.
        case numbers([Float])
        /// Texts; the code -1 is a missing value.
        case texts(TextColumn)
        /// Lists of whole numbers: row `r` has the values `offsets[r] ..< offsets[r + 1]`.
        case integerLists(offsets: [Int32], values: [Int32])
        /// Lists of texts; written as one text with `|` between them.
        case textLists(offsets: [Int32], values: TextColumn)

        /// The number of rows.
        var count: Int {
            switch self {
            case .integers(let values): values.count
            case .numbers(let values): values.count
            case .texts(let column): column.codes.count
            case .integerLists(let offsets, _), .textLists(let offsets, _): offsets.count - 1
            }
        }
    }

    /// A column.
    struct Column: Sendable {
        let name: String
        var values: Values
    }

    /// The columns, in the order of the file.
    private(set) var columns: [Column] = []

    /// The number of rows.
    var rowCount: Int { columns.first?.values.count ?? 0 }

    /// The names of the columns.
    var names: [String] { columns.map(\.name) }

    /// The values of a column, or nil.
    subscript(name: String) -> Values? { columns.first { $0.name == name }?.values }

    /// Adds a column; all columns have the same number of rows.
    mutating func add(_ name: String, _ values: Values) {
        precondition(
            columns.isEmpty || values.count == rowCount,
            "RecipeTable: column \"\(name)\" has \(values.count) rows, the others \(rowCount)."
        )
        columns.append(Column(name: name, values: values))
    }

    /// The rows of some indices, in that order.
    func rows(_ indices: [Int]) -> RecipeTable {
        var table = RecipeTable()
        for column in columns { table.add(column.name, column.values.rows(indices)) }
        return table
    }
}

extension RecipeTable.Values {
    fileprivate func rows(_ indices: [Int]) -> RecipeTable.Values {
        switch self {
        case .integers(let values): return .integers(indices.map { values[$0] })
        case .numbers(let values): return .numbers(indices.map { values[$0] })
        case .texts(let column):
            let codes = indices.map { column.codes[$0] }
            return .texts(TextColumn(codes: codes, values: column.values))
        case .integerLists(let offsets, let values):
            let (starts, picked) = RecipeTable.Values.pick(indices, offsets, values)
            return .integerLists(offsets: starts, values: picked)
        case .textLists(let offsets, let column):
            let (starts, picked) = RecipeTable.Values.pick(indices, offsets, column.codes)
            return .textLists(
                offsets: starts,
                values: TextColumn(codes: picked, values: column.values)
            )
        }
    }

    private static func pick(
        _ indices: [Int],
        _ offsets: [Int32],
        _ values: [Int32]
    ) -> ([Int32], [Int32]) {
        var starts: [Int32] = [0]
        var picked: [Int32] = []
        for index in indices {
            picked.append(contentsOf: values[Int(offsets[index])..<Int(offsets[index + 1])])
            starts.append(Int32(picked.count))
        }
        return (starts, picked)
    }
}
