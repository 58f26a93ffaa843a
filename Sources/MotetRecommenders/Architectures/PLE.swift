import MotetCore
public import MotetGraph
public import MotetNN

/// Progressive Layered Extraction: experts of each task beside shared ones, over several levels.
///
/// At each level task *k* mixes its own experts and the shared ones with a gate on its own input; below
/// the last level a shared gate mixes all experts for the shared input of the next. One level is CGC,
/// Customized Gate Control.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Cost: a level runs `K * taskExperts + sharedExperts` experts on each row.
/// - Source: Tang, Liu, Zhao and Gong, "Progressive Layered Extraction (PLE)", RecSys 2020.
///   <https://doi.org/10.1145/3383313.3412236>
public final class PLE: MultiTaskLayer {
    /// `ple`.
    public static let kind = "ple"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let levels: Int
    private let sharedExperts: Int
    private let taskExperts: Int
    private let expertUnits: [Int]
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - levels: the number of levels, at least 1.
    ///   - sharedExperts: experts all tasks use, at each level.
    ///   - taskExperts: experts of each task, at each level.
    ///   - expertUnits: widths of each expert's layers, at least one.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        levels: Int,
        sharedExperts: Int,
        taskExperts: Int,
        expertUnits: [Int],
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.levels = levels
        self.sharedExperts = sharedExperts
        self.taskExperts = taskExperts
        self.expertUnits = expertUnits
        self.towers = towers
        self.name = name
    }

    /// Runs the levels and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(taskExperts, expertUnits)
        try checkExperts(sharedExperts, expertUnits)
        guard levels >= 1 else {
            throw GraphError(
                .outOfRange,
                "'levels' is out of range; expected at least 1; received \(levels)."
            )
        }
        // [B, I] at first, then [K + 1, B, H]: an input for each task, and the shared one.
        var value = inputs[0]
        for level in 1...levels {
            let extraction = ExtractionLevel(
                tasks: tasks.count,
                sharedExperts: sharedExperts,
                taskExperts: taskExperts,
                expertUnits: expertUnits,
                towers: towers,
                isLast: level == levels,
                name: "level_\(level)"
            )
            value = try context.call(extraction, [value])[0]
        }
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [value] + inputs.dropFirst()
        )
    }
}

/// One level of PLE.
///
/// - Shapes: input `[B, I]` or `[K + 1, B, I]`; output `[K, B, H]` at the last level, else `[K + 1, B, H]`
private final class ExtractionLevel: Layer {
    static let kind = "level"
    let name: String?
    private let tasks: Int
    private let sharedExperts: Int
    private let taskExperts: Int
    private let expertUnits: [Int]
    private let towers: TowerSettings
    private let isLast: Bool

    init(
        tasks: Int,
        sharedExperts: Int,
        taskExperts: Int,
        expertUnits: [Int],
        towers: TowerSettings,
        isLast: Bool,
        name: String
    ) {
        self.tasks = tasks
        self.sharedExperts = sharedExperts
        self.taskExperts = taskExperts
        self.expertUnits = expertUnits
        self.towers = towers
        self.isLast = isLast
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let hasOwnInputs = context.graph.shape(of: inputs[0]).rank == 3
        // Experts in the order task 0, task 1, ..., shared; groups of the input likewise.
        let groups =
            (0..<tasks).flatMap { [Int](repeating: $0, count: taskExperts) }
            + [Int](repeating: tasks, count: sharedExperts)
        let experts = StackedPerceptron(
            expertUnits,
            sources: hasOwnInputs ? groups : groups.map { _ in 0 },
            activation: towers.activation,
            dropout: towers.dropout,
            name: "experts"
        )
        let hidden = try context.call(experts, inputs)[0]
        let shared = Array((tasks * taskExperts)..<(tasks * taskExperts + sharedExperts))
        let taskGates = Gates(
            sources: (0..<tasks).map { hasOwnInputs ? $0 : 0 },
            selections: (0..<tasks).map { task in
                Array((task * taskExperts)..<((task + 1) * taskExperts)) + shared
            },
            name: "task_gates"
        )
        let mixed = try context.call(taskGates, [inputs[0], hidden])[0]  // [K, B, H]
        if isLast { return [mixed] }
        let sharedGate = Gates(
            sources: [hasOwnInputs ? tasks : 0],
            selections: [Array(groups.indices)],
            name: "shared_gate"
        )
        let next = try context.call(sharedGate, [inputs[0], hidden])[0]  // [1, B, H]
        return try context.graph.add(MotetGraph.Concatenate(axis: 0), [mixed, next])
    }
}

extension PLE {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `ple`.
        public static let name = "ple"
        /// The number of levels.
        public var levels = 2
        /// Experts all tasks use, at each level.
        public var sharedExperts = 1
        /// Experts of each task, at each level.
        public var taskExperts = 1
        /// Widths of each expert's layers.
        public var expertUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("levels", \.levels), .count("shared_experts", \.sharedExperts),
                .count("task_experts", \.taskExperts), .widths("expert_units", \.expertUnits),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> PLE {
            PLE(
                tasks: tasks,
                levels: levels,
                sharedExperts: sharedExperts,
                taskExperts: taskExperts,
                expertUnits: expertUnits,
                towers: towers,
                name: "ple"
            )
        }
    }
}

extension Architecture {
    /// Own and shared experts over several levels.
    public static func ple(
        levels: Int,
        sharedExperts: Int,
        taskExperts: Int,
        expertUnits: [Int]
    ) -> Architecture {
        var settings = PLE.Settings()
        settings.levels = levels
        settings.sharedExperts = sharedExperts
        settings.taskExperts = taskExperts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
