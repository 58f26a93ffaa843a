import MotetCore
public import MotetGraph
public import MotetNN

/// Adaptive Information Transfer Multi-task: steps of a funnel, each of which hands knowledge to the next.
///
/// The tasks are steps in their order, such as view, click, purchase, each of which can only follow the one
/// before. With `q_t = network_t(x)`, `z_1 = q_1`, and for later steps
///
/// - `p_t = relu(W z_(t-1) + b)`, what the step before hands over,
/// - `z_t = sum_u w_u v(u)` over `u` in `p_t, q_t`, `w = softmax(<k(u), q(u)> / sqrt(H))`,
///
/// with linear maps `v`, `k`, `q` of their own for each step; the output is `tower_t(z_t)`. The calibrator
/// adds `alpha * mean(sum_t max(y_t - y_(t-1), 0))` of the probabilities to the loss: no step is likelier
/// than the one before.
///
/// - Shapes: input `[B, I]`; output for each task a logit `[B, 1]`, of the probability over all rows
/// - Cost: K networks, and for each step after the first 7 H^2 products for each row.
/// - Source: Xi, Chen, Yan, Zhang, Zhu, Zhuang and Chen, "Modeling the Sequential Dependence among Audience
///   Multi-step Conversions with Multi-task Learning in Targeted Display Advertising", KDD 2021.
///   <https://doi.org/10.1145/3447548.3467071>
/// - Departures: the mean of the calibrator is over rows whose labels of both steps are known, weighed by
///   their sample weights.
public final class AITM: MultiTaskLayer {
    /// `aitm`.
    public static let kind = "aitm"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the steps.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let networkUnits: [Int]
    private let calibrator: Float
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the steps in their order, at least two, each a yes or no.
    ///   - networkUnits: widths of each task's layers, at least one.
    ///   - calibrator: the factor of the calibrator in the loss; 0 for none.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        networkUnits: [Int],
        calibrator: Float = 0.6,
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.networkUnits = networkUnits
        self.calibrator = calibrator
        self.towers = towers
        self.name = name
    }

    /// Runs networks, transfers and towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("networkUnits", networkUnits)
        guard tasks.count >= 2, tasks.allSatisfy({ $0.width == 1 }) else {
            throw GraphError(
                .outOfRange,
                "the tasks are steps of a funnel; expected at least 2 of one logit each; received \(tasks.map { "\($0.name) of \($0.width)" })."
            )
        }
        let networks = StackedPerceptron(
            networkUnits,
            sources: tasks.map { _ in 0 },
            activation: towers.activation,
            dropout: towers.dropout,
            name: "networks"
        )
        let hidden = try context.call(networks, [inputs[0]])[0]  // [K, B, H]
        let shape = context.graph.shape(of: hidden)
        let ones = [Int](repeating: 1, count: tasks.count)
        var stacked: [Value] = []
        var before: Value?
        for (index, slice) in try context.graph.add(
            MotetGraph.Split(axis: 0, sizes: ones),
            [hidden]
        ).enumerated() {
            var value = try context.graph.apply(MotetGraph.Reshape([shape[1], shape[2]]), slice)
            if let known = before {
                let transfer = InformationTransfer(
                    dropout: towers.dropout,
                    name: "transfer_\(index + 1)"
                )
                value = try context.call(transfer, [known, value])[0]
            }
            before = value
            stacked.append(
                try context.graph.apply(MotetGraph.Reshape([1, shape[1], shape[2]]), value)
            )
        }
        let joined = try context.graph.add(MotetGraph.Concatenate(axis: 0), stacked)[0]
        if calibrator > 0 { addCalibrator(to: &context) }
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [joined] + inputs.dropFirst()
        )
    }

    /// `alpha * sum_t mean(max(y_t - y_(t-1), 0))`.
    private func addCalibrator(to context: inout ForwardContext) {
        let (names, factor) = (tasks.map(\.name), calibrator)
        context.addLoss("calibrator", of: names) { (rows, graph) throws(GraphError) in
            var sums: [Value] = []
            var before: Value?
            for (index, name) in names.enumerated() {
                let logit = try rows.output(of: name)
                let flat = try graph.apply(MotetGraph.Reshape([.batch]), logit)
                let probability = try graph.apply(MotetGraph.Activation(.sigmoid), flat)
                if let before {
                    let growth = try graph.apply(Arithmetic(.subtract), probability, before)
                    let excess = try graph.apply(MotetGraph.Activation(.relu), growth)
                    let weights = try graph.apply(
                        Arithmetic(.multiply),
                        try rows.weights(known: name, in: &graph),
                        try rows.weights(known: names[index - 1], isWeighted: false, in: &graph)
                    )
                    let zeros = try graph.apply(StopGradient(), try graph.apply(Scale(0), flat))
                    sums.append(
                        try graph.add(PointwiseLoss(.absoluteError), [excess, zeros, weights])[0]
                    )
                }
                before = probability
            }
            return try graph.apply(Scale(factor), try graph.add(AddN(), sums)[0])
        }
    }
}

