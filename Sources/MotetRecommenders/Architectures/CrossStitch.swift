import MotetCore
public import MotetGraph
public import MotetNN

/// Cross-stitch networks: a network for each task, whose layers exchange what they found.
///
/// After each layer the activations `h_1 ... h_K` of the tasks are mixed with learnt numbers,
/// `h'_k = sum_j a_kj h_j`, and the next layer of task k reads `h'_k`.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Learned: for each layer `stitch_i/weight` `[K, K]`, at first `ownShare` for the task's own activation
///   and the rest in equal parts for the others
/// - Cost: K networks on each row, and K^2 U products for each layer.
/// - Source: Misra, Shrivastava, Gupta and Hebert, "Cross-stitch Networks for Multi-task Learning", CVPR
///   2016. <https://doi.org/10.1109/CVPR.2016.433>
/// - Departures: any number of tasks; dense layers, with one number for each pair of tasks and layer.
public final class CrossStitch: MultiTaskLayer {
    /// `cross_stitch`.
    public static let kind = "cross_stitch"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let networkUnits: [Int]
    private let ownShare: Float
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - networkUnits: widths of each task's layers, at least one; each is followed by an exchange.
    ///   - ownShare: at first, the share of a task's own activation, from 0 to 1.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        networkUnits: [Int],
        ownShare: Float = 0.9,
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.networkUnits = networkUnits
        self.ownShare = ownShare
        self.towers = towers
        self.name = name
    }

    /// Runs the networks with their exchanges, and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("networkUnits", networkUnits)
        let everyone = Array(tasks.indices)
        var value = inputs[0]
        for (index, width) in networkUnits.enumerated() {
            let layer = StackedPerceptron(
                [width],
                sources: index == 0 ? tasks.map { _ in 0 } : everyone,
                activation: towers.activation,
                dropout: towers.dropout,
                name: "layer_\(index + 1)"
            )
            let hidden = try context.call(layer, [value])[0]  // [K, B, U]
            let weight = try context.parameter(
                "stitch_\(index + 1)/weight",
                shape: [tasks.count, tasks.count],
                initializer: .given(GivenValues(Tensor(first, shape: [tasks.count, tasks.count])))
            )
            value = try ConstantMixture.apply(
                weight,
                hidden,
                selections: tasks.map { _ in everyone },
                in: &context.graph
            )
        }
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [value] + inputs.dropFirst()
        )
    }

    private var first: [Float] {
        let count = tasks.count
        let rest = count > 1 ? (1 - ownShare) / Float(count - 1) : 0
        return (0..<(count * count)).map { $0 / count == $0 % count ? ownShare : rest }
    }
}

extension CrossStitch {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `cross_stitch`.
        public static let name = "cross_stitch"
        /// Widths of each task's layers; each is followed by an exchange.
        public var networkUnits = [128]
        /// At first, the share of a task's own activation.
        public var ownShare: Float = 0.9

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("network_units", \.networkUnits),
                .number("own_share", \.ownShare, in: .between(0, 1)),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> CrossStitch {
            CrossStitch(
                tasks: tasks,
                networkUnits: networkUnits,
                ownShare: ownShare,
                towers: towers,
                name: "cross_stitch"
            )
        }
    }
}

extension Architecture {
    /// A network for each task, whose layers exchange what they found.
    public static func crossStitch(networkUnits: [Int], ownShare: Float = 0.9) -> Architecture {
        var settings = CrossStitch.Settings()
        settings.networkUnits = networkUnits
        settings.ownShare = ownShare
        return Architecture(settings)
    }
}
