import MotetCore
public import MotetGraph
public import MotetNN

/// Deep Bayesian Multi-Target Learning: tasks read what the tasks they depend on have made of a row.
///
/// `P(t_1 ... t_K | x) = prod_k P(t_k | parents of t_k, x)`: with the shared `s = bottom(x)` and
/// `h_k = specific_k(s)`, task k has `r_k = relation_k(h_k, r_j for its parents j)` and the output
/// `tower_k(r_k)`. What a child makes of its parents teaches them too.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Source: Wang, Ji, Liu and Zhao, "Deep Bayesian Multi-Target Learning for Recommender
///   Systems", arXiv 1902.09154, 2019. <https://doi.org/10.48550/arXiv.1902.09154>
/// - Departures: a child reads the hidden vectors of its parents rather than their logits; a task's parent
///   is the task it lies within, where `parents` says nothing.
public final class DBMTL: MultiTaskLayer {
    /// `dbmtl`.
    public static let kind = "dbmtl"
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
    ///   - settings: widths, and which task depends on which.
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

    /// Runs the shared network, those of the tasks in the order of their dependence, and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("taskUnits", settings.taskUnits)
        try checkWidths("relationUnits", settings.relationUnits)
        let parents = settings.parents(tasks.map { ($0.name, $0.within) })
        guard let order = Settings.order(tasks.map(\.name), parents) else {
            throw GraphError(
                .unknownName,
                "'parents' leads in a circle or to no task; received \(parents)."
            )
        }
        var shared = inputs[0]
        for (index, width) in settings.bottomUnits.enumerated() {
            let layer = Dense(
                width,
                activation: towers.activation,
                name: "bottom/dense_\(index + 1)"
            )
            shared = try dropped(
                try context.call(layer, [shared])[0],
                "bottom/dropout_\(index + 1)",
                &context
            )
        }
        let specific = StackedPerceptron(
            settings.taskUnits,
            sources: tasks.map { _ in 0 },
            activation: towers.activation,
            dropout: towers.dropout,
            name: "specific"
        )
        let own = try slices(try context.call(specific, [shared])[0], in: &context)
        var relations: [String: Value] = [:]
        for name in order {
            guard let index = tasks.firstIndex(where: { $0.name == name }) else { continue }
            let read = [own[index]] + (parents[name] ?? []).compactMap { relations[$0] }
            var value = try context.graph.add(MotetGraph.Concatenate(axis: 1), read)[0]
            for (number, width) in settings.relationUnits.enumerated() {
                let prefix = "relation_\(name)"
                let layer = Dense(
                    width,
                    activation: towers.activation,
                    name: "\(prefix)/dense_\(number + 1)"
                )
                value = try dropped(
                    try context.call(layer, [value])[0],
                    "\(prefix)/dropout_\(number + 1)",
                    &context
                )
            }
            relations[name] = value
        }
        let stacked = try stack(tasks.compactMap { relations[$0.name] }, in: &context)
        return try context.call(
            towers.towers(tasks, sharesInput: false),
            [stacked] + inputs.dropFirst()
        )
    }

    private func dropped(
        _ value: Value,
        _ name: String,
        _ context: inout ForwardContext
    ) throws(GraphError) -> Value {
        guard towers.dropout > 0 else { return value }
        return try context.call(MotetNN.Dropout(towers.dropout, name: name), [value])[0]
    }
}

extension MultiTaskLayer {
    /// The matrices of a stack `[K, B, H]`, each `[B, H]`.
    func slices(
        _ stack: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: stack)
        let ones = [Int](repeating: 1, count: shape[0].fixedSize ?? 1)
        var slices: [Value] = []
        for slice in try context.graph.add(MotetGraph.Split(axis: 0, sizes: ones), [stack]) {
            slices.append(
                try context.graph.apply(MotetGraph.Reshape([shape[1], shape[2]]), slice)
            )
        }
        return slices
    }

    /// Matrices `[B, H]` as a stack `[K, B, H]`.
    func stack(
        _ slices: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        var lifted: [Value] = []
        for slice in slices {
            let shape = context.graph.shape(of: slice)
            lifted.append(
                try context.graph.apply(MotetGraph.Reshape([1, shape[0], shape[1]]), slice)
            )
        }
        return try context.graph.add(MotetGraph.Concatenate(axis: 0), lifted)[0]
    }
}
