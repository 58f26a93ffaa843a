import MotetCore
import MotetGraph
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
    }

    let weighting: LossWeighting

    /// The state of a task's logarithm of a variance.
    static func stateName(_ task: String) -> String { "loss_weighting/\(task)" }

    /// Appends the number that is differentiated, `[]`.
    ///
    /// - Parameters:
    ///   - terms: the losses, at least one.
    ///   - graph: where nodes are added.
    /// - Returns: the sum, and the parameters of the weighting that are trained with the model's.
    /// - Throws: `GraphError`, never in a valid program.
    func append(
        _ terms: [Term],
        to graph: inout GraphBuilder
    ) throws(GraphError) -> (total: Value, parameters: [TrainedParameter]) {
        graph.scope = "weighting"
        var weighted: [Value] = []
        var parameters: [TrainedParameter] = []
        for term in terms {
            guard weighting.isLearned else {
                weighted.append(try graph.apply(Scale(term.task.objective.weight), term.loss))
                continue
            }
            let name = Self.stateName(term.task.name)
            let state = try graph.state(name, TensorType(.scalar))
            parameters.append(
                TrainedParameter(name: name, value: state, isTable: false, isDecayed: false)
            )
            weighted.append(try uncertain(term, state, in: &graph))
        }
        return (try graph.add(AddN(), weighted)[0], parameters)
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
    /// For each task the factor of its loss in what is learnt from: its weight, or what became of it.
    public var lossWeights: [(task: String, weight: Float)] {
        tasks.tasks.map { task in
            let objective = task.objective
            guard weighting.isLearned else { return (task.name, objective.weight) }
            let state = states.tensor(LossSum.stateName(task.name))?.floats.first ?? 0
            let factor = objective.weight * objective.loss.uncertaintyFactor
            return (task.name, factor * Float(exponential(-Double(state))))
        }
    }
}
