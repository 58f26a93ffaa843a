/// One input of a model: where it is read, what it means, and how it is encoded.
public struct FeatureSpecification: Codable, Hashable, Sendable {
    /// What the values of a feature are.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// One of many values without order: an id, a category.
        case categorical
        /// A number.
        case numeric
        /// Several values a row, in order: a history, tags.
        case sequence
    }

    /// How the embedded values of a sequence become one vector.
    public enum Pooling: String, Codable, Hashable, Sendable, CaseIterable {
        /// The sum of the rows.
        case sum
        /// The mean of the rows; zero for an empty sequence.
        case mean
        /// No one vector: an interaction of the model reads it step by step.
        case unpooled = "none"
    }

    /// What becomes of plus and minus infinity in a numeric feature.
    public enum InfinityPolicy: String, Codable, Hashable, Sendable, CaseIterable {
        /// Stop, naming the row.
        case error
        /// Treat it as a missing value.
        case missing
    }

    /// The name used in models, reports and prepared data.
    public var name: String
    /// The column of the files it is read from.
    public var column: String
    /// What its values are.
    public var kind: Kind
    /// How values become ids; ignored for numeric features without quantile bins.
    public var vocabulary: VocabularySpecification
    /// Width of the embedding, for models; preparation does not use it.
    public var dimension: Int?
    /// How many values of a sequence are kept, the last ones; nil keeps all.
    public var maximumLength: Int?
    /// What separates the values of a sequence written as text; lists need none.
    public var delimiter: String?
    /// How a sequence's embedded values are pooled, for models; preparation does not use it.
    public var pooling: Pooling
    /// What is done to a number, in order.
    public var transforms: [FeatureTransform]
    /// What becomes of a missing value.
    public var missing: MissingPolicy
    /// What becomes of an infinite number.
    public var infinity: InfinityPolicy

    /// Creates a feature.
    ///
    /// - Parameters:
    ///   - name: the feature's name.
    ///   - column: the column it is read from; the name if nil.
    ///   - kind: what its values are.
    ///   - vocabulary: how values become ids.
    ///   - dimension: embedding width, passed through to models.
    ///   - maximumLength: values of a sequence to keep, the last ones.
    ///   - delimiter: separator of a sequence written as text; a comma if nil.
    ///   - pooling: pooling of a sequence, passed through to models.
    ///   - transforms: what is done to a number, in order.
    ///   - missing: what becomes of a missing value; nil stands for an id of its own for
    ///     categorical features, an empty sequence for sequences, an error for numbers.
    ///   - infinity: what becomes of an infinite number.
    public init(
        _ name: String,
        column: String? = nil,
        kind: Kind,
        vocabulary: VocabularySpecification = .learned(),
        dimension: Int? = nil,
        maximumLength: Int? = nil,
        delimiter: String? = nil,
        pooling: Pooling = .mean,
        transforms: [FeatureTransform] = [],
        missing: MissingPolicy? = nil,
        infinity: InfinityPolicy = .error
    ) {
        self.name = name
        self.column = column ?? name
        self.kind = kind
        self.vocabulary = vocabulary
        self.dimension = dimension
        self.maximumLength = maximumLength
        self.delimiter = delimiter
        self.pooling = pooling
        self.transforms = transforms
        self.missing = missing ?? (kind == .numeric ? .error : .ownBucket)
        self.infinity = infinity
    }

    /// The number of bins asked for, if the feature is a number cut into quantile bins.
    public var quantileBins: Int? {
        guard kind == .numeric, case .quantileBins(let bins) = transforms.last else { return nil }
        return bins
    }

    /// Whether one of its transforms is the logarithm of a ratio.
    var takesLogRatio: Bool {
        transforms.contains { if case .logRatio = $0 { true } else { false } }
    }

    /// Whether the prepared feature is one id a row: categorical, or a number cut into bins.
    public var isIdentifier: Bool { kind == .categorical || quantileBins != nil }

    /// Whether the prepared feature is a float in the `numeric` column.
    public var isFloat: Bool { kind == .numeric && quantileBins == nil }
}
