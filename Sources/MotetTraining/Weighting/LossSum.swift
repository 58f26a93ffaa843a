import MotetCore
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOptimizers

/// Adds up the losses of tasks as a weighting says, and names what it learns.
struct LossSum {
    /// The loss of one task in a graph.
    struct Term {
        let task: NamedTask
        /// Its weighted mean, `[]`.
        let loss: Value
        /// What each row or step counts in it; none depends on a parameter.
        let rowWeights: Value
        /// Their sum, `[]`.
        let weightSum: Value
    }

    let weighting: LossWeighting
    /// What random weights are drawn from.
    let key: RandomKey
    /// The positions of the tasks of the terms, and the number of all tasks.
    let trained: [Int]
    let taskCount: Int

    /// The state of a task: what is learnt of its weight, or the factor the rule gave it last.
    static func stateName(_ task: String) -> String { "loss_weighting/\(task)" }

    /// Appends the terms whose sum is learnt from, each `[]`.
    ///
    /// - Parameters:
    ///   - terms: the losses, at least one.
    ///   - graph: where nodes are added.
    /// - Returns: for each task its term, and the parameters of the weighting that are trained with the model's.
    /// - Throws: `GraphError`, never in a valid program.
    func append(
        _ terms: [Term],
        to graph: inout GraphBuilder
    ) throws(GraphError) -> (terms: [Value], parameters: [TrainedParameter]) {
        graph.scope = "weighting"
        switch weighting.kind {
        case .fixed, .gradNorm:
            let weighted = try terms.map { term throws(GraphError) in
                try graph.apply(Scale(term.task.objective.weight), term.loss)
            }
            return (weighted, [])
        case .uncertainty, .impartial: return try learned(terms, &graph)
        case .step(let rule):
            let step = try graph.input(ProgramInput.step, TensorType(.scalar, .int32))
            let operation = StepWeights(
                rule: rule,
                weights: terms.map(\.task.objective.weight),
                key: key.split("weighting")
            )
            let factors = try graph.add(
                operation,
                terms.map(\.loss) + terms.map(\.weightSum) + [step]
            )
            return (try weighed(terms, by: factors, &graph), [])
        case .famo:
            let own = try terms.map { term throws(GraphError) in
                try graph.apply(Scale(term.task.objective.weight), term.loss)
            }
            let state = try graph.state(
                FamoState.name,
                TensorType([.fixed(FamoState.size(tasks: taskCount))])
            )
            let factors = try graph.add(
                FamoFactors(trained: trained, tasks: taskCount),
                own + terms.map(\.weightSum) + [state]
            )
            return (try weighed(terms, by: factors, &graph), [])
        case .epoch:
            var weighted: [Value] = []
            for term in terms {
                let factor = try state(of: term, &graph)
                weighted.append(try product(term, factor, &graph))
            }
            return (weighted, [])
        }
    }

    private func state(
        of term: Term,
        _ graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        try graph.state(Self.stateName(term.task.name), TensorType(.scalar))
    }

    /// `w_k f_k L_k`.
    private func product(
        _ term: Term,
        _ factor: Value,
        _ graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let own = try graph.apply(Scale(term.task.objective.weight), term.loss)
        return try graph.apply(Arithmetic(.multiply), factor, own)
    }

    /// Factors made in the step itself, which are kept as states to be looked at.
    private func weighed(
        _ terms: [Term],
        by factors: [Value],
        _ graph: inout GraphBuilder
    ) throws(GraphError) -> [Value] {
        var weighted: [Value] = []
        for (term, factor) in zip(terms, factors) {
            weighted.append(try product(term, factor, &graph))
            _ = try state(of: term, &graph)
            // A step whose losses are not finite leaves all states: they change with the parameters.
            graph.stage = .update
            let kept = try graph.apply(Scale(1), factor)
            graph.stage = .gradients
            graph.update(Self.stateName(term.task.name), kept)
        }
        return weighted
    }

