/// What a preparation read, counted and wrote.
public struct DatasetReport: Hashable, Sendable {
    /// A number worth telling.
    public struct Count: Hashable, Sendable {
        /// What was counted.
        public let name: String
        /// How many.
        public let value: Int

        /// Creates a count.
        public init(_ name: String, _ value: Int) {
            self.name = name
            self.value = value
        }
    }

    /// The data set's name.
    public let name: String
    /// What was counted, in the order of the work.
    public var counts: [Count]
    /// Sentences a reader must know, such as that the data is simulated.
    public var notes: [String]
    /// The files written.
    public var files: [String]

    /// Creates a report.
    public init(name: String, counts: [Count] = [], notes: [String] = [], files: [String] = []) {
        self.name = name
        self.counts = counts
        self.notes = notes
        self.files = files
    }

    /// The count of a name, or nil.
    public subscript(name: String) -> Int? { counts.first { $0.name == name }?.value }

    /// The report as lines of text, numbers aligned and grouped by thousands.
    public func lines() -> [String] {
        let width = counts.map(\.name.count).max() ?? 0
        let values = counts.map { DatasetReport.grouped($0.value) }
        let valueWidth = values.map(\.count).max() ?? 0
        var lines = zip(counts, values).map { count, value in
            let name = count.name + String(repeating: " ", count: width - count.name.count)
            return name + "  " + String(repeating: " ", count: valueWidth - value.count) + value
        }
        lines += notes
        lines += files.map { "wrote \($0)" }
        return lines
    }

    mutating func count(_ name: String, _ value: Int) { counts.append(Count(name, value)) }

    /// A whole number with commas: `318,957,363`.
    static func grouped(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }
}
