import MotetCore
public import MotetGraph
public import MotetNN

/// Hierarchy of Multi-gate Experts: tasks in groups, experts of groups before experts of tasks.
///
/// - Experts are layers of `swish(batch_norm(x W))`, so that none dies and all have one scale.
/// - Below, each expert of a group, and each shared one, reads features of its own making,
///   `x * 2 sigmoid(x A_e B_e)` with A, B of low rank. Group g mixes its experts and the shared ones to
///   `z_g`, the shared part mixes all experts to `z_s`; gates are softmaxes over x.
/// - Above, experts of task k and of its group read `z_g`, the shared ones `z_s`; task k mixes these three
///   kinds with a gate over `z_g, z_s`.
/// - Groups and tasks also add their own experts once more, with a self-gate: a softmax over them, or a
///   sigmoid where there is one.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Cost: experts of groups and shared ones twice, of tasks once, on each row; the features of an expert
///   below take `2 I r` products.
/// - Source: Wang, Cao, Fu, Gai and others, "HoME: Hierarchy of Multi-Gate Experts for Multi-Task Learning
///   at Kuaishou", KDD 2025, arXiv 2408.05430. <https://doi.org/10.48550/arXiv.2408.05430>
/// - Departures: one low-rank map for each expert below, and none above; gates have no bias; the function
///   of experts is always swish, `activation` is that of the towers.
public final class HoME: MultiTaskLayer {
    /// `home`.
    public static let kind = "home"
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
    ///   - settings: groups of tasks, numbers and widths of experts.
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

    /// Runs the experts of groups, those of tasks, and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkExperts(settings.taskExperts, settings.expertUnits)
        try checkExperts(settings.groupExperts, settings.expertUnits)
        try checkExperts(settings.sharedExperts, settings.expertUnits)
        guard let groups = settings.groupNumbers(tasks.map(\.name)), settings.gateRank >= 1 else {
            throw GraphError(
                .outOfRange,
                "the settings do not fit; expected each task in one of 'groups' and a 'gateRank' of at least 1; received \(settings.groups) and \(settings.gateRank)."
            )
        }
        let below = GroupExperts(settings: settings, dropout: towers.dropout)
        let parts = try context.call(below, [inputs[0]])[0]  // [G + 1, B, H]
        let above = TaskExperts(groups: groups, settings: settings, dropout: towers.dropout)
        let mixed = try context.call(above, [parts])[0]  // [K, B, H]
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [mixed] + inputs.dropFirst()
        )
    }
}

/// The lower level: `[B, I]` to a vector for each group and a shared one, `[G + 1, B, H]`.
private final class GroupExperts: Layer {
    static let kind = "groups"
    let name: String? = "groups"
    private let settings: HoME.Settings
    private let dropout: Float

    init(settings: HoME.Settings, dropout: Float) {
        self.settings = settings
        self.dropout = dropout
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (groups, own) = (settings.groups.count, settings.groupExperts)
        let count = groups * own + settings.sharedExperts
        let width = context.graph.shape(of: inputs[0]).last.fixedSize ?? 1
        let lower = StackedDense(
            settings.gateRank,
            sources: [Int](repeating: 0, count: count),
            useBias: false,
            name: "feature_gates/lower"
        )
        let upper = StackedDense(
            width,
            sources: Array(0..<count),
            activation: .sigmoid,
            useBias: false,
            name: "feature_gates/upper"
        )
        let low = try context.call(lower, [inputs[0]])[0]
        let gate = try context.graph.apply(Scale(2), try context.call(upper, [low])[0])
        let features = try context.graph.apply(Arithmetic(.multiply), gate, inputs[0])  // [E, B, I]
        let experts = NormalisedExperts(
            settings.expertUnits,
            sources: Array(0..<count),
            dropout: dropout
        )
        let hidden = try context.call(experts, [features])[0]
        let shared = Array((groups * own)..<count)
        let ownExperts = (0..<groups).map { Array(($0 * own)..<(($0 + 1) * own)) }
        let gates = Gates(
            sources: ownExperts.map { _ in 0 },
            selections: ownExperts.map { $0 + shared },
            name: "group_gates"
        )
        let sharedGate = Gates(sources: [0], selections: [Array(0..<count)], name: "shared_gate")
        let selfGates = SelfGates(
            sources: ownExperts.map { _ in 0 },
            selections: ownExperts,
            name: "self_gates"
        )
        let mixed = try context.call(gates, [inputs[0], hidden])[0]
        let kept = try context.call(selfGates, [inputs[0], hidden])[0]
        let ofGroups = try context.graph.apply(Arithmetic(.add), mixed, kept)
        let ofAll = try context.call(sharedGate, [inputs[0], hidden])[0]
        return try context.graph.add(MotetGraph.Concatenate(axis: 0), [ofGroups, ofAll])
    }
}

/// The upper level: `[G + 1, B, H]` to a vector for each task, `[K, B, H]`.
private final class TaskExperts: Layer {
    static let kind = "tasks"
    let name: String? = "tasks"
    /// For each task the number of its group.
    private let groups: [Int]
    private let settings: HoME.Settings
    private let dropout: Float

    init(groups: [Int], settings: HoME.Settings, dropout: Float) {
        self.groups = groups
        self.settings = settings
        self.dropout = dropout
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (tasks, own) = (groups.count, settings.taskExperts)
        let (groupCount, ofGroup) = (settings.groups.count, settings.groupExperts)
        // Experts in the order of tasks, groups, shared.
        let sources =
            groups.flatMap { [Int](repeating: $0, count: own) }
            + (0..<groupCount).flatMap { [Int](repeating: $0, count: ofGroup) }
            + [Int](repeating: groupCount, count: settings.sharedExperts)
        let experts = NormalisedExperts(settings.expertUnits, sources: sources, dropout: dropout)
        let hidden = try context.call(experts, inputs)[0]
        let firstOfGroup = tasks * own
        let firstShared = firstOfGroup + groupCount * ofGroup
        let ownExperts = (0..<tasks).map { Array(($0 * own)..<(($0 + 1) * own)) }
        let selections = (0..<tasks).map { task in
            let start = firstOfGroup + groups[task] * ofGroup
            return ownExperts[task] + Array(start..<(start + ofGroup))
                + Array(firstShared..<sources.count)
        }
        let read = try pairs(inputs[0], in: &context)
        let gates = Gates(sources: groups, selections: selections, name: "task_gates")
        let selfGates = SelfGates(sources: groups, selections: ownExperts, name: "self_gates")
        let mixed = try context.call(gates, [read, hidden])[0]
        let kept = try context.call(selfGates, [read, hidden])[0]
        return [try context.graph.apply(Arithmetic(.add), mixed, kept)]
    }

    /// For each group its vector beside the shared one, `[G, B, 2 H]`.
    private func pairs(
        _ stacked: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let count = settings.groups.count
        let pieces = try context.graph.add(
            MotetGraph.Split(axis: 0, sizes: [Int](repeating: 1, count: count + 1)),
            [stacked]
        )
        var joined: [Value] = []
        for group in 0..<count {
            joined.append(
                try context.graph.apply(
                    MotetGraph.Concatenate(axis: 2),
                    pieces[group],
                    pieces[count]
                )
            )
        }
        if joined.count == 1 { return joined[0] }
        return try context.graph.add(MotetGraph.Concatenate(axis: 0), joined)[0]
    }
}
