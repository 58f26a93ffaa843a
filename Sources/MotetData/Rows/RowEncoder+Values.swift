import CKernels

extension RowEncoder {
    /// What a role keeps of a column of rows.
    func read(
        _ role: ColumnPlan.Role,
        _ rows: RawRows,
        _ place: (Int) -> String
    ) throws -> RawTable.Column {
        let column = rows.columns[role.column] ?? .same(.missing)
        switch role {
        case .number, .time:
            return .doubles(
                try filled(rows.count, column) { try number($0, role.column, $1, place) }
            )
        case .codes, .buckets:
            return .codes(
                try filled(rows.count, column) {
                    if case .list = $0 { throw wrongType($0, "one value", role.column, $1, place) }
                    return code($0, role)
                }
            )
        case .list, .bucketList: return .lists(try lists(role, rows.count, column, place))
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

    private func repairedText(_ value: RawValue, _ column: String) -> String? {
        guard let text = Self.text(of: value) else { return nil }
        guard let steps = repairs[column] else { return text }
        guard let repaired = TextRepair.apply(steps, to: text), !repaired.isEmpty else {
            return nil
        }
        return repaired
    }

    private func lists(
        _ role: ColumnPlan.Role,
        _ count: Int,
        _ column: RawRows.Column,
        _ place: (Int) -> String
    ) throws -> RawTable.RawLists {
        let lists = RawTable.RawLists(directory: "", memoryBytes: .max, expected: count)
        func append(_ codes: [Int32]?) throws {
            let start = lists.values.count
            try lists.values.append(codes?.count ?? 0) { out in
                for (index, code) in (codes ?? []).enumerated() { out[index] = code }
                return codes?.count ?? 0
            }
            try lists.starts.append(1) { out in
                out[0] = Int64(start)
                return 1
            }
            try lists.lengths.append(1) { out in
                out[0] = codes.map { Int32($0.count) } ?? -1
                return 1
            }
        }
        switch column {
        case .same(let value):
            let codes = try codes(of: value, role, 0, place)
            for _ in 0..<count { try append(codes) }
        case .each(let values):
            for row in 0..<count { try append(codes(of: values[row], role, row, place)) }
        }
        return lists
    }

    /// The codes of a list; nil for a missing one.
    ///
    /// Missing elements are left out, as those of lists in files are.
    private func codes(
        of value: RawValue,
        _ role: ColumnPlan.Role,
        _ row: Int,
        _ place: (Int) -> String
    ) throws -> [Int32]? {
        switch value {
        case .missing: return nil
        case .list(let values):
            var codes: [Int32] = []
            codes.reserveCapacity(values.count)
            for value in values {
                if case .list = value {
                    throw wrongType(value, "single values in the list", role.column, row, place)
                }
                let code = code(value, role)
                if code >= 0 { codes.append(code) }
            }
            return codes
        default: throw wrongType(value, "a list", role.column, row, place)
        }
    }

    private func filled<Element: BitwiseCopyable>(
        _ count: Int,
        _ column: RawRows.Column,
        _ element: (RawValue, Int) throws -> Element
    ) throws -> ScratchArray<Element> {
        let array = ScratchArray<Element>(directory: "", memoryBytes: .max, expected: count)
        try array.append(count) { out in
            switch column {
            case .same(let value): out.update(repeating: try element(value, 0), count: count)
            case .each(let values):
                for row in 0..<count { out[row] = try element(values[row], row) }
            }
            return count
        }
        return array
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
