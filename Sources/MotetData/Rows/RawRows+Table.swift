extension RawRows {
    /// Reads columns of a table as a request would spell them.
    ///
    /// - Parameters:
    ///   - source: the files.
    ///   - names: the columns; each is there.
    /// - Throws: `TableError` where a file or a column cannot be read, or has values of no such spelling: times, and
    ///   whole numbers beyond 64 bits.
    public init(reading source: TableSource, columns names: [String]) throws {
        let types = Dictionary(try source.columns().map { ($0.name, $0.type) }) { first, _ in first
        }
        let reader = try TableReader(
            source,
            columns: names.map {
                // Texts by their numbers in a list, so that equal ones are one in memory.
                ColumnRequest($0, type: types[$0] == .string ? .dictionary : nil)
            }
        )
        var columns: [String: [RawValue]] = [:]
        var count = 0
        while let batch = try reader.next() {
            count += batch.rowCount
            for column in batch.columns {
                guard let values = column.rawValues() else {
                    throw TableError(
                        .columnTypeUnsupported,
                        "\(batch.file), column \"\(column.name)\": its values cannot be spelled in a request; expected "
                            + "texts, numbers, true or false, or lists of them; received \(column.type)."
                    )
                }
                columns[column.name, default: []] += values
            }
        }
        self.init(count: count, columns: columns.mapValues { .each($0) })
    }
}

extension RawValue {
    /// A text cut at a delimiter as training cuts sequences written as text.
    ///
    /// Blanks around values, brackets around
    /// all of them and empty values are left out. Other values stay as they are.
    public func list(delimitedBy delimiter: Character) -> RawValue {
        guard case .text(let text) = self else { return self }
        var all = Self.trimmed(text[...])
        if all.utf8.count >= 2, all.first == "[", all.last == "]" {
            all = all.dropFirst().dropLast()
        }
        let parts = all.split(separator: delimiter).map { Self.trimmed($0) }
        return .list(parts.filter { !$0.isEmpty }.map { .text(String($0)) })
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}

extension ArrowColumn {
    /// The values as a request would spell them; nil where the type has no such spelling.
    fileprivate func rawValues() -> [RawValue]? {
        let rows = 0..<count
        switch type {
        case .boolean: return rows.map { isValid($0) ? .boolean(boolean(at: $0)) : .missing }
        case .float32, .float64:
            var numbers = [Double](repeating: .nan, count: count)
            numbers.withUnsafeMutableBufferPointer { copyDoubles(into: $0) }
            return numbers.map { $0.isNaN ? .missing : .number($0) }
        case .string: return rows.map { text(at: $0).map { .text($0) } ?? .missing }
        case .dictionary:
            let texts = dictionary
            let distinct = (0..<texts.count).map { texts.text(at: $0) }
            return withValues(of: Int32.self) { codes in
                rows.map { row in
                    isValid(row)
                        ? distinct[Int(codes[row])].map { .text($0) } ?? .missing : .missing
                }
            }
        case .timestamp: return nil
        case .list:
            guard let values = elements.rawValues() else { return nil }
            return withListOffsets { offsets in
                rows.map { row in
                    isValid(row)
                        ? .list(Array(values[Int(offsets[row])..<Int(offsets[row + 1])])) : .missing
                }
            }
        default:
            var numbers = [Int64](repeating: 0, count: count)
            let failure = numbers.withUnsafeMutableBufferPointer { copyIntegers(into: $0) }
            return failure == nil
                ? rows.map { isValid($0) ? .integer(numbers[$0]) : .missing } : nil
        }
    }
}
