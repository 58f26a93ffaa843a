/// A schema and everything learnt from the training rows, and from no other row.
///
/// Ids of a categorical or sequence feature: 0 is a value outside the vocabulary, `1 ... n` the
/// vocabulary (or the hash buckets, or the quantile bins), and `n + 1` a missing value where the
/// policy is ``MissingPolicy/ownBucket``.
public struct FittedSchema: Hashable, Sendable, Codable {
    /// Limits of one outlier rule.
    public struct OutlierBounds: Codable, Hashable, Sendable {
        /// The smallest number that is none.
        public var lower: Double
        /// The largest number that is none.
        public var upper: Double
    }

    /// The schema as it was written.
    public internal(set) var schema: Schema
    /// The vocabularies by the name of the feature that owns them; hashed features have none.
    public internal(set) var vocabularies: [String: Vocabulary]
    /// What was learnt about numeric features, by name.
    public internal(set) var numerics: [String: FittedNumeric]
    /// The id that replaces a missing value of a categorical feature with a fill, by name.
    public internal(set) var fills: [String: Int32]
    /// The names of the scenarios, by index; empty without a scenario column.
    public internal(set) var scenarios: [String]
    /// The classes of multiclass labels, by name.
    public internal(set) var classes: [String: [String]]
    /// Limits of the outlier rules, in the order of the schema's cleaning rules that are such.
    public internal(set) var outliers: [OutlierBounds]

    init(schema: Schema) {
        self.schema = schema
        vocabularies = [:]
        numerics = [:]
        fills = [:]
        scenarios = []
        classes = [:]
        outliers = []
    }

    /// The names of the floats in the prepared `numeric` column, in order: each numeric feature,
    /// followed by `<name>_missing` where its missing values are told to the model.
    public var numericNames: [String] {
        schema.features.filter(\.isFloat).flatMap { feature in
            feature.missing == .ownBucket
                ? [feature.name, feature.name + "_missing"] : [feature.name]
        }
    }

    /// The feature behind each of `numericNames`.
    public var numericFeatures: [String] {
        schema.features.filter(\.isFloat).flatMap { feature in
            feature.missing == .ownBucket ? [feature.name, feature.name] : [feature.name]
        }
    }

    /// The vocabulary of a feature that has one: its own, or the one it shares.
    public func vocabulary(of feature: String) -> Vocabulary? {
        schema.feature(feature).flatMap { vocabularies[schema.vocabularyOwner(of: $0).name] }
    }

    /// The number of ids a feature's table needs, unknown and missing ids counted; nil for a
    /// feature that is a float, or that there is not.
    ///
    /// Features that share a table get the same number, room for a missing id if any needs it.
    public func vocabularySize(for name: String) -> Int? {
        guard let feature = schema.feature(name), !feature.isFloat else { return nil }
        let owner = schema.vocabularyOwner(of: feature)
        let family = schema.features.filter {
            schema.vocabularyOwner(of: $0).name == owner.name && !$0.isFloat
        }
        let hasMissing = family.contains { $0.isIdentifier && $0.missing == .ownBucket }
        return 1 + valueCount(of: feature) + (hasMissing ? 1 : 0)
    }

    /// The id of a missing value, or nil where the feature's policy gives it none of its own.
    public func missingID(for name: String) -> Int32? {
        guard let feature = schema.feature(name), feature.isIdentifier,
            feature.missing == .ownBucket
        else { return nil }
        return Int32(valueCount(of: feature) + 1)
    }

    /// The number of ids that stand for values.
    func valueCount(of feature: FeatureSpecification) -> Int {
        if feature.kind == .numeric {
            return (numerics[feature.name]?.edges?.count).map { $0 + 1 } ?? 0
        }
        let owner = schema.vocabularyOwner(of: feature)
        if case .hashed(let buckets) = owner.vocabulary { return buckets }
        return vocabularies[owner.name]?.count ?? 0
    }

    /// What a missing value of a feature with one id a row becomes.
    func idOfMissing(_ feature: FeatureSpecification) -> Int32 {
        missingID(for: feature.name) ?? fills[feature.name] ?? Vocabulary.unknownID
    }
}
