/// A table whose rows are events, and which of its columns is what.
///
/// Several logs may read the same files, such as one of exposures for the clicks among them.
public struct EventLog: Hashable, Sendable {
    /// Where the kind of a row's event is told.
    public enum Kind: Hashable, Sendable {
        /// All rows are of one kind.
        case constant(EventKind)
        /// A column holds the kinds' names.
        case column(String)
    }

    /// What is done with a row that makes no event that passes its checks.
    public enum InvalidRows: String, CaseIterable, Hashable, Sendable {
        /// The command stops and names the row.
        case error
        /// The row is passed over and counted.
        case skip
    }

    /// What a negative quantity means.
    public enum NegativeQuantity: String, CaseIterable, Hashable, Sendable {
        /// The row makes no event; see ``EventLog/invalid``.
        case invalid
        /// So many pieces were given back: the event is a return.
        case returned = "return"
    }

    /// A row takes part if a column holds a value.
    public struct Condition: Hashable, Sendable {
        /// The column.
        public var column: String
        /// The value as it is printed, whole numbers without a fraction.
        public var value: String

        /// Creates a condition.
        public init(column: String, equals value: String) {
            self.column = column
            self.value = value
        }
    }

    /// Files, folders and patterns.
    public var files: [String]
    /// The kind of the events.
    public var kind: Kind
    /// Which rows take part; nil for all.
    public var condition: Condition?
    /// The column of times.
    public var time: String
    /// How it writes them, if it holds numbers.
    public var unit: TimeUnit
    /// A column of hours to add to the time.
    public var delayHours: String?
    /// The column of users.
    public var user: String
    /// The column of items.
    public var item: String?
    /// The column of categories.
    public var category: String?
    /// The column of places of the shop.
    public var scenario: String?
    /// The column of pieces.
    public var quantity: String?
    /// The column of prices of one piece.
    public var price: String?
    /// The column of prices of all pieces, for files without a price of one.
    public var amount: String?
    /// The column of the events' ids; nil numbers the rows.
    public var id: String?
    /// What a negative quantity means.
    public var negativeQuantity: NegativeQuantity
    /// What is done with rows that make no event.
    public var invalid: InvalidRows

    /// Creates a log whose columns of times and users are called so.
    public init(files: [String], kind: Kind) {
        self.files = files
        self.kind = kind
        time = "time"
        unit = .milliseconds
        user = "user"
        negativeQuantity = .invalid
        invalid = .error
    }

    /// The columns that are read, each once.
    var columns: [String] {
        var kindColumn: String?
        if case .column(let name) = kind { kindColumn = name }
        let all = [
            time, user, kindColumn, condition?.column, delayHours, item, category, scenario,
            quantity,
            price, amount, id,
        ]
        var columns: [String] = []
        for case let name? in all where !columns.contains(name) { columns.append(name) }
        return columns
    }
}
