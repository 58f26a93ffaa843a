import MotetCore
public import MotetGraph
public import MotetNN

/// Entire Space Multi-task Model: conversions learnt from all rows, though only clicked ones have any.
///
/// Each task has a network of its own over shared tables. A task within another, such as purchase within
/// click, gives `p(purchase | click)`; it is learnt through the product
/// `p(click, purchase) = p(click) p(purchase | click)`, whose label every row has:
/// `L = BCE(click, p(click)) + BCE(click and purchase, p(click) p(purchase | click))`.
/// Chains of several tasks multiply on.
///
/// The loss is computed on the logit of the product, `a - softplus(a - b + softplus(-a))` for logits a and
/// b: no probability is formed, and none rounds to 0 or 1.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`, for a task within another the logit of the
///   conditional probability
/// - Cost: K networks on each row.
/// - Source: Ma, Zhao, Huang, Wang, Hu, Zhu and Gai, "Entire Space Multi-Task Model: An Effective Approach
///   for Estimating Post-Click Conversion Rate", SIGIR 2018.
///   <https://doi.org/10.1145/3209978.3210104>
/// - Departures: any number of tasks and chains; rows that do not tell whether a chain is positive, for a
///   label is missing, are left out; towers of scenarios.
public final class ESMM: MultiTaskLayer {
    /// `esmm`.
    public static let kind = "esmm"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let networkUnits: [Int]
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs; at least one lies within another.
    ///   - networkUnits: widths of each task's layers below its tower, at least one.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        networkUnits: [Int],
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.networkUnits = networkUnits
        self.towers = towers
        self.name = name
    }

    /// Runs the networks, and defines the losses of tasks within others.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let made = try ownNetworks(tasks, networkUnits, towers, inputs, in: &context)
        for task in tasks where task.within != nil {
            let space = try EntireSpace(of: task, in: tasks)
            let names = space.names
            context.setLoss(of: task.name, reading: names) {
                (rows, loss, graph) throws(GraphError) in
                try EntireSpace.loss(names, rows, loss, in: &graph)
            }
        }
        return made
    }
}

extension MultiTaskLayer {
    /// A network and a tower for each task over one input.
    func ownNetworks(
        _ tasks: [TaskHead],
        _ units: [Int],
        _ towers: TowerSettings,
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("networkUnits", units)
        let networks = StackedPerceptron(
            units,
            sources: tasks.map { _ in 0 },
            activation: towers.activation,
            dropout: towers.dropout,
            name: "networks"
        )
        let hidden = try context.call(networks, [inputs[0]])[0]  // [K, B, H]
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [hidden] + inputs.dropFirst()
        )
    }

    func checkWidths(_ name: String, _ units: [Int]) throws(GraphError) {
        guard !units.isEmpty, units.allSatisfy({ $0 >= 1 }) else {
            throw GraphError(
                .outOfRange,
                "'\(name)' is out of range; expected at least one width of at least 1; received \(units)."
            )
        }
    }
}

extension ESMM {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `esmm`.
        public static let name = "esmm"
        /// Widths of each task's layers below its tower.
        public var networkUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [.widths("network_units", \.networkUnits)]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> ESMM {
            ESMM(tasks: tasks, networkUnits: networkUnits, towers: towers, name: "esmm")
        }

        /// Says where nothing lies within anything.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            experiment.chainProblems(Self.name)
        }
    }
}

extension ArchitectureExperiment {
    /// What keeps an architecture from multiplying probabilities along chains of tasks.
    func chainProblems(_ architecture: String) -> [String] {
        guard tasks.contains(where: { $0.within != nil }) else {
            return [
                "`\(architecture)` learns a task within another from all rows; expected a task with "
                    + "`within`, such as a purchase within a click; received none."
            ]
        }
        return tasks.filter { $0.within != nil && !$0.isBinary }.map {
            "`\(architecture)` multiplies probabilities; expected task \"\($0.name)\", which has "
                + "`within`, to have a loss of yes or no; received another."
        }
    }
}

extension Architecture {
    /// Conversions learnt from all rows through products of probabilities.
    public static func esmm(networkUnits: [Int]) -> Architecture {
        var settings = ESMM.Settings()
        settings.networkUnits = networkUnits
        return Architecture(settings)
    }
}
