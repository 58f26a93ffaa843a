import CKernels

extension RowEncoder {
    /// Writes what a role keeps of rows into its column, in place of what it had.
    func fill(
        _ kept: RawTable.Column,
        _ role: ColumnPlan.Role,
        _ values: RowValues,
        _ count: Int,
        _ place: (Int) -> String
    ) throws {
        switch kept {
        case .doubles(let array):
            try fill(array, values, count) { try number($0, role.column, $1, place) }
        case .codes(let array):
            try fill(array, values, count) {
                if case .list = $0 { throw wrongType($0, "one value", role.column, $1, place) }
                return code($0, role)
            }
        case .lists(let lists):
            lists.removeAll()
            for row in 0..<count { try append(values[row], row, to: lists, role, place) }
        }
    }

    /// The text of a value that is looked up, after its column's repairs; nil for a missing one.
    func spelled(
        _ value: RawValue,
        _ column: String,
        _ row: Int,
        _ place: (Int) -> String
    ) throws -> String? {
        if case .list = value { throw wrongType(value, "one value", column, row, place) }
        return repairedText(value, column)
    }

    private static func text(of value: RawValue) -> String? {
        switch value {
        case .missing, .list: nil
        case .boolean(let isTrue): isTrue ? "true" : "false"
        case .integer(let integer): String(integer)
        case .number(let number): number.isNaN ? nil : spelling(number)
        case .text(let text): text.isEmpty ? nil : text
        }
    }

    /// A number as the dictionaries spell it: a whole one as the integer.
    private static func spelling(_ number: Double) -> String {
        if number == number.rounded(.towardZero), abs(number) <= 9_007_199_254_740_992 {
            return String(Int64(number))
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { text in
            let length = Int(motet_spell_double(number, text.baseAddress, text.count))
            return String(
                decoding: text[..<length].lazy.map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
        }
    }

    private func number(
        _ value: RawValue,
        _ column: String,
        _ row: Int,
        _ place: (Int) -> String
    ) throws -> Double {
        switch value {
        case .missing: return .nan
        case .boolean(let isTrue): return isTrue ? 1 : 0
        case .integer(let integer): return Double(integer)
        case .number(let number): return number
        case .list: throw wrongType(value, "one number", column, row, place)
        case .text(let text):
            guard textColumns.contains(column) else {
                throw wrongType(value, "a number", column, row, place)
            }
            let repaired = repairs[column].map { TextRepair.apply($0, to: text) } ?? text
            guard let number = NumberEncoder.number(repaired) else {
                throw PreparationError(
                    "unreadable_value",
                    "\(place(row)), column \"\(column)\": " + NumberEncoder.problem(text),
                    row: row,
                    column: column
                )
            }
            return number
        }
    }

    /// The code of a value; -1 for a missing one, the code behind the last for one nobody knows.
    private func code(_ value: RawValue, _ role: ColumnPlan.Role) -> Int32 {
        switch role {
        case .buckets(let column, let count), .bucketList(let column, _, let count):
            // Repaired columns have codes in files; here their texts are repaired before they are hashed.
            guard let text = repairedText(value, column) else { return -1 }
            return Int32(ValueHash.bucket(of: text, buckets: count) - 1)
        default: break
        }
        let dictionary = dictionaries[plan.dictionaries[role.column] ?? 0]
        let unknown = Int32(dictionary.count)
        if case .integer(let integer) = value, repairs[role.column] == nil {
            return dictionary.find(integer) ?? unknown
        }
        guard let text = repairedText(value, role.column) else { return -1 }
        return dictionary.find(text) ?? unknown
    }

    /// The text of a value after its column's repairs; nil for a missing one.
    func repairedText(_ value: RawValue, _ column: String) -> String? {
        guard let text = Self.text(of: value) else { return nil }
        guard let steps = repairs[column] else { return text }
        guard let repaired = TextRepair.apply(steps, to: text), !repaired.isEmpty else {
            return nil
        }
        return repaired
    }

    /// Adds the codes of a list to those of the rows before; those of a missing one are none.
    ///
    /// Missing elements are left out, as those of lists in files are.
    private func append(
        _ value: RawValue,
        _ row: Int,
        to lists: RawTable.RawLists,
        _ role: ColumnPlan.Role,
        _ place: (Int) -> String
    ) throws {
        let start = lists.values.count
        var length: Int32 = -1
        switch value {
        case .missing: break
        case .list(let values):
            try lists.values.append(values.count) { out in
                var kept = 0
                for value in values {
                    if case .list = value {
                        throw wrongType(value, "single values in the list", role.column, row, place)
                    }
                    out[kept] = code(value, role)
                    kept += out[kept] >= 0 ? 1 : 0
                }
                length = Int32(kept)
                return kept
            }
        default: throw wrongType(value, "a list", role.column, row, place)
        }
        try lists.starts.append(1) { out in
            out[0] = Int64(start)
            return 1
        }
        try lists.lengths.append(1) { out in
            out[0] = length
            return 1
        }
    }

    private func fill<Element: BitwiseCopyable>(
        _ array: ScratchArray<Element>,
        _ values: RowValues,
        _ count: Int,
        _ element: (RawValue, Int) throws -> Element
    ) throws {
        array.removeAll()
        try array.append(count) { out in
            if case .same(let value) = values {
                out.update(repeating: try element(value, 0), count: count)
            } else {
                for row in 0..<count { out[row] = try element(values[row], row) }
            }
            return count
        }
    }

    private func wrongType(
        _ value: RawValue,
        _ expected: String,
        _ column: String,
        _ row: Int,
        _ place: (Int) -> String
    ) -> PreparationError {
        let received =
            switch value {
            case .missing: "nothing"
            case .boolean: "true or false"
            case .integer, .number: "a number"
            case .text: "a text"
            case .list: "a list"
            }
        return PreparationError(
            "wrong_type",
            "\(place(row)), column \"\(column)\": a value of the wrong type; expected \(expected); "
                + "received \(received).",
            row: row,
            column: column
        )
    }
}
