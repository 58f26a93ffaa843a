import MotetCore
import MotetData

/// The columns of a table whose texts are embedded: the text, and those written beside the vectors.
struct EmbeddedColumns {
    private let source: TableSource
    private let text: String
    private var kept: [ColumnDescription]

    init(_ source: TableSource, text: String, kept names: [String]?) throws {
        self.source = source
        self.text = text
        let columns = try source.columns()
        let known = columns.map(\.name)
        for name in [text] + (names ?? []) where !known.contains(name) {
            throw TableError(
                .columnUnknown,
                "table \"\(source.paths.joined(separator: ", "))\": there is no column \"\(name)\"; expected one of \(known.joined(separator: ", "))."
                    + Suggestion.sentence(for: name, in: known)
            )
        }
        if let taken = (names ?? known).first(where: { $0.hasPrefix("embedding_") }) {
            throw TableError(
                .columnNames,
                "table \"\(source.paths.joined(separator: ", "))\": the column \"\(taken)\" has the name of a vector's column; expected others. Name the columns to write with `--keep`."
            )
        }
        self.kept = columns.filter { names?.contains($0.name) ?? true }
    }

    /// The columns to write.
    var descriptions: [ColumnDescription] { kept }

    /// A reader of the text and the kept columns, each in the type it is written in.
    func reader() throws -> TableReader {
        var requests = kept.filter { $0.name != text }.map { ColumnRequest($0.name, type: $0.type) }
        requests.append(ColumnRequest(text, type: .string))
        return try TableReader(source, columns: requests)
    }

    /// Counts the rows, and gives columns with missing values, or of other types, the type of texts.
    mutating func countRows() throws -> Int {
        let others = kept.filter { $0.name != text }.map { ColumnRequest($0.name) }
        let reader = try TableReader(source, columns: [ColumnRequest(text)] + others)
        var rows = 0
        var isPlain = kept.map { column in
            switch column.type {
            case .int32, .int64, .float32, .float64, .boolean: column.name != text
            default: false
            }
        }
        while let batch = try reader.next() {
            rows += batch.rowCount
            for index in kept.indices where isPlain[index] {
                isPlain[index] = try batch.column(kept[index].name).nullCount == 0
            }
        }
        kept = zip(kept, isPlain).map { column, isPlain in
            isPlain ? column : ColumnDescription(name: column.name, type: .string)
        }
        return rows
    }

    /// The values of some rows of a batch.
    func values(_ batch: RecordBatch, _ rows: Range<Int>) throws -> [TableValues] {
        try kept.map { description in
            let column = try batch.column(description.name)
            switch description.type {
            case .int32: return column.withValues(of: Int32.self) { .int32(Array($0[rows])) }
            case .int64: return column.withValues(of: Int64.self) { .int64(Array($0[rows])) }
            case .float32: return column.withValues(of: Float.self) { .float32(Array($0[rows])) }
            case .float64: return column.withValues(of: Double.self) { .float64(Array($0[rows])) }
            case .boolean: return .boolean(rows.map { column.boolean(at: $0) })
            default: return .string(rows.map { column.text(at: $0) })
            }
        }
    }
}