    /// Numbers that are learnt with the model.
    private func learned(
        _ terms: [Term],
        _ graph: inout GraphBuilder
    ) throws(GraphError) -> (terms: [Value], parameters: [TrainedParameter]) {
        var weighted: [Value] = []
        var parameters: [TrainedParameter] = []
        for term in terms {
            let state = try state(of: term, &graph)
            parameters.append(
                TrainedParameter(
                    name: Self.stateName(term.task.name),
                    value: state,
                    isTable: false,
                    isDecayed: false
                )
            )
            let made =
                weighting.kind == .impartial
                ? try impartial(term, state, in: &graph) : try uncertain(term, state, in: &graph)
            weighted.append(made)
        }
        return (weighted, parameters)
    }

    /// `w (exp(s) L - s)`; without a row of the task 0.
    private func impartial(
        _ term: Term,
        _ state: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let factor = try graph.apply(Exponential(), state)
        let scaled = try product(term, factor, &graph)
        let isPresent = try presence(term.rowWeights, in: &graph)
        let negative = try graph.apply(Scale(-term.task.objective.weight), state)
        let penalty = try graph.apply(Arithmetic(.multiply), negative, isPresent)
        return try graph.add(AddN(), [scaled, penalty])[0]
    }

    /// `w (c exp(-s) L + s / 2)`; without a row of the task 0.
    private func uncertain(
        _ term: Term,
        _ state: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let objective = term.task.objective
        let negative = try graph.apply(Scale(-1), state)
        let precision = try graph.apply(Exponential(), negative)
        let product = try graph.apply(Arithmetic(.multiply), precision, term.loss)
        let scaled = try graph.apply(
            Scale(objective.weight * objective.loss.uncertaintyFactor),
            product
        )
        let isPresent = try presence(term.rowWeights, in: &graph)
        let half = try graph.apply(Scale(objective.weight / 2), state)
        let penalty = try graph.apply(Arithmetic(.multiply), half, isPresent)
        return try graph.add(AddN(), [scaled, penalty])[0]
    }

    /// 1 where the sum of weights is above 0, else 0: `1 - relu(1 - 1e20 * sum)`.
    private func presence(
        _ weights: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let one = graph.constant(Tensor([Float(1)], shape: []))
        let sum = try graph.apply(SumToShape(.scalar), weights)
        let large = try graph.apply(Scale(1e20), sum)
        let rest = try graph.apply(Arithmetic(.subtract), one, large)
        let absence = try graph.apply(MotetGraph.Activation(.relu), rest)
        return try graph.apply(Arithmetic(.subtract), one, absence)
    }
}

extension Trainer {
    /// For each task the factor of its loss in what is learnt from: its weight, or what became of it; where
    /// each step makes its own, that of the last step.
    public var lossWeights: [(task: String, weight: Float)] {
        let norms = weighting.aggregation.flatMap { _ in
            states.tensor(CombinedGradients.stateName).map {
                GradientNormWeights.weights($0.floats, tasks: tasks.tasks.count)
            }
        }
        return tasks.tasks.enumerated().map { position, task in
            let objective = task.objective
            if let norms { return (task.name, objective.weight * norms[position]) }
            guard weighting.isLearned else { return (task.name, objective.weight) }
            let state = states.tensor(LossSum.stateName(task.name))?.floats.first ?? 0
            let factor =
                switch weighting.kind {
                case .fixed, .gradNorm: Float(1)
                case .uncertainty:
                    objective.loss.uncertaintyFactor * Float(exponential(-Double(state)))
                case .impartial: Float(exponential(Double(state)))
                case .step, .epoch, .famo: state
                }
            return (task.name, objective.weight * factor)
        }
    }

    /// What the states of the weighting are at first.
    var firstWeightingState: Float {
        switch weighting.kind {
        case .fixed, .uncertainty, .impartial, .gradNorm: 0
        case .step, .epoch, .famo: 1
        }
    }
}
