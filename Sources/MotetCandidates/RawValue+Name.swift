public import MotetData

extension RawValue {
    /// The value as the name of an item, a category or a place: whole numbers as they are printed; nil where
    /// there is none.
    public var name: String? {
        switch self {
        case .missing, .list: nil
        case .boolean(let isTrue): isTrue ? "1" : "0"
        case .integer(let integer): String(integer)
        case .number(let number):
            number.isNaN ? nil : Int64(exactly: number).map { String($0) } ?? "\(number)"
        case .text(let text): text.isEmpty ? nil : text
        }
    }

    /// The value as a number; nil where it is none.
    public var double: Double? {
        switch self {
        case .boolean(let isTrue): isTrue ? 1 : 0
        case .integer(let integer): Double(integer)
        case .number(let number): number.isNaN ? nil : number
        case .missing, .text, .list: nil
        }
    }
}

extension ArrowColumn {
    /// The values of a column as a request would spell them; nil where its type has no such spelling.
    func rawValues() -> [RawValue]? {
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
            // One text for all rows that have it.
            let distinct = (0..<texts.count).map { texts.text(at: $0) }
            return withValues(of: Int32.self) { codes in
                rows.map { row in
                    guard isValid(row), let text = distinct[Int(codes[row])] else {
                        return .missing
                    }
                    return .text(text)
                }
            }
        case .timestamp: return nil
        case .list:
            guard let values = elements.rawValues() else { return nil }
            return withListOffsets { offsets in
                rows.map { row in
                    guard isValid(row) else { return .missing }
                    return .list(Array(values[Int(offsets[row])..<Int(offsets[row + 1])]))
                }
            }
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
            var numbers = [Int64](repeating: 0, count: count)
            let failure = numbers.withUnsafeMutableBufferPointer { copyIntegers(into: $0) }
            guard failure == nil else { return nil }
            return rows.map { isValid($0) ? .integer(numbers[$0]) : .missing }
        }
    }
}

extension TableSource {
    /// A reader of some columns, texts by their numbers in a list.
    ///
    /// - Parameter names: the columns; nil for all whose values have a spelling in requests.
    /// - Returns: the reader.
    /// - Throws: `TableError` when a file or a column is missing or cannot be read.
    func reader(of names: [String]?) throws -> TableReader {
        let columns = try self.columns()
        let types = Dictionary(columns.map { ($0.name, $0.type) }) { first, _ in first }
        let wanted = names ?? columns.filter { $0.type.isSpelled }.map(\.name)
        return try TableReader(
            self,
            columns: wanted.map {
                ColumnRequest($0, type: types[$0] == .string ? .dictionary : nil)
            }
        )
    }
}

extension ColumnType {
    fileprivate var isSpelled: Bool {
        switch self {
        case .timestamp: false
        case .list(let element): element.isSpelled
        default: true
        }
    }
}
