/// What a look at every row of some files found: the columns, and how they were read.
public struct TableProfile: Encodable, Hashable, Sendable {
    /// How many values, rows and numbers are held while the rows pass by.
    ///
    /// They bound the memory, whatever the size of the files.
    public struct Limits: Encodable, Hashable, Sendable {
        /// Up to this many different values of a column are counted one by one; beyond it their
        /// number is an estimate.
        public var distinct: Int
        /// The numbers of a column that quantiles come from when its different values are too many.
        public var sample: Int
        /// The different rows among which equal ones are found.
        public var rows: Int

        /// Creates limits.
        public init(distinct: Int, sample: Int = 65_536, rows: Int = 4_194_304) {
            self.distinct = distinct
            self.sample = sample
            self.rows = rows
        }

        /// The usual limits: 262,144 different values a column, fewer where there are more than 16
        /// columns.
        public static func usual(columns: Int) -> Limits {
            let fair = 4_194_304 / max(1, columns)
            return Limits(distinct: min(262_144, max(16_384, fair)))
        }
    }

    /// The paths asked for, as they were given.
    public var paths: [String]
    /// The files, in reading order.
    public var files: [String]
    /// Their format: `csv`, `parquet` or `arrow`.
    public var format: String
    /// How text files were read.
    public var csv: CSVSettings?
    /// The rows looked at.
    public var rows: Int
    /// Whether there are more rows, which were not asked for.
    public var isPartial: Bool
    /// Rows equal to one before in every column, among the first `duplicatesAmong`.
    public var duplicates: Int
    /// How many rows were searched for equal ones.
    public var duplicatesAmong: Int
    /// The columns, in the order of the files.
    public var columns: [ColumnProfile]
    /// What was held in memory.
    public var limits: Limits

    /// The column of a name.
    public func column(_ name: String) -> ColumnProfile? { columns.first { $0.name == name } }

    /// Whether the names of the files tell their format.
    public var isFormatNamed: Bool { files.allSatisfy { TableFormat(path: $0) != nil } }

    /// What a person should know about the files before they use them, one sentence each.
    public var notes: [String] {
        var notes = csv?.notes ?? []
        if duplicates > 0 {
            let among = duplicatesAmong < rows ? " of the first \(grouped(duplicatesAmong))" : ""
            notes.append(
                "\(duplicates == 1 ? "1 row equals" : "\(grouped(duplicates)) rows\(among) equal") an earlier "
                    + "row in every column"
                    + " (\(percentText(duplicates, of: duplicatesAmong)))."
            )
        }
        notes += missingWordNotes
        for column in columns { notes += column.notes.map { "\(column.name): \($0)" } }
        return notes
    }
}

extension TableProfile {
    /// Spellings of missing values that are hardly anything else, such as `?`, in text files.
    public var surelyMissing: [String] {
        guard format == TableFormat.csv.rawValue else { return [] }
        let sure: Set<String> = ["?", "\\N", "NULL", "null", "(null)", "#N/A"]
        var words: [String] = []
        for word in columns.flatMap(\.missingWords).map(\.value)
        where sure.contains(word) && !words.contains(word) { words.append(word) }
        return words
    }

    private var missingWordNotes: [String] {
        var words: [String] = []
        for word in columns.flatMap(\.missingWords).map(\.value) where !words.contains(word) {
            words.append(word)
        }
        return words.map { word in
            let places = columns.compactMap { column in
                column.missingWords.first { $0.value == word }
                    .map { "\(column.name) (\(grouped($0.count)))" }
            }
            let advice =
                surelyMissing.contains(word)
                ? "The draft takes it for missing." : "If it means missing, say --missing \(word)."
            return "`\(word)` is a value in \(places.prefix(4).joined(separator: ", "))"
                + (places.count > 4 ? " and \(places.count - 4) more columns" : "") + ". " + advice
        }
    }
}

extension TableProfile {
    /// How CSV files were read, where it differs from commas and a header line.
    public struct CSVSettings: Encodable, Hashable, Sendable {
        /// The separator where it is not that of the files' names.
        public var delimiter: String?
        /// Whether the first line holds the names.
        public var hasHeader: Bool
        /// The names given for the columns.
        public var columnNames: [String]?
        /// The spellings given for missing values.
        public var missing: [String]
        /// Whether blanks around values are removed.
        public var trimsSpaces: Bool
        /// What was found out by looking at the first lines, one sentence each.
        public var notes: [String]

        init(_ options: CSVOptions, notes: [String]) {
            delimiter = options.delimiter.map(String.init)
            hasHeader = options.hasHeader
            columnNames = options.columnNames
            missing = options.nullSpellings
            trimsSpaces = options.trimsSpaces
            self.notes = notes
        }
    }
}

/// A share in per cent with one decimal, or `<0.1 %` where that would show nothing.
func percentText(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "0 %" }
    let tenths = Double(part) / Double(whole) * 1_000
    if part == 0 { return "0 %" }
    if part == whole { return "100 %" }
    if tenths < 1 { return "<0.1 %" }
    let rounded = min(999, Int(tenths.rounded()))
    return "\(rounded / 10).\(rounded % 10) %"
}
