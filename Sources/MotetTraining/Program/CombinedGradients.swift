import MotetCore
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOptimizers

/// The positions among a program's outputs of what came of the tasks' gradients.
struct AggregationOutputs {
    /// `[3 K]`: the factors in the shared part, then those in the tasks' own, 0 for one left out.
    let factors: Int
    /// `[K, K]`: the products of the gradients compared.
    let gramian: Int
    /// 1 where the rule's problem had no solution.
    let isUnsolved: Int
}

/// Appends gradients in which each task's share follows from how the gradients of tasks lie to each other.
struct CombinedGradients {
    struct Result {
        let gradients: [Gradient?]
        let outputs: AggregationOutputs
        /// The states of averages.
        let slots: [(name: String, shape: [Int])]
    }

    /// What the rule remembers.
    static let stateName = "aggregation/state"

    let aggregation: GradientAggregation
    /// The positions of the tasks trained.
    let trained: [Int]
    let taskCount: Int
    let key: RandomKey

    /// Appends the gradients.
    ///
    /// - Parameters:
    ///   - terms: the losses, for the weights of their rows.
    ///   - losses: what is differentiated of each.
    ///   - parameters: with respect to what.
    ///   - graph: where nodes are added.
    /// - Returns: the gradients; nil where no two tasks share a parameter that is trained.
    /// - Throws: `GraphError` when an operation on the way has no gradient.
    func append(
        _ terms: [LossSum.Term],
        _ losses: [Value],
        _ parameters: [TrainedParameter],
        to graph: inout GraphBuilder
    ) throws(GraphError) -> Result? {
        var losses = losses
        if aggregation.takesLogarithms {
            graph.scope = "aggregation"
            for (place, factor) in try graph.add(LogarithmShares(), losses).enumerated() {
                losses[place] = try graph.apply(Arithmetic(.multiply), factor, losses[place])
            }
        }
        var differentiation = TaskDifferentiation(
            graph.graph,
            losses: losses,
            targets: parameters.map {
                TaskDifferentiation.Target(
                    value: $0.value,
                    isCompared: isCompared($0.name, isTable: $0.isTable),
                    isTable: $0.isTable
                )
            },
            place: aggregation.place
        )
        guard differentiation.hasMeetings else { return nil }
        var made: [Value] = []
        var smoothing = GradientSmoothing(
            aggregation,
            tasks: terms.map(\.task.name),
            parameters: parameters
        )
        let result = try differentiation.append(
            to: &graph,
            smooth: { graph, task, parameter, gradient throws(GraphError) in
                guard aggregation.averagesGradients else { return gradient }
                return try smoothing.append(task, parameter, gradient, to: &graph)
            },
            combine: combination(parameters),
            factors: { graph, products throws(GraphError) in
                made = try factors(terms, losses, products, in: &graph)
                return made[0]
            }
        )
        try smoothing.appendUpdates(made[0], to: &graph)
        let first = graph.graph.outputs.count
        graph.output("aggregation/factors", made[0])
        graph.output("aggregation/gramian", made[2])
        graph.output("aggregation/unsolved", made[3])
        let outputs = AggregationOutputs(
            factors: first,
            gramian: first + 1,
            isUnsolved: first + 2
        )
        return Result(gradients: result, outputs: outputs, slots: smoothing.slots)
    }

    /// What is appended in place of weighted sums; nil for those.
    private func combination(
        _ parameters: [TrainedParameter]
    ) -> TaskDifferentiation.Combination? {
        guard let leak = aggregation.signLeak else { return nil }
        return { graph, position, values, places, factors throws(GraphError) in
            let step = try graph.input(ProgramInput.step, TensorType(.scalar, .int32))
            let rule = SignDropout(
                places: places,
                leak: leak,
                key: key.split(parameters[position].name)
            )
            return try graph.add(rule, values + [factors, step])[0]
        }
    }

    private func isCompared(_ name: String, isTable: Bool) -> Bool {
        if isTable && !aggregation.includesTables { return false }
        return aggregation.parts.isEmpty
            || aggregation.parts.contains { Self.belongs(name, to: $0) }
    }

    private static func belongs(_ name: String, to part: String) -> Bool {
        name == part || name.hasPrefix(part.hasSuffix("/") ? part : part + "/")
    }

    private func factors(
        _ terms: [LossSum.Term],
        _ losses: [Value],
        _ products: [TaskDifferentiation.Products],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Value] {
        let operation = AggregationStep(
            aggregation: aggregation,
            rows: products.map(\.tasks),
            trained: trained,
            taskCount: taskCount,
            key: key
        )
        let step = try graph.input(ProgramInput.step, TensorType(.scalar, .int32))
        let state = try graph.state(
            Self.stateName,
            TensorType([.fixed(operation.stateSize)])
        )
        let made = try graph.add(
            operation,
            products.map(\.value) + losses + terms.map(\.weightSum) + [step, state]
        )
        // A step that is given up leaves all states: they change with the parameters.
        graph.stage = .update
        let kept = try graph.apply(Scale(1), made[1])
        graph.stage = .gradients
        graph.update(Self.stateName, kept)
        return made
    }

    /// Checks an aggregation against tasks and model.
    static func check(
        _ chosen: GradientAggregation?,
        _ weighting: LossWeighting,
        _ tasks: TaskList,
        _ model: Model
    ) throws {
        if let chosen, weighting.aggregation != nil {
            throw TrainingError(
                .aggregationInvalid,
                "aggregation \"\(chosen.name)\": GradNorm weighs losses by their gradients itself; expected one of the two; received both."
            )
        }
        guard let aggregation = chosen ?? weighting.aggregation else { return }
        if let problem = aggregation.problems.first {
            throw TrainingError(
                .aggregationInvalid,
                "aggregation \"\(aggregation.name)\": \(problem)"
            )
        }
        guard (2...64).contains(tasks.tasks.count) else {
            throw TrainingError(
                .aggregationInvalid,
                "aggregation \"\(aggregation.name)\": the number of tasks is out of range; expected 2 to 64, whose gradients are combined; received \(tasks.tasks.count)."
            )
        }
        for task in tasks.tasks
        where aggregation.takesLogarithms && task.objective.loss == .poisson {
            throw TrainingError(
                .aggregationInvalid,
                "aggregation \"\(aggregation.name)\": it takes logarithms of losses, which are never below 0; expected another loss or rule for task \"\(task.name)\"; received Poisson loss."
            )
        }
        for part in aggregation.parts {
            let names = model.parameters.map(\.name)
            guard names.contains(where: { belongs($0, to: part) }) else {
                throw TrainingError(
                    .aggregationInvalid,
                    "aggregation \"\(aggregation.name)\": no parameter belongs to \"\(part)\"; expected the beginning of a name such as \(names.prefix(4).joined(separator: ", "))."
                        + Suggestion.sentence(for: part, in: names)
                )
            }
        }
    }

    static func nothingShared(
        _ aggregation: GradientAggregation,
        _ tasks: [String]
    ) -> TrainingError {
        TrainingError(
            .aggregationInvalid,
            "aggregation \"\(aggregation.name)\": tasks \(tasks) share no dense parameter that could be compared; expected one at least. Leave the aggregation out, or choose an architecture that shares."
        )
    }
}
