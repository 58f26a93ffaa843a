import Foundation
import MotetData
import MotetDecisions

/// Reads what became of decisions, and what another policy would have decided.
enum PolicyTables {
    /// The units of each decision.
    ///
    /// - Parameter path: a table with the columns `decision` and `units`, or JSON lines.
    /// - Returns: the units by decision.
    /// - Throws: `TableError` or `DecisionError` with the place of what is wrong.
    static func outcomes(_ path: String) throws -> [String: Double] {
        var outcomes: [String: Double] = [:]
        try read(path, names: ["decision"], numbers: ["units"]) { row in
            let (decision, units) = (row.names[0], row.numbers[0])
            guard units >= 0, units <= 1e12 else {
                throw row.mistake("units", "no number of sales", "0 to 1e12", "\(units)")
            }
            guard outcomes.updateValue(units, forKey: decision) == nil else {
                throw row.mistake(
                    "decision",
                    "named twice",
                    "one outcome of each",
                    "\"\(decision)\""
                )
            }
        }
        return outcomes
    }

    /// Another policy.
    ///
    /// - Parameter text: `best`, `present`, or a table with `item` and `price` or with `decision`, `price` and
    ///   `probability`.
    /// - Returns: the policy.
    /// - Throws: `TableError` or `DecisionError` with the place of what is wrong.
    static func candidate(_ text: String) throws -> PriceCandidate {
        switch text {
        case "best": return .best
        case "present": return .present
        default: break
        }
        guard try columns(text).contains("probability") else { return .prices(try prices(text)) }
        var choices: [String: [(price: Double, probability: Double)]] = [:]
        try read(text, names: ["decision"], numbers: ["price", "probability"]) { row in
            let (price, probability) = (row.numbers[0], row.numbers[1])
            try check(price, row)
            guard 0...1 ~= probability else {
                throw row.mistake("probability", "out of range", "0 to 1", "\(probability)")
            }
            choices[row.names[0], default: []].append((price, probability))
        }
        return .propensities(choices)
    }

    private static func prices(_ path: String) throws -> [String: Double] {
        var prices: [String: Double] = [:]
        try read(path, names: ["item"], numbers: ["price"]) { row in
            let (item, price) = (row.names[0], row.numbers[0])
            try check(price, row)
            guard prices.updateValue(price, forKey: item) == nil else {
                throw row.mistake("item", "named twice", "one price of each", "\"\(item)\"")
            }
        }
        return prices
    }

    private static func check(_ price: Double, _ row: Row) throws(DecisionError) {
        guard price > 0, price <= 1e9 else {
            throw row.mistake("price", "out of range", "above 0, at most 1e9", "\(price)")
        }
    }

    /// A row of a table, by the columns that were asked for.
    struct Row {
        var names: [String] = []
        var numbers: [Double] = []
        /// Where it stands.
        let place: () -> String

        func mistake(
            _ column: String,
            _ what: String,
            _ expected: String,
            _ received: String
        ) -> DecisionError {
            DecisionError(
                .decision,
                "\(place()), column \"\(column)\": \(what); expected \(expected); received \(received)."
            )
        }
    }

    private static func read(
        _ path: String,
        names: [String],
        numbers: [String],
        _ body: (Row) throws -> Void
    ) throws {
        guard !isLines(path) else {
            return try JSONLines.read(path, names: names, numbers: numbers, body)
        }
        let source = TableSource(path)
        let isText = ["csv", "tsv", "txt"].contains(
            URL(fileURLWithPath: path).pathExtension.lowercased()
        )
        // Names that look like numbers stay as they are written.
        let requests =
            names.map { ColumnRequest($0, type: isText ? .string : nil) }
            + numbers.map { ColumnRequest($0, type: isText ? .float64 : nil) }
        let reader = try TableReader(source, columns: requests)
        while let batch = try reader.next() {
            for index in 0..<batch.rowCount {
                var row = Row { reader.place(ofRow: index, in: batch) }
                for (column, name) in zip(batch.columns, names) {
                    guard let value = column.name(at: index) else {
                        throw row.mistake(name, "no name", "a text or a whole number", "nothing")
                    }
                    row.names.append(value)
                }
                for (column, name) in zip(batch.columns[names.count...], numbers) {
                    guard let value = column.number(at: index), value.isFinite else {
                        throw row.mistake(name, "no number", "a finite number", "nothing")
                    }
                    row.numbers.append(value)
                }
                try body(row)
            }
        }
    }

    /// The columns of a table, or the keys of the first line.
    private static func columns(_ path: String) throws -> [String] {
        isLines(path) ? try JSONLines.keys(path) : try TableSource(path).columns().map(\.name)
    }

    private static func isLines(_ path: String) -> Bool {
        ["jsonl", "ndjson"].contains(URL(fileURLWithPath: path).pathExtension.lowercased())
    }
}

extension ArrowColumn {
    /// A value as a name; nil where there is none.
    fileprivate func name(at row: Int) -> String? {
        guard isValid(row) else { return nil }
        switch type {
        case .string: return text(at: row).flatMap { $0.isEmpty ? nil : $0 }
        case .dictionary:
            return withValues(of: Int32.self) { dictionary.text(at: Int($0[row])) }
        default:
            guard type.isInteger, let number = number(at: row) else { return nil }
            return Int64(exactly: number).map { String($0) }
        }
    }
}
