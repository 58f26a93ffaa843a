/// What the values of one column look like.
public struct ColumnProfile: Encodable, Hashable, Sendable {
    /// A number of different values.
    public struct Distinct: Encodable, Hashable, Sendable {
        /// How many.
        public var value: Int
        /// Whether it was counted; if not it is an estimate with a standard error of 0.8 %.
        public var isExact: Bool
    }

    /// A value and how often it is there.
    public struct Frequency: Encodable, Hashable, Sendable {
        /// The value as text; a long one is cut, with `…` at its end.
        public var value: String
        /// The rows (of a list column: elements) that have it.
        public var count: Int
        /// Their share of the values that are there.
        public var share: Double
    }

    /// How numbers, or the seconds since 1970 of times, are spread.
    public struct Spread: Encodable, Hashable, Sendable {
        /// How many there are.
        public var count: Int
        /// The least one.
        public var minimum: Double
        /// The quantiles of `levels`, interpolated between neighbours as NumPy does.
        public var quantiles: [Double]
        /// The greatest one.
        public var maximum: Double
        /// The mean.
        public var mean: Double
        /// Whether the quantiles come from all numbers; if not, from a seeded sample.
        public var isExact: Bool

        /// Which quantiles there are.
        public static let levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    }

    /// The column's name.
    public var name: String
    /// The type the files store, or, of text files, the one that fits all values.
    public var type: String
    /// The rows.
    public var rows: Int
    /// The rows without a value; where most values are numbers, `NA` and the like have none.
    public var missing: Int
    /// How many different values there are; of a list column, different elements.
    public var distinct: Distinct
    /// Numbers or times, where there are any.
    public var spread: Spread?
    /// How many values a row of a list or of a text with separators has.
    public var lengths: Spread?
    /// Values that are not a number, among floats (not counted as missing).
    public var notANumber: Int
    /// Values that are plus or minus infinity.
    public var infinite: Int
    /// The most frequent values, at most ten.
    public var frequent: [Frequency]
    /// All different texts or whole numbers in order, where they are few enough to be classes.
    public var classes: [String] = []
    /// The first different texts.
    public var examples: [String]
    /// Words among the values that may stand for a missing one, such as `?`.
    public var missingWords: [Frequency]
    /// What the column seems to be for.
    public var guess: ColumnGuess
    /// What a person should know before they use the column, one sentence each.
    public var notes: [String]

    /// The rows with a value.
    public var present: Int { rows - missing }
}

/// What a column seems to be for, and why.
public struct ColumnGuess: Encodable, Hashable, Sendable {
    /// What a column may be for.
    public enum Meaning: String, Encodable, Hashable, Sendable, CaseIterable {
        /// An answer of yes or no, or a number, that a model could learn.
        case label
        /// One of many values without order.
        case categorical
        /// A number.
        case numeric
        /// Several values a row.
        case sequence
        /// When something happened.
        case time
        /// Another value in every row.
        case rowIdentifier = "row_identifier"
        /// How much a row counts.
        case weight
        /// Sentences.
        case text
        /// One value only.
        case constant
        /// No value at all.
        case empty
        /// A type that cannot be read.
        case unsupported
    }

    /// How the values of a column become labels.
    public struct Label: Encodable, Hashable, Sendable {
        /// What a label can be.
        public enum Kind: String, Encodable, Hashable, Sendable {
            /// Yes or no.
            case binary
            /// One of several classes.
            case classes
            /// A number.
            case number
        }

        /// What the label is.
        public var kind: Kind = .binary
        /// The rule for a positive label, as `positive` of a task; nil where it is 0 and 1 already.
        public var positive: String?
        /// The rows that are positive, of a label of yes or no.
        public var positives: Int = 0
        /// The label that is always positive where this one is; a purchase comes after a click.
        public var within: String?
        /// Whether the column's name speaks for it; if not, its values alone do.
        public var isNamed: Bool
    }

    /// What it seems to be for.
    public var meaning: Meaning
    /// A word for people: `integer id`, `text`, `yes/no`.
    public var detail: String
    /// What speaks for it.
    public var reason: String
    /// The label the column would make.
    public var label: Label?
    /// What separates the values of a sequence that is written as text.
    public var separator: String?
    /// The column whose values a sequence holds.
    public var shares: String?
    /// The `strptime` format of times that are not written as ISO 8601.
    public var timeFormat: String?
    /// A number below all others that seems to stand for a missing value, such as -1.
    public var sentinel: Double?
    /// How values must be repaired to be read.
    public var repairs: [TextRepair]

    private enum CodingKeys: String, CodingKey {
        case meaning, detail, reason, label, separator, shares, timeFormat, sentinel, repairs
    }

    /// Writes the guess, repairs in words.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(meaning, forKey: .meaning)
        try container.encode(detail, forKey: .detail)
        try container.encode(reason, forKey: .reason)
        try container.encodeIfPresent(label, forKey: .label)
        try container.encodeIfPresent(separator, forKey: .separator)
        try container.encodeIfPresent(shares, forKey: .shares)
        try container.encodeIfPresent(timeFormat, forKey: .timeFormat)
        try container.encodeIfPresent(sentinel, forKey: .sentinel)
        try container.encode(repairs.map(\.title), forKey: .repairs)
    }

    init(
        _ meaning: Meaning,
        _ detail: String,
        because reason: String,
        label: Label? = nil,
        separator: String? = nil,
        timeFormat: String? = nil,
        repairs: [TextRepair] = []
    ) {
        self.meaning = meaning
        self.detail = detail
        self.reason = reason
        self.label = label
        self.separator = separator
        self.timeFormat = timeFormat
        self.repairs = repairs
    }
}
