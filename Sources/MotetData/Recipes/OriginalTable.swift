/// A text column as codes into its distinct values, in order of appearance.
struct TextColumn: Hashable, Sendable {
    /// For each row the index of its text, -1 where it is missing.
    var codes: [Int32] = []
    /// The distinct texts.
    var values: [String] = []

    /// The text of a row, or nil.
    func text(_ row: Int) -> String? { codes[row] < 0 ? nil : values[Int(codes[row])] }
}

/// Gives every distinct text a number, in order of appearance.
struct TextNumbers {
    private(set) var values: [String] = []
    private var numbers: [String: Int32] = [:]

    /// The number of a text.
    mutating func number(of text: String) -> Int32 {
        if let known = numbers[text] { return known }
        let next = Int32(values.count)
        numbers[text] = next
        values.append(text)
        return next
    }

    /// The column of codes made with these numbers.
    func column(_ codes: [Int32]) -> TextColumn { TextColumn(codes: codes, values: values) }
}

/// Some columns of an original file, whole in memory.
struct OriginalTable {
    /// The number of rows.
    let rowCount: Int
    private let file: String
    private var integerColumns: [String: [Int64]] = [:]
    private var numberColumns: [String: [Double]] = [:]
    private var textColumns: [String: TextColumn] = [:]

    /// Reads columns.
    ///
    /// - Parameters:
    ///   - source: the file.
    ///   - integers: columns of whole numbers or times (microseconds), without missing values.
    ///   - numbers: columns of numbers; a missing value becomes NaN.
    ///   - texts: columns of text.
    /// - Throws: `TableError`, or ``DatasetError`` when a whole number is none or is missing.
    init(
        _ source: TableSource,
        integers: [String] = [],
        numbers: [String] = [],
        texts: [String] = []
    ) throws {
        let isText = try source.resolved().format == .csv
        let reader = try TableReader(
            source,
            columns: integers.map { ColumnRequest($0, type: isText ? .int64 : nil) }
                + numbers.map { ColumnRequest($0, type: isText ? .float64 : nil) }
                + texts.map { ColumnRequest($0, type: .dictionary) }
        )
        file = reader.files.first ?? ""
        var rows = 0
        var numbering = texts.map { _ in TextNumbers() }
        var codes = texts.map { _ in [Int32]() }
        while let batch = try reader.next() {
            rows += batch.rowCount
            for (name, column) in zip(integers, batch.columns) {
                if let row = OriginalTable.append(column, to: &integerColumns[name, default: []]) {
                    throw DatasetError(
                        .datasetContent,
                        "\(reader.place(ofRow: row, in: batch)), column \"\(name)\": no whole "
                            + "number; expected one in every row of this data set."
                    )
                }
            }
            for (name, column) in zip(numbers, batch.columns.dropFirst(integers.count)) {
                OriginalTable.append(column, to: &numberColumns[name, default: []])
            }
            for index in texts.indices {
                let column = batch.columns[integers.count + numbers.count + index]
                OriginalTable.append(column, to: &codes[index], &numbering[index])
            }
        }
        rowCount = rows
        for (index, name) in texts.enumerated() {
            textColumns[name] = numbering[index].column(codes[index])
        }
    }

    /// A column of whole numbers that was asked for.
    func integers(_ name: String) -> [Int64] { integerColumns[name] ?? [] }

    /// A column of numbers that was asked for.
    func numbers(_ name: String) -> [Double] { numberColumns[name] ?? [] }

    /// A column of text that was asked for.
    func texts(_ name: String) -> TextColumn { textColumns[name] ?? TextColumn() }

    /// Appends whole numbers; the row that has none, or nil.
    private static func append(_ column: ArrowColumn, to values: inout [Int64]) -> Int? {
        var added = [Int64](repeating: 0, count: column.count)
        let failure = added.withUnsafeMutableBufferPointer { column.copyIntegers(into: $0) }
        if let failure { return failure }
        if column.mayHaveNulls, let row = (0..<column.count).first(where: { !column.isValid($0) }) {
            return row
        }
        values.append(contentsOf: added)
        return nil
    }

    private static func append(_ column: ArrowColumn, to values: inout [Double]) {
        let start = values.count
        values.append(contentsOf: repeatElement(0, count: column.count))
        values.withUnsafeMutableBufferPointer { buffer in
            column.copyDoubles(into: UnsafeMutableBufferPointer(rebasing: buffer[start...]))
        }
    }

    /// Appends texts; a batch numbers its texts in its own way.
    private static func append(
        _ column: ArrowColumn,
        to codes: inout [Int32],
        _ numbers: inout TextNumbers
    ) {
        let dictionary = column.dictionary
        let global = (0..<dictionary.count).map {
            numbers.number(of: dictionary.text(at: $0) ?? "")
        }
        column.withValues(of: Int32.self) { local in
            for row in 0..<column.count {
                codes.append(column.isValid(row) ? global[Int(local[row])] : -1)
            }
        }
    }
}
