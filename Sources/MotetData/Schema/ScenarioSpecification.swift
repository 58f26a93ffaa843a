/// Which column tells the scenario of a row, and which scenarios there are.
public struct ScenarioSpecification: Codable, Hashable, Sendable {
    /// What becomes of a value that is no scenario.
    public enum UnknownPolicy: String, Codable, Hashable, Sendable, CaseIterable {
        /// Stop, naming the row.
        case error
        /// One more scenario, `other`, after the others.
        case other
        /// The scenario that ``ScenarioSpecification/nearest`` names.
        case nearest
    }

    /// The column.
    public var column: String
    /// The scenarios, numbered from 0 in this order; nil takes the values of the training rows,
    /// numbers first in order, then text in order.
    public var values: [String]?
    /// What becomes of another value, or of none.
    public var unknown: UnknownPolicy
    /// The scenario that other values are taken for under ``UnknownPolicy/nearest``.
    public var nearest: String?

    /// The name of the extra scenario under ``UnknownPolicy/other``.
    public static let otherName = "other"

    /// Creates a scenario column.
    public init(
        column: String,
        values: [String]? = nil,
        unknown: UnknownPolicy = .error,
        nearest: String? = nil
    ) {
        self.column = column
        self.values = values
        self.unknown = unknown
        self.nearest = nearest
    }
}
