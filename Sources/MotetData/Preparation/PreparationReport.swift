import Foundation

/// What preparation read, changed, dropped and wrote; prints as a table.
public struct PreparationReport: Codable, Hashable, Sendable, CustomStringConvertible {
    /// What one rule did to the rows of one source or part.
    public struct Entry: Codable, Hashable, Sendable {
        /// The rule, policy or event.
        public var rule: String
        /// Where: a part of the data, or all of it.
        public var part: String
        /// Rows (for sequences and ids: values) changed.
        public var changed: Int
        /// Rows dropped.
        public var dropped: Int
    }

    /// The rows of one part.
    public struct PartRows: Codable, Hashable, Sendable {
        /// Which part.
        public var part: String
        /// Rows read for it.
        public var read: Int
        /// Rows dropped from it.
        public var dropped: Int
        /// Rows written.
        public var written: Int
    }

    /// Rows by part.
    public var parts: [PartRows] = []
    /// What the rules did, in the order they ran; rules that did nothing are there with zeros.
    public var rules: [Entry] = []
    /// Values outside the vocabulary, encoded as unknown, by feature and part.
    public var unknownValues: [Entry] = []
    /// Missing values by feature and part.
    public var missingValues: [Entry] = []

    /// The rows a rule dropped in all parts.
    public func dropped(by rule: String) -> Int {
        rules.filter { $0.rule == rule }.map(\.dropped).reduce(0, +)
    }

    /// The rows a rule changed in all parts.
    public func changed(by rule: String) -> Int {
        rules.filter { $0.rule == rule }.map(\.changed).reduce(0, +)
    }

    mutating func add(_ rule: String, _ part: String, changed: Int = 0, dropped: Int = 0) {
        rules.append(Entry(rule: rule, part: part, changed: changed, dropped: dropped))
    }

    /// The tables: rows by part, then every rule, then unknown and missing values where there are.
    public var description: String {
        var text = TextTable(
            ["part", "rows read", "dropped", "rows written"],
            parts.map { [$0.part, grouped($0.read), grouped($0.dropped), grouped($0.written)] }
        ).description
        func section(_ title: String, _ header: [String], _ rows: [[String]]) {
            if !rows.isEmpty { text += "\n\(title)\n" + TextTable(header, rows).description }
        }
        section(
            "Cleaning",
            ["rule", "part", "changed", "dropped"],
            rules.map { [$0.rule, $0.part, grouped($0.changed), grouped($0.dropped)] }
        )
        section(
            "Values outside the vocabulary",
            ["feature", "part", "values"],
            unknownValues.filter { $0.changed > 0 }
                .map { [$0.rule, $0.part, grouped($0.changed)] }
        )
        section(
            "Missing values",
            ["feature or label", "part", "values"],
            missingValues.filter { $0.changed > 0 }
                .map { [$0.rule, $0.part, grouped($0.changed)] }
        )
        return text
    }
}

/// A number with commas between thousands.
func grouped(_ number: Int) -> String {
    var digits = String(abs(number))
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}
