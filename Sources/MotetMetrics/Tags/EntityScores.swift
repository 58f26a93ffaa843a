/// How many entities were found: right ones, predicted ones and those that are there.
public struct EntityScores: Hashable, Sendable, Codable {
    /// Predicted entities that are there, with the same type and both borders.
    public internal(set) var matched = 0
    /// Predicted entities.
    public internal(set) var predicted = 0
    /// Entities that are there.
    public internal(set) var labelled = 0

    /// Creates scores of nothing.
    public init() {}

    /// The share of predicted entities that are right; nil where none was predicted.
    public var precision: Double? {
        predicted > 0 ? Double(matched) / Double(predicted) : nil
    }

    /// The share of entities that were found; nil where there are none.
    public var recall: Double? { labelled > 0 ? Double(matched) / Double(labelled) : nil }

    /// `2 matched / (predicted + labelled)`; nil where both are 0.
    public var f1: Double? {
        predicted + labelled > 0 ? Double(2 * matched) / Double(predicted + labelled) : nil
    }

    static func += (left: inout EntityScores, right: EntityScores) {
        left.matched += right.matched
        left.predicted += right.predicted
        left.labelled += right.labelled
    }
}