/// What a step makes of what the step before hands over, `[B, H]`, and its own `[B, H]`.
private final class InformationTransfer: Layer {
    static let kind = "transfer"
    let name: String?
    private let dropout: Float

    init(dropout: Float, name: String) {
        self.dropout = dropout
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let width = context.graph.shape(of: inputs[0]).last.fixedSize ?? 1
        let handing = Dense(width, activation: .relu, name: "information")
        var handed = try context.call(handing, [inputs[0]])[0]
        if dropout > 0 {
            handed = try context.call(MotetNN.Dropout(dropout, name: "dropout"), [handed])[0]
        }
        let value = Dense(width, name: "value")
        let key = Dense(width, name: "key")
        let query = Dense(width, name: "query")
        var parts: [(value: Value, score: Value)] = []
        for part in [handed, inputs[1]] {
            let product = try context.graph.apply(
                Arithmetic(.multiply),
                try context.call(key, [part])[0],
                try context.call(query, [part])[0]
            )
            // The mean over H times sqrt(H) is the sum over sqrt(H).
            let mean = try context.graph.apply(MotetGraph.Mean(axis: 1), product)
            parts.append(
                (
                    try context.call(value, [part])[0],
                    try context.graph.apply(Scale(Float(width).squareRoot()), mean)
                )
            )
        }
        // A softmax over two is a sigmoid of their difference.
        let difference = try context.graph.apply(
            Arithmetic(.subtract),
            parts[0].score,
            parts[1].score
        )
        let share = try context.graph.apply(
            MotetGraph.Reshape([context.graph.shape(of: difference)[0], 1]),
            try context.graph.apply(MotetGraph.Activation(.sigmoid), difference)
        )
        let change = try context.graph.apply(Arithmetic(.subtract), parts[0].value, parts[1].value)
        let moved = try context.graph.apply(Arithmetic(.multiply), change, share)
        return [try context.graph.apply(Arithmetic(.add), parts[1].value, moved)]
    }
}

extension AITM {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `aitm`.
        public static let name = "aitm"
        /// Widths of each task's layers.
        public var networkUnits = [128]
        /// The factor of the calibrator in the loss.
        public var calibrator: Float = 0.6

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("network_units", \.networkUnits),
                .number("calibrator", \.calibrator, in: .atLeast(0)),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> AITM {
            AITM(
                tasks: tasks,
                networkUnits: networkUnits,
                calibrator: calibrator,
                towers: towers,
                name: "aitm"
            )
        }

        /// Says where tasks are no steps of a funnel.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            var problems: [String] = []
            if experiment.tasks.count < 2 {
                problems.append(
                    "`aitm` hands knowledge from task to task, in their order; expected at least 2 "
                        + "tasks; received \(experiment.tasks.count)."
                )
            }
            for task in experiment.tasks {
                if !task.isBinary {
                    problems.append(
                        "`aitm` compares probabilities; expected task \"\(task.name)\" to have a "
                            + "loss of yes or no; received another."
                    )
                }
                if let parent = task.within {
                    problems.append(
                        "`aitm` gives probabilities over all rows; expected task \"\(task.name)\" "
                            + "without `within`; received `within: \(parent)`."
                    )
                }
            }
            return problems
        }
    }
}

extension Architecture {
    /// Steps of a funnel, each of which hands knowledge to the next.
    public static func aitm(networkUnits: [Int], calibrator: Float = 0.6) -> Architecture {
        var settings = AITM.Settings()
        settings.networkUnits = networkUnits
        settings.calibrator = calibrator
        return Architecture(settings)
    }
}
