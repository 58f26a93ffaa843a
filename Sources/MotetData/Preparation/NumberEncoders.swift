import CKernels

/// Keeps a number a row, NaN where it is missing; text is repaired and read once a distinct value.
final class NumberEncoder: ColumnEncoder {
    private let column: String
    private let repairs: [TextRepair]
    /// Reads dates as seconds too.
    private let readsTimes: Bool
    /// Rows whose text a repair changed.
    private(set) var repaired = 0

    private let texts = Interner()
    private lazy var source = CodeSource(.dictionary(texts))
    private let codes = ReusedMemory<Int32>()
    /// The numbers of the distinct texts, after one for a missing value.
    private var numbers: [Double] = [.nan]
    private var isRepaired: [Bool] = [false]
    /// Distinct texts that are no numbers.
    private var unreadable: [Int32: String] = [:]

    init(column: String, repairs: [TextRepair], readsTimes: Bool = false) {
        self.column = column
        self.repairs = repairs
        self.readsTimes = readsTimes
    }

    func encode(_ batch: ArrowColumn, into column: RawTable.Column) throws -> UnreadableValue? {
        guard case .doubles(let doubles) = column else { return nil }
        var failure: UnreadableValue?
        try doubles.append(batch.count) { out in
            let buffer = UnsafeMutableBufferPointer(start: out, count: batch.count)
            switch batch.type {
            case .string, .dictionary: failure = try readTexts(batch, into: buffer)
            case .list:
                failure = UnreadableValue(
                    row: 0,
                    problem: "not a single number; expected one number in a row; received a list."
                )
            case .timestamp:
                batch.copyDoubles(into: buffer)
                for row in buffer.indices { buffer[row] /= 1e6 }
            default: batch.copyDoubles(into: buffer)
            }
            return batch.count
        }
        return failure
    }

    private func readTexts(
        _ batch: ArrowColumn,
        into buffer: UnsafeMutableBufferPointer<Double>
    ) throws -> UnreadableValue? {
        let codes = codes.room(batch.count)
        guard let base = codes.baseAddress, let out = buffer.baseAddress else { return nil }
        try source.encode(batch, into: base)
        for code in (numbers.count - 1)..<texts.count { read(Int32(code)) }
        motet_map_codes_to_doubles(base, Int64(batch.count), numbers, out)
        if !repairs.isEmpty {
            for code in codes where isRepaired[Int(code) + 1] { repaired += 1 }
        }
        guard !unreadable.isEmpty,
            let row = codes.firstIndex(where: { unreadable[$0] != nil }),
            let text = unreadable[codes[row]]
        else { return nil }
        return UnreadableValue(row: row, problem: problem(text))
    }

    private func read(_ code: Int32) {
        let text = texts.text(code)
        let value = repairs.isEmpty ? text : TextRepair.apply(repairs, to: text)
        isRepaired.append(value != text)
        if let number = Self.number(value, readsTimes: readsTimes) {
            numbers.append(number)
        } else {
            numbers.append(.nan)
            unreadable[code] = text
        }
    }

    /// The number a repaired text spells, NaN for a missing one; nil where it spells none.
    static func number(_ text: String?, readsTimes: Bool = false) -> Double? {
        guard let text = text?.trimmed, !missing.contains(text) else { return .nan }
        return Double(text) ?? (readsTimes ? TimeValue.parse(text) : nil)
    }

    private func problem(_ text: String) -> String { Self.problem(text, readsTimes: readsTimes) }

    /// What is wrong with a text that spells no number.
    static func problem(_ text: String, readsTimes: Bool = false) -> String {
        if readsTimes {
            return "not a time; expected a number or a date such as 2011-10-01 12:00:00; received "
                + "\"\(text)\"."
        }
        var advice = ""
        if let comma = TextRepair.decimalComma.applied(to: text), comma != text,
            Double(comma.trimmed) != nil
        {
            advice = " Set `decimal: comma` if that is the separator."
        }
        return "not a number; expected a finite number; received \"\(text)\"." + advice
    }

    /// Spellings of a missing number.
    static let missing: Set<String> = [
        "", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "NaN", "nan", "-NaN", "-nan", "None",
    ]
}
