public import MotetData
import MotetExperiments

/// What a request tells of whom and what it asks about.
public struct FeatureQuery: Sendable {
    /// The user, if the request names one.
    public var userID: String?
    /// The items, in order.
    public var itemIDs: [String]
    /// What the request says about the place and the moment, by column.
    public var context: [String: RawValue]
    /// Everything the request says, by column.
    public var columns: [String: RawRows.Column] = [:]
    /// The time the request asks for, in milliseconds since 1970; nil for now.
    public var time: Int64?
    /// What the shop's table says of the items.
    var known = KnownItems()

    /// What the request says of an item, else what the shop's table says.
    ///
    /// - Parameters:
    ///   - column: a column.
    ///   - row: the place of the item in the request.
    /// - Returns: the value; missing where neither has it.
    public func value(_ column: String, _ row: Int) -> RawValue {
        known.columns[column]?[row] ?? columns[column]?[row] ?? known.rows?.value(column, row)
            ?? .missing
    }

    /// Whether all items have one value of a column.
    func isShared(_ column: String) -> Bool {
        if known.columns[column] != nil { return false }
        switch columns[column] {
        case .same?: return true
        case .each?: return false
        case nil: return known.rows?.table.columns.contains(column) != true
        }
    }
}

/// Columns that a source knows.
public struct SourcedFeatures: Sendable {
    /// Columns by name, in the raw form the schema's files have.
    public var columns: [String: RawRows.Column]
    /// Whether the source could not be asked and answered from what it knew last.
    public var isDegraded: Bool
    /// The memory that the columns stand in: while it is held, no other request gets it.
    var memory: (any AnyObject & Sendable)?

    /// Creates columns.
    ///
    /// - Parameters:
    ///   - columns: columns by name.
    ///   - isDegraded: whether they may be old.
    public init(columns: [String: RawRows.Column] = [:], isDegraded: Bool = false) {
        self.columns = columns
        self.isDegraded = isDegraded
    }
}

/// Where features come from that a request does not carry: raw values, which the run's schema encodes as it
/// encoded the training rows.
///
/// Sources are asked on the worker threads, several at once.
public protocol FeatureSource: Sendable {
    /// The values of columns for the items of a request.
    ///
    /// - Parameters:
    ///   - columns: the columns the model reads and the request does not have.
    ///   - request: whom and what it is about.
    /// - Returns: those of the columns that the source knows, with a value for each item or one for all.
    /// - Throws: what keeps the source from answering; the request is then refused.
    func features(_ columns: [String], for request: FeatureQuery) throws -> SourcedFeatures
}

/// No source: the request carries every feature.
public struct RequestFeatures: FeatureSource {
    /// Creates the source.
    public init() {}

    /// Knows nothing.
    public func features(
        _ columns: [String],
        for request: FeatureQuery
    ) throws -> SourcedFeatures { SourcedFeatures() }
}
