import MotetCore
public import MotetGraph
public import MotetNN

/// DSelect-k: experts of which each task's gate chooses at most k, by a choice that gradients can learn.
///
/// Task k has selectors, each of which ends on a single expert: with its numbers z, the weight of expert e is the
/// product over the bits of e of `S(z_b)` or `1 - S(z_b)`, S a smooth step that reaches 0 and 1. The gate is
/// `sum_i softmax(a)_i r(z_i)`; z and a are numbers of the task or, `readsRows`, linear maps of the row. An entropy
/// term, `entropy * sum_i H(r(z_i))` averaged over the rows, moves selectors to a single expert.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Cost: E expert forwards for each row; all experts are computed, also those no task has chosen.
/// - Source: Hazimeh, Zhao, Chowdhery, Sathiamoorthy, Chen, Mazumder, Hong and Chi, "DSelect-k: Differentiable
///   Selection in the Mixture of Experts with Applications to Multi-Task Learning", NeurIPS 2021.
///   <https://doi.org/10.48550/arXiv.2106.03760>
/// - Departures: the number of experts is a power of two, where the paper adds a penalty for numbers that stand
///   for no expert; the logarithm of the entropy has 1e-6 added, as in the authors' program.
public final class DSelectK: MultiTaskLayer {
    /// `dselect_k`.
    public static let kind = "dselect_k"
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
    ///   - settings: experts and selectors.
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

    /// Runs experts, selectors and towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.experts, settings.expertUnits)
        guard settings.hasPowerOfTwo, settings.selectors >= 1, settings.gamma > 0 else {
            throw GraphError(
                .outOfRange,
                "the settings do not fit; expected 2, 4, 8, ... experts, at least 1 selector and a gamma above 0; received \(settings.experts), \(settings.selectors) and \(settings.gamma)."
            )
        }
        let stack = StackedPerceptron(
            settings.expertUnits,
            sources: [Int](repeating: 0, count: settings.experts),
            activation: towers.activation,
            dropout: towers.dropout,
            name: "experts"
        )
        let hidden = try context.call(stack, [inputs[0]])[0]
        let selectors = SparseSelectors(
            tasks: tasks.count,
            experts: settings.experts,
            selectors: settings.selectors,
            gamma: settings.gamma,
            readsRows: settings.readsRows,
            name: "selectors"
        )
        let made = try context.call(selectors, [inputs[0]])
        let everyone = tasks.map { _ in Array(0..<settings.experts) }
        let mixed: Value
        if settings.readsRows {
            mixed = try context.graph.apply(Mixture(selections: everyone), made[0], hidden)
        } else {
            let count = Dimension.fixed(tasks.count)
            let flat = try context.graph.apply(
                MotetGraph.Reshape([count, .fixed(settings.experts)]),
                made[0]
            )
            mixed = try ConstantMixture.apply(
                flat,
                hidden,
                selections: everyone,
                in: &context.graph
            )
        }
        if settings.entropy > 0 { addEntropy(made[1], to: &context) }
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [mixed] + inputs.dropFirst()
        )
    }

    private func addEntropy(_ entropy: Value, to context: inout ForwardContext) {
        let (names, factor, readsRows) = (tasks.map(\.name), settings.entropy, settings.readsRows)
        context.addLoss("entropy", of: names) { (rows, graph) throws(GraphError) in
            guard readsRows else {
                let single = try graph.apply(MotetGraph.Reshape([]), entropy)
                return try graph.apply(Scale(factor), single)
            }
            // Entropies are above 0: their weighted mean is one of absolute values.
            let weights = try rows.weights(known: names[0], in: &graph)
            let zeros = try graph.apply(StopGradient(), try graph.apply(Scale(0), entropy))
            let mean = try graph.add(PointwiseLoss(.absoluteError), [entropy, zeros, weights])[0]
            return try graph.apply(Scale(factor), mean)
        }
    }
}

extension DSelectK {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `dselect_k`.
        public static let name = "dselect_k"
        /// The number of experts, a power of two.
        public var experts = 4
        /// Widths of each expert's layers.
        public var expertUnits = [128]
        /// How many experts a task's gate chooses at most.
        public var selectors = 2
        /// Whether each row chooses its experts, or each task once for all rows.
        public var readsRows = true
        /// The width of the smooth step.
        public var gamma: Float = 1
        /// The factor of the entropy in the loss.
        public var entropy: Float = 0.01

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("experts", \.experts, atLeast: 2),
                .widths("expert_units", \.expertUnits), .count("selectors", \.selectors),
                .flag("reads_rows", \.readsRows), .number("gamma", \.gamma, in: .above(0)),
                .number("entropy", \.entropy, in: .atLeast(0)),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> DSelectK {
            DSelectK(tasks: tasks, settings: self, towers: towers, name: "dselect_k")
        }

        /// Whether each number of so many bits stands for an expert.
        var hasPowerOfTwo: Bool { experts >= 2 && experts & (experts - 1) == 0 }

        /// Says where experts have no numbers.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            guard !hasPowerOfTwo else { return [] }
            return [
                "`dselect_k` numbers its experts by bits; expected 2, 4, 8, 16, ... `experts`; "
                    + "received \(experts)."
            ]
        }
    }
}

extension Architecture {
    /// Experts of which each task's gate chooses at most k; see `DSelectK.Settings`.
    public static func dselectK(_ settings: DSelectK.Settings) -> Architecture {
        Architecture(settings)
    }

    /// Experts of which each row chooses at most two.
    public static func dselectK(experts: Int, expertUnits: [Int]) -> Architecture {
        var settings = DSelectK.Settings()
        settings.experts = experts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
