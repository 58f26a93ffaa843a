import MotetCore
public import MotetGraph
public import MotetNN

/// Star topology adaptive recommender: a shared network, and for each scenario factors of its weights.
///
/// `f_k(x) = star_k(star(PN(x))) + auxiliary_k([e_s; x])` for a row of scenario *s*: layers whose weights are
/// `W * W_s`, partitioned normalisation, and a small network that is told the scenario.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: see `StarDense` and `PartitionedNormalization`; `auxiliary/scenarios/weight` `[S, D]`
/// - Cost: one network for each row however many scenarios there are, and one product of weights for each
///   scenario and step.
/// - Source: Sheng et al., "One Model to Serve All: Star Topology Adaptive Recommender for Multi-Domain CTR
///   Prediction", CIKM 2021. <https://doi.org/10.1145/3459637.3481941>
/// - Departures: several tasks share the star layers of `units`; each has star towers of its own. The auxiliary
///   network reads the features before normalisation, which the paper leaves open. Factors start at 1, so each
///   scenario starts as the shared network.
public final class STAR: ScenarioNetwork {
    /// `star`.
    public static let kind = "star"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// Runs normalisation, star layers and the auxiliary network.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("starUnits", settings.starUnits)
        try checkWidths("auxiliaryUnits", settings.auxiliaryUnits)
        var value = inputs[0]
        if settings.normalization {
            let layer = PartitionedNormalization(scenarios: scenarios, name: "normalization")
            value = try context.call(layer, inputs)[0]
        }
        value = try context.perceptron(
            star(settings.starUnits),
            value,
            inputs[1],
            dropout: towers.dropout
        )
        let extra = settings.auxiliary ? try auxiliary(inputs, in: &context) : []
        var outputs: [Value] = []
        for (index, task) in tasks.enumerated() {
            let tower = StarTower(
                star(towers.units)
                    + [
                        StarDense(
                            task.towerWidth,
                            scenarios: scenarios,
                            activation: .none,
                            name: "output"
                        )
                    ],
                dropout: towers.dropout,
                name: task.name
            )
            let logit = try context.call(tower, [value, inputs[1]])[0]
            guard index < extra.count else {
                outputs.append(logit)
                continue
            }
            outputs.append(try context.graph.apply(Arithmetic(.add), logit, extra[index]))
        }
        return outputs
    }

    private func star(_ units: [Int]) -> [any Layer] {
        units.enumerated().map {
            StarDense(
                $1,
                scenarios: scenarios,
                activation: towers.activation,
                name: "dense_\($0 + 1)"
            )
        }
    }

    /// Each task's logit from the scenario and the features.
    private func auxiliary(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let embedding = ScenarioEmbedding(
            settings.scenarioDimension,
            scenarios: scenarios,
            name: "scenarios"
        )
        let network = AuxiliaryNetwork(
            embedding,
            settings.auxiliaryUnits.enumerated().map {
                Dense($1, activation: towers.activation, name: "dense_\($0 + 1)")
            },
            outputs: tasks.map { Dense($0.towerWidth, name: "output_\($0.name)") },
            name: "auxiliary"
        )
        return try context.call(network, inputs)
    }
}

/// A task's star layers, ending in its output.
private final class StarTower: Layer {
    static let kind = "star_tower"
    let name: String?
    private let layers: [any Layer]
    private let dropout: Float

    init(_ layers: [any Layer], dropout: Float, name: String) {
        self.layers = layers
        self.dropout = dropout
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let hidden = try context.perceptron(
            layers.dropLast(),
            inputs[0],
            inputs[1],
            dropout: dropout
        )
        return [try context.perceptron(layers.suffix(1), hidden, inputs[1])]
    }
}

/// The network that is told the scenario: outputs for each task from `[e_s; x]`.
private final class AuxiliaryNetwork: Layer {
    static let kind = "auxiliary"
    let name: String?
    private let embedding: ScenarioEmbedding
    private let layers: [Dense]
    private let outputs: [Dense]

    init(_ embedding: ScenarioEmbedding, _ layers: [Dense], outputs: [Dense], name: String) {
        self.embedding = embedding
        self.layers = layers
        self.outputs = outputs
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let vector = try context.call(embedding, inputs)[0]
        let joined = try context.graph.add(
            MotetGraph.Concatenate(axis: 1),
            [vector, inputs[0]]
        )[0]
        let hidden = try context.perceptron(layers, joined)
        var results: [Value] = []
        for output in outputs { results.append(try context.call(output, [hidden])[0]) }
        return results
    }
}

extension STAR {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = STAR
        /// `star`.
        public static let name = "star"
        /// Widths of the star layers all tasks share.
        public var starUnits = [128]
        /// Whether features are normalised by scenario.
        public var normalization = true
        /// Whether a small network is told the scenario, and its output added.
        public var auxiliary = true
        /// Widths of that network's hidden layers.
        public var auxiliaryUnits = [32]
        /// The width of the vector it knows a scenario by.
        public var scenarioDimension = 8

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("star_units", \.starUnits, atLeast: 0),
                .flag("normalization", \.normalization), .flag("auxiliary", \.auxiliary),
                .widths("auxiliary_units", \.auxiliaryUnits, atLeast: 0),
                .count("scenario_dimension", \.scenarioDimension),
            ]
        }
    }
}

extension Architecture {
    /// A shared network and, for each scenario, factors of its weights.
    public static func star(_ change: (inout STAR.Settings) -> Void = { _ in }) -> Architecture {
        changed(change)
    }
}
