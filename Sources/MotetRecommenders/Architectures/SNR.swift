import MotetCore
public import MotetGraph
public import MotetNN

/// Sub-Network Routing: small networks in levels, and learnt connections between them that may end at 0.
///
/// Sub-network i of the next level, or at the end task i, reads `sum_j z_ij v_j` of the sub-networks `v_j` below
/// (`SNR-Aver`), or `sum_j z_ij W_ij v_j` (`SNR-Trans`, `transforms`). The numbers z are hard concrete: in [0, 1],
/// noisy while training, and pressed to 0 by `sparsity * (expected number of connections)` in the loss.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Learned: sub-networks; for each level `routes_l/log_alpha` `[N', N]`, normal around 0 with deviation 0.01; with
///   `transforms` `routes_l/transform/weight` `[N' N, H, H]`
/// - Cost: `levels * subnetworks` networks on each row; with transforms `N' N H^2` more for each level.
/// - Source: Ma, Zhao, Chen, Li, Hong and Chi, "SNR: Sub-Network Routing for Flexible Parameter Sharing in
///   Multi-Task Learning", AAAI 2019. <https://doi.org/10.1609/aaai.v33i01.3301216>
/// - Departures: every level has the same number and widths of sub-networks; without `noise` training uses the
///   numbers that answers use.
public final class SNR: MultiTaskLayer {
    /// `snr`.
    public static let kind = "snr"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let settings: Settings
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - settings: levels, sub-networks and their connections.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        settings: Settings,
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.settings = settings
        self.towers = towers
        self.name = name
    }

    /// Runs the levels with their connections, and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.subnetworks, settings.networkUnits)
        guard settings.levels >= 1 else {
            throw GraphError(
                .outOfRange,
                "'levels' is out of range; expected at least 1; received \(settings.levels)."
            )
        }
        let count = settings.subnetworks
        var value = inputs[0]
        var counts: [Value] = []
        for level in 1...settings.levels {
            let networks = StackedPerceptron(
                settings.networkUnits,
                sources: level == 1 ? [Int](repeating: 0, count: count) : Array(0..<count),
                activation: towers.activation,
                dropout: towers.dropout,
                name: "level_\(level)"
            )
            let hidden = try context.call(networks, [value])[0]
            let routes = Routes(
                from: count,
                to: level == settings.levels ? tasks.count : count,
                settings: settings,
                name: "routes_\(level)"
            )
            let made = try context.call(routes, [hidden])
            value = made[0]
            counts.append(made[1])
        }
        if settings.sparsity > 0 {
            let (factor, expected) = (settings.sparsity, counts)
            context.addLoss("sparsity", of: tasks.map(\.name)) {
                (_, graph) throws(GraphError) in
                try graph.apply(Scale(factor), try graph.add(AddN(), expected)[0])
            }
        }
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [value] + inputs.dropFirst()
        )
    }
}

/// Connections from sub-networks to those above: `[N, B, H]` to `[N', B, H]`, and how many there are, `[]`.
private final class Routes: Layer {
    static let kind = "routes"
    let name: String?
    private let sources: Int
    private let targets: Int
    private let settings: SNR.Settings

    init(from sources: Int, to targets: Int, settings: SNR.Settings, name: String) {
        self.sources = sources
        self.targets = targets
        self.settings = settings
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let logAlpha = try context.parameter(
            "log_alpha",
            shape: [targets, sources],
            initializer: .normal(deviation: 0.01)
        )
        var noise: Value?
        if settings.noise, context.mode == .training {
            let operation = LogisticNoise(
                rows: targets,
                columns: sources,
                key: context.layerKey.split("routes")
            )
            noise = try context.graph.apply(operation, try context.step())
        }
        let weights = try HardConcrete.apply(logAlpha, noise: noise, in: &context.graph)
        let expected = try HardConcrete.expectedCount(logAlpha, in: &context.graph)
        var slices = inputs[0]
        var selections = (0..<targets).map { _ in Array(0..<sources) }
        if settings.transforms {
            let width = context.graph.shape(of: slices).last.fixedSize ?? 1
            let transform = StackedDense(
                width,
                sources: selections.flatMap { $0 },
                useBias: false,
                name: "transform"
            )
            slices = try context.call(transform, [slices])[0]  // [N' N, B, H]
            selections = (0..<targets).map { Array(($0 * sources)..<(($0 + 1) * sources)) }
        }
        let mixed = try ConstantMixture.apply(
            weights,
            slices,
            selections: selections,
            in: &context.graph
        )
        return [mixed, expected]
    }
}

extension SNR {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `snr`.
        public static let name = "snr"
        /// The number of levels.
        public var levels = 2
        /// The number of sub-networks of a level.
        public var subnetworks = 4
        /// Widths of each sub-network's layers.
        public var networkUnits = [64]
        /// Whether connections have matrices.
        public var transforms = false
        /// Whether connections are noisy while training.
        public var noise = true
        /// The factor of the expected number of connections in the loss.
        public var sparsity: Float = 1e-4

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("levels", \.levels), .count("subnetworks", \.subnetworks),
                .widths("network_units", \.networkUnits), .flag("transforms", \.transforms),
                .flag("noise", \.noise), .number("sparsity", \.sparsity, in: .atLeast(0)),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> SNR {
            SNR(tasks: tasks, settings: self, towers: towers, name: "snr")
        }
    }
}

extension Architecture {
    /// Small networks in levels with learnt connections; see `SNR.Settings`.
    public static func snr(_ settings: SNR.Settings) -> Architecture { Architecture(settings) }
}
