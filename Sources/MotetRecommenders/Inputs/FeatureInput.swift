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
        /// A list of ids a row, of which only interactions read the steps.
        case list
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
    /// The last steps of a list that interactions read; nil where none does.
    public let length: Int?
    /// The columns it has in the vector of all features.
    var width: Int { kind == .list ? 0 : dimension }

    /// Describes a feature.
    ///
    /// - Parameters:
    ///   - name: the column's name.
    ///   - kind: one id or a list.
    ///   - vocabularySize: the number of ids, 0 included.
    ///   - dimension: the width of a vector.
    ///   - table: the feature whose table is used; nil for a table of its own.
    ///   - length: the last steps of a list that interactions read.
    public init(
        name: String,
        kind: Kind = .categorical,
        vocabularySize: Int,
        dimension: Int,
        table: String? = nil,
        length: Int? = nil
    ) {
        self.name = name
        self.kind = kind
        self.vocabularySize = vocabularySize
        self.dimension = dimension
        self.table = table ?? name
        self.length = length
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
    /// For each numeric column the feature it is of; empty where they have no names.
    public let numericFeatures: [String]
    /// How features are combined before any architecture reads them.
    public let interactions: [Interaction]

    /// Describes the inputs.
    public init(
        features: [FeatureInput],
        numericWidth: Int,
        interactions: [Interaction] = []
    ) {
        self.features = features
        self.numericWidth = numericWidth
        numericFeatures = []
        self.interactions = interactions
    }

    /// Describes the inputs, with the feature of each numeric column.
    public init(
        features: [FeatureInput],
        numericFeatures: [String],
        interactions: [Interaction] = []
    ) {
        self.features = features
        numericWidth = numericFeatures.count
        self.numericFeatures = numericFeatures
        self.interactions = interactions
    }

    /// Declares the inputs once; several networks may read them.
    ///
    /// - Parameters:
    ///   - scenarios: the scenarios of the rows, where they are a feature.
    ///   - dimension: the width of a scenario's vector; 0 where scenarios are none.
    ///   - prices: numeric features that only heads of demand read.
    /// - Returns: the inputs for `Model.init`, and what `concatenated` reads.
    /// - Throws: `GraphError` when a name is empty, scenarios are a feature and there are none, or there is no such price.
    public func declare(
        scenarios: ScenarioOffsets? = nil,
        dimension: Int = 0,
        prices: Set<String> = []
    ) throws(GraphError) -> DeclaredFeatures {
        guard dimension == 0 || scenarios != nil else {
            throw GraphError(
                .outOfRange,
                "features: the scenarios are missing; expected their number; received none."
            )
        }
        var ids: [String: Input] = [:]
        var lists: [String: RaggedInput] = [:]
        var inputs: [any ModelInput] = []
        for feature in features {
            switch feature.kind {
            case .categorical:
                let input = try Input(feature.name, shape: [], dtype: .int32)
                ids[feature.name] = input
                inputs.append(input)
            case .sequence, .list:
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
        var declared = DeclaredFeatures(
            description: self,
            ids: ids,
            lists: lists,
            numeric: numeric,
            numericVector: try numericVector(of: numeric, without: prices),
            inputs: inputs,
            scenarios: scenarios,
            scenarioDimension: dimension
        )
        // The factorization machine reads the same vectors as the rest of the model.
        if interactions.contains(.fm) {
            declared.shared = try declared.joined(prefix: "embeddings")
        }
        return declared
    }
}

/// Declared inputs of a recommender.
public struct DeclaredFeatures: Sendable {
    let description: FeatureInputs
    let ids: [String: Input]
    let lists: [String: RaggedInput]
    let numeric: Input?
    /// The columns of numeric features that any part of the model may read.
    let numericVector: SymbolicTensor?
    /// The inputs for `Model.init`.
    public let inputs: [any ModelInput]
    let scenarios: ScenarioOffsets?
    let scenarioDimension: Int
    /// The vectors of all features, where two parts of a model read them.
    fileprivate(set) var shared: JoinedFeatures?

    /// The columns of a feature in the vector that `concatenated` makes.
    ///
    /// - Parameter name: the feature.
    /// - Returns: its columns; nil for numeric features, which share some, lists without any, and where there is none.
    public func columns(of name: String) -> Range<Int>? {
        var start = 0
        for feature in description.features {
            if feature.name == name, feature.width > 0 { return start..<(start + feature.width) }
            start += feature.width
        }
        return nil
    }

    /// Embeds every feature, joins all vectors, and lets them interact.
    ///
    /// - Parameter prefix: what the tables' names start with: `embeddings` gives `embeddings/user_id`. Another
    ///   prefix has tables and interactions of its own.
    /// - Returns: `[B, I]`, features in their order, then the numeric columns, then the scenario's vector, then what
    ///   interactions make.
    /// - Throws: `GraphError` when a shared table has another size or does not exist.
    public func concatenated(prefix: String = "embeddings") throws(GraphError) -> SymbolicTensor {
        let made: JoinedFeatures
        if prefix == "embeddings", let shared {
            made = shared
        } else {
            made = try joined(prefix: prefix)
        }
        guard description.interactions.contains(where: { $0 != .fm }) else { return made.vector }
        // `embeddings/click` has `interactions/click`.
        let rest = prefix.split(separator: "/").dropFirst().map { "/\($0)" }.joined()
        let layer = FeatureInteractions(
            description.interactions,
            columns: description.features.compactMap { feature in
                columns(of: feature.name).map { (feature.name, $0) }
            },
            lengths: made.lists.map(\.length),
            name: "interactions\(rest)"
        )
        let lists = made.lists.flatMap { [$0.steps, $0.offsets] }
        return try layer.call([made.vector] + lists, at: nil)[0]
    }

    /// The vectors of all features before they interact.
    fileprivate func joined(prefix: String) throws(GraphError) -> JoinedFeatures {
        let tables = description.tables(prefix: prefix)
        var parts: [SymbolicTensor] = []
        for feature in description.features {
            if let part = try looked(up: feature, in: tables) { parts.append(part) }
        }
        if let numericVector { parts.append(numericVector) }
        if let scenarios, scenarioDimension > 0, let first = parts.first {
            let vector = ScenarioEmbedding(
                scenarioDimension,
                scenarios: scenarios.scenarioCount,
                name: "\(prefix)/scenario"
            )
            parts += try vector.call([first, scenarios.tensor], at: nil)
        }
        guard !parts.isEmpty else {
            throw GraphError(.outOfRange, "features: there is none; expected at least 1.")
        }
        return JoinedFeatures(
            vector: try MotetNN.Concatenate(name: "\(prefix)/concatenate")(parts),
            lists: try readLists(tables)
        )
    }

    /// The vectors of the steps of every list that an interaction reads.
    private func readLists(
        _ tables: [String: Embedding]
    ) throws(GraphError) -> [JoinedFeatures.List] {
        var read: [JoinedFeatures.List] = []
        for sequence in description.interactions.compactMap(\.sequence) {
            guard let feature = description.features.first(where: { $0.name == sequence.history }),
                let input = lists[feature.name], let table = tables[feature.table],
                let length = feature.length
            else {
                throw GraphError(
                    .unknownName,
                    "interaction \(sequence.name): there is no list \"\(sequence.history)\" with a length; expected a feature of lists; received \(lists.keys.sorted())."
                )
            }
            if let candidate = sequence.candidate,
                columns(of: candidate)?.count != feature.dimension
            {
                throw GraphError(
                    .shapeMismatch,
                    "interaction \(sequence.name): the candidate \"\(candidate)\" does not fit; expected a vector of \(feature.dimension), as the list's; received \(columns(of: candidate)?.count ?? 0)."
                )
            }
            let steps = try table(input.values)
            read.append(JoinedFeatures.List(steps: steps, offsets: input.offsets, length: length))
        }
        return read
    }

    /// The vector of a feature from the table it uses; nil for lists that only interactions read.
    func looked(
        up feature: FeatureInput,
        in tables: [String: Embedding]
    ) throws(GraphError) -> SymbolicTensor? {
        guard let table = tables[feature.table] else {
            throw GraphError(
                .unknownName,
                "feature \"\(feature.name)\": shares the table of \"\(feature.table)\", which is no feature with a table of its own."
            )
        }
        return try looked(up: feature, in: table)
    }

    private func looked(
        up feature: FeatureInput,
        in table: Embedding
    ) throws(GraphError) -> SymbolicTensor? {
        switch feature.kind {
        case .categorical:
            guard let input = ids[feature.name] else { return nil }
            return try table(input)
        case .sequence(let pooling):
            guard let input = lists[feature.name] else { return nil }
            return try table.pooled(input, pooling)
        case .list: return nil
        }
    }

    /// What DeepFM adds to outputs: a number for each id, one for each numeric column, and pairwise products.
    ///
    /// - Parameters:
    ///   - outputs: the outputs of the tasks.
    ///   - tasks: the tasks.
    /// - Returns: the outputs with their parts of the machine.
    /// - Throws: `GraphError` when features have vectors of several widths.
    func withMachine(
        _ outputs: [(name: String, tensor: SymbolicTensor)],
        _ tasks: [TaskHead]
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
        guard let shared else { return outputs }
        let widths = tasks.map(\.towerWidth)
        let width = widths.reduce(0, +)
        var linear: [SymbolicTensor] = []
        for feature in description.features {
            let table = Embedding(
                vocabularySize: feature.vocabularySize,
                dimension: width,
                name: "fm/\(feature.name)"
            )
            if let part = try looked(up: feature, in: table) { linear.append(part) }
        }
        if let numericVector {
            linear.append(try Dense(width, name: "fm/numeric")(numericVector))
        }
        let ranges = description.features.compactMap { columns(of: $0.name) }
        let pairs = try PairwiseProducts(columns: ranges, name: "fm/pairs")(shared.vector)
        let machine = MachineOutputs(widths: widths)
        let added = try machine.call(outputs.map(\.tensor) + [pairs] + linear, at: nil)
        return zip(outputs, added).map { ($0.name, $1) }
    }
}

/// What is looked up before features interact.
struct JoinedFeatures: Sendable {
    /// A list that an interaction reads.
    struct List: Sendable {
        /// The vectors of all steps, `[N, D]`.
        let steps: SymbolicTensor
        /// Where each row's steps start and end, `[B + 1]`.
        let offsets: SymbolicTensor
        /// The steps read of each row, the last ones.
        let length: Int
    }

    /// The vectors of all features, `[B, I]`.
    let vector: SymbolicTensor
    /// The lists in the order of the interactions that read them.
    let lists: [List]
}

extension FeatureInputs {
    /// The table of every feature that has one of its own.
    func tables(prefix: String) -> [String: Embedding] {
        var tables: [String: Embedding] = [:]
        for feature in features where feature.table == feature.name {
            tables[feature.name] = Embedding(
                vocabularySize: feature.vocabularySize,
                dimension: feature.dimension,
                name: "\(prefix)/\(feature.name)"
            )
        }
        return tables
    }
}
