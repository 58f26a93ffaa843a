public import MotetCore
public import MotetGraph
public import MotetNN

/// Two towers for retrieval: a vector of a user and one of an item, whose inner product says how well they
/// go together.
///
/// `u = user_tower(x) / |user_tower(x)|`, `v = item_tower(y) / |item_tower(y)|`, and the output is the
/// logit `u . v / temperature` of the pair. The items that suit a user best are those whose vectors are
/// nearest, which an index finds without looking at all. Training asks each positive row to find its item
/// among the items of its batch: the softmax of `u_i . v_j / temperature - log q_j` over rows *j*, where
/// `q_j` is the item's share of the training rows. Without it an item would be pushed down as often as it
/// is drawn.
///
/// - Shapes: outputs for the one task `[B, 1]`; vectors `[B, D]` of length 1
/// - Learned: `user_tower/dense_i` and `item_tower/dense_i`, the last linear; kept:
///   `two_tower/log_shares` `[V, 1]`, filled before training
/// - Cost: both towers, and `2 B D` for each row of the loss.
/// - Source: Yi, Yang, Hong, Cheng, Heldt, Kumthekar, Zhao, Wei and Chi, "Sampling-Bias-Corrected Neural
///   Modeling for Large Corpus Item Recommendations", RecSys 2019.
///   <https://doi.org/10.1145/3298689.3346996>
/// - Departures: `q` is counted once over the training rows, where the paper estimates it from a stream
///   (Algorithm 2), which has no end; rows that are not positive bring candidates; an item's other
///   occurrences in a batch are no candidates; rows are weighed by their sample weights, not by a reward.
public enum TwoTower {
    /// A side of the model, and its tower.
    public enum Side: String, CaseIterable, Sendable {
        /// Users and what is known of the moment.
        case user
        /// Items.
        case item
    }

    /// The kept logarithms of the items' shares of the training rows, `[V, 1]`, by their ids.
    public static let logSharesName = "two_tower/log_shares"

    /// The logarithm of each id's share of some rows.
    ///
    /// An id that no row has counts as if one had, so that all are finite.
    ///
    /// - Parameter counts: for each id the rows that have it.
    /// - Returns: the parameter `logSharesName`.
    public static func logShares(_ counts: [Int]) -> Tensor {
        let rows = Double(max(counts.reduce(0, +), 1))
        return Tensor(
            counts.map { Float(logarithm(Double(max($0, 1)) / rows)) },
            shape: [counts.count, 1]
        )
    }

    /// The settings in configurations.
    public struct Settings: ArchitectureSettings {
        /// `two_tower`.
        public static let name = "two_tower"
        /// The features of items; all others are of the user and the moment.
        public var itemFeatures: [String] = []
        /// The feature whose ids tell items apart; the first of the items' features where empty.
        public var item = ""
        /// Widths of each tower's hidden layers.
        public var units = [128]
        /// The width of the vectors, `D`.
        public var dimension = 32
        /// What inner products are divided by.
        public var temperature: Float = 0.05
        /// Whether the loss takes out how often items are drawn.
        public var correctsSampling = true

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .names("item_features", \.itemFeatures),
                .name("item", \.item),
                .widths("units", \.units, atLeast: 0),
                .count("dimension", \.dimension),
                .number("temperature", \.temperature, in: .above(0)),
                .flag("sampling_correction", \.correctsSampling),
            ]
        }

        /// The feature whose ids tell items apart; nil where items have no features.
        public var itemFeature: String? { item.isEmpty ? itemFeatures.first : item }

        /// Builds both towers and the logit of the pair.
        public func outputs(
            _ parts: ArchitectureParts
        ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
            guard parts.tasks.count == 1, let task = parts.tasks.first, task.towerWidth == 1 else {
                throw GraphError(
                    .outOfRange,
                    "two_tower: the tasks do not fit; expected one of yes or no; received \(parts.tasks.map { "\($0.name) of \($0.towerWidth)" })."
                )
            }
            guard let item = itemFeature, let ids = parts.features.identifiers(of: item) else {
                throw GraphError(
                    .unknownName,
                    "two_tower: the item is missing; expected a feature of one id a row among the items'; received \"\(itemFeature ?? "")\"."
                )
            }
            let tables = parts.features.tables()
            let pair = PairLogit(
                task: task.name,
                temperature: temperature,
                vocabularySize: correctsSampling ? ids.vocabularySize : nil
            )
            let vectors = [
                try vector(of: .user, parts.features, tables, parts.towers),
                try vector(of: .item, parts.features, tables, parts.towers),
            ]
            return [(task.name, try pair.call(vectors + [ids.input.tensor], at: nil)[0])]
        }

        /// A model of one side: from its features to its vector.
        ///
        /// It has the tables and the tower of the whole model by the same names, and so reads its parameters.
        ///
        /// - Parameters:
        ///   - side: the side.
        ///   - features: the inputs of the whole model.
        ///   - towers: the towers' settings, as of the whole model.
        /// - Returns: a model with the output `vector`, `[B, D]`, whose inputs are the side's; `numeric` has the
        ///   side's columns only.
        /// - Throws: `GraphError` when a setting is out of range.
        public func model(
            of side: Side,
            features: FeatureInputs,
            towers: TowerSettings
        ) throws(GraphError) -> Model {
            let names = names(of: side, features)
            let declared = try features.keepingNumeric(of: names).declare()
            let made = try vector(of: side, declared, declared.tables(), towers)
            return try Model(inputs: declared.inputs(of: names), outputs: [("vector", made)])
        }

        /// The names of a side's features.
        private func names(of side: Side, _ features: FeatureInputs) -> Set<String> {
            let items = Set(itemFeatures)
            guard side == .user else { return items }
            return Set(features.features.map(\.name) + features.numericFeatures).subtracting(items)
        }

        private func vector(
            of side: Side,
            _ features: DeclaredFeatures,
            _ tables: [String: Embedding],
            _ towers: TowerSettings
        ) throws(GraphError) -> SymbolicTensor {
            let joined = try features.joined(
                names(of: side, features.description),
                in: tables,
                name: "\(side.rawValue)_features"
            )
            let tower = RetrievalTower(
                units: units,
                dimension: dimension,
                towers: towers,
                name: "\(side.rawValue)_tower"
            )
            return try tower(joined)
        }
    }
}

extension Architecture {
    /// A vector of the user and one of the item, for retrieval.
    ///
    /// - Parameters:
    ///   - itemFeatures: the features of items; all others are of the user and the moment.
    ///   - item: the feature whose ids tell items apart; nil for the first of the items'.
    ///   - units: widths of each tower's hidden layers.
    ///   - dimension: the width of the vectors.
    ///   - temperature: what inner products are divided by.
    /// - Returns: the architecture.
    public static func twoTower(
        itemFeatures: [String],
        item: String? = nil,
        units: [Int] = [128],
        dimension: Int = 32,
        temperature: Float = 0.05
    ) -> Architecture {
        var settings = TwoTower.Settings()
        settings.itemFeatures = itemFeatures
        settings.item = item ?? ""
        settings.units = units
        settings.dimension = dimension
        settings.temperature = temperature
        return Architecture(settings)
    }
}
