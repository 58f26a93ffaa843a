import MotetCore
public import MotetGraph
public import MotetNN

/// A feature of the prepared data as a model reads it.
public struct FeatureInput: Sendable, Hashable {
    /// What the feature holds.
    public enum Kind: Sendable, Hashable {
        /// One id a row.
        case categorical
        /// A list of ids a row, pooled into one vector.
        case sequence(Pooling)
    }

    /// The column's name.
    public let name: String
    /// One id or a list.
    public let kind: Kind
    /// The number of ids, 0 ("unknown") included.
    public let vocabularySize: Int
    /// The width of a vector.
    public let dimension: Int
    /// The feature whose table this one uses: its own name, or another's.
    public let table: String

    /// Describes a feature.
    ///
    /// - Parameters:
    ///   - name: the column's name.
    ///   - kind: one id or a list.
    ///   - vocabularySize: the number of ids, 0 included.
    ///   - dimension: the width of a vector.
    ///   - table: the feature whose table is used; nil for a table of its own.
    public init(
        name: String,
        kind: Kind = .categorical,
        vocabularySize: Int,
        dimension: Int,
        table: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.vocabularySize = vocabularySize
        self.dimension = dimension
        self.table = table ?? name
    }
}

/// The inputs of a recommender: embeddings of its features and the numeric columns in one vector.
public struct FeatureInputs: Sendable {
    /// The name of the input that holds all numeric features.
    public static let numericName = "numeric"
    /// The features with ids.
    public let features: [FeatureInput]
    /// The number of numeric columns.
    public let numericWidth: Int

    /// Describes the inputs.
    public init(features: [FeatureInput], numericWidth: Int) {
        self.features = features
        self.numericWidth = numericWidth
    }

    /// Declares the inputs once; several networks may read them.
    ///
    /// - Returns: the inputs for `Model.init`, and what `concatenated` reads.
    /// - Throws: `GraphError` when a name is empty.
    public func declare() throws(GraphError) -> DeclaredFeatures {
        var ids: [String: Input] = [:]
        var lists: [String: RaggedInput] = [:]
        var inputs: [any ModelInput] = []
        for feature in features {
            switch feature.kind {
            case .categorical:
                let input = try Input(feature.name, shape: [], dtype: .int32)
                ids[feature.name] = input
                inputs.append(input)
            case .sequence:
                let input = RaggedInput(feature.name)
                lists[feature.name] = input
                inputs.append(input)
            }
        }
        var numeric: Input?
        if numericWidth > 0 {
            let input = try Input(FeatureInputs.numericName, shape: [numericWidth])
            numeric = input
            inputs.append(input)
        }
        return DeclaredFeatures(
            description: self,
            ids: ids,
            lists: lists,
            numeric: numeric,
            inputs: inputs
        )
    }
}

/// Declared inputs of a recommender.
public struct DeclaredFeatures: Sendable {
    let description: FeatureInputs
    let ids: [String: Input]
    let lists: [String: RaggedInput]
    let numeric: Input?
    /// The inputs for `Model.init`.
    public let inputs: [any ModelInput]

    /// Embeds every feature with tables of this call's own and joins all vectors.
    ///
    /// - Parameter prefix: what the tables' names start with: `embeddings` gives `embeddings/user_id`.
    /// - Returns: `[B, I]`, features in their order, then the numeric columns.
    /// - Throws: `GraphError` when a shared table has another size or does not exist.
    public func concatenated(prefix: String = "embeddings") throws(GraphError) -> SymbolicTensor {
        var tables: [String: Embedding] = [:]
        for feature in description.features where feature.table == feature.name {
            tables[feature.name] = Embedding(
                vocabularySize: feature.vocabularySize,
                dimension: feature.dimension,
                name: "\(prefix)/\(feature.name)"
            )
        }
        var parts: [SymbolicTensor] = []
        for feature in description.features {
            guard let table = tables[feature.table] else {
                throw GraphError(
                    .unknownName,
                    "feature \"\(feature.name)\": shares the table of \"\(feature.table)\", which is no feature with a table of its own."
                )
            }
            switch feature.kind {
            case .categorical:
                if let input = ids[feature.name] { parts.append(try table(input)) }
            case .sequence(let pooling):
                if let input = lists[feature.name] {
                    parts.append(try table.pooled(input, pooling))
                }
            }
        }
        if let numeric { parts.append(numeric.tensor) }
        guard !parts.isEmpty else {
            throw GraphError(.outOfRange, "features: there is none; expected at least 1.")
        }
        return try MotetNN.Concatenate(name: "\(prefix)/concatenate")(parts)
    }
}
