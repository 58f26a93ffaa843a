/// How the text of CSV and TSV files is to be read.
public struct CSVOptions: Hashable, Sendable {
    /// The character between fields, or nil for a tab in `.tsv` files and a comma in others.
    public var delimiter: Character?
    /// The character around fields that hold delimiters or line ends, or nil when quotes are text.
    public var quote: Character?
    /// The character before the fraction of a number.
    public var decimalPoint: Character
    /// Whether the first line holds the column names.
    public var hasHeader: Bool
    /// The column names where the file has none, or instead of its own.
    public var columnNames: [String]?
    /// Spellings of a missing value besides the empty field.
    ///
    /// In columns of numbers the usual ones (`NA`, `N/A`, `null`, `NaN`, ...) are known already; in
    /// columns of text they are values like others.
    public var nullSpellings: [String]
    /// Whether spaces around fields that are not quoted are removed.
    public var trimsSpaces: Bool
    /// How many lines to pass over before the header or the first row.
    public var skippedLines: Int
    /// `strptime` formats of times, tried after ISO 8601.
    public var timestampFormats: [String]

    /// Creates options; the defaults fit comma-separated files with a header.
    public init(
        delimiter: Character? = nil,
        quote: Character? = "\"",
        decimalPoint: Character = ".",
        hasHeader: Bool = true,
        columnNames: [String]? = nil,
        nullSpellings: [String] = [],
        trimsSpaces: Bool = false,
        skippedLines: Int = 0,
        timestampFormats: [String] = []
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.decimalPoint = decimalPoint
        self.hasHeader = hasHeader
        self.columnNames = columnNames
        self.nullSpellings = nullSpellings
        self.trimsSpaces = trimsSpaces
        self.skippedLines = skippedLines
        self.timestampFormats = timestampFormats
    }

    /// Throws when an option is out of range.
    func validate() throws(TableError) {
        func check(_ name: String, _ character: Character?) throws(TableError) {
            guard let character else { return }
            guard character.asciiValue != nil, !character.isNewline else {
                throw TableError(
                    .tableOption,
                    "CSV options: '\(name)' is out of range; expected one ASCII character; "
                        + "received \"\(character)\"."
                )
            }
        }
        try check("delimiter", delimiter)
        try check("quote", quote)
        try check("decimal", decimalPoint)
        guard skippedLines >= 0 else {
            throw TableError(
                .tableOption,
                "CSV options: 'skipped_lines' is out of range; expected at least 0; "
                    + "received \(skippedLines)."
            )
        }
        guard delimiter == nil || delimiter != quote else {
            throw TableError(
                .tableOption,
                "CSV options: 'quote' is the delimiter too; expected two characters that differ; "
                    + "received \"\(quote ?? "\"")\" for both."
            )
        }
    }
}
