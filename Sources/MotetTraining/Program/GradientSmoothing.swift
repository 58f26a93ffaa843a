import MotetCore
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOptimizers

/// The tasks' gradients of shared parameters averaged over steps: `h <- a h + (1 - a) g`.
///
/// A task that is left out of a step keeps its average.
struct GradientSmoothing {
    /// An average: the state it is kept in, what it was and what it becomes.
    private struct Average {
        let state: String
        let task: Int
        let old: Value
        let new: Value
    }

    let aggregation: GradientAggregation
    /// The names of the tasks trained, and of the parameters.
    let tasks: [String]
    let parameters: [TrainedParameter]
    private var averages: [Average] = []
    /// The states and their sizes.
    private(set) var slots: [(name: String, shape: [Int])] = []

    init(_ aggregation: GradientAggregation, tasks: [String], parameters: [TrainedParameter]) {
        self.aggregation = aggregation
        self.tasks = tasks
        self.parameters = parameters
    }

    /// Appends the average of a task's gradient of a parameter.
    mutating func append(
        _ task: Int,
        _ parameter: Int,
        _ gradient: Value,
        to graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let name = "aggregation/\(tasks[task])/\(parameters[parameter].name)"
        let type = graph.type(of: gradient)
        let old = try graph.state(name, type)
        let step = try graph.input(ProgramInput.step, TensorType(.scalar, .int32))
        graph.scope = "aggregation"
        let shares = try graph.apply(SmoothingShares(aggregation: aggregation), step)
        let new = try graph.add(WeightedSum(places: [[0], [1]]), [old, gradient, shares])[0]
        averages.append(Average(state: name, task: task, old: old, new: new))
        slots.append((name, type.shape.fixedSizes ?? []))
        return new
    }

    /// Appends what the states become.
    func appendUpdates(_ factors: Value, to graph: inout GraphBuilder) throws(GraphError) {
        guard !averages.isEmpty else { return }
        graph.stage = .update
        defer { graph.stage = .gradients }
        let kept = try graph.apply(KeptShares(tasks: tasks.count), factors)
        for average in averages {
            let rule = WeightedSum(places: [[average.task], [tasks.count + average.task]])
            graph.update(
                average.state,
                try graph.add(rule, [average.new, average.old, kept])[0]
            )
        }
    }
}

/// What is kept of an average and what the newest gradient counts, `step [] -> [2]`.
struct SmoothingShares: HostOperation {
    let aggregation: GradientAggregation

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        [TensorType([2])]
    }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] { [nil] }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        let kept = aggregation.keptShare(step: Int(inputs[0].integers[0])) ?? 0
        return [Tensor([Float(kept), Float(1 - kept)], shape: [2])]
    }
}

/// For each task 1 where it takes part and then 1 where it does not, `factors [3 K] -> [2 K]`.
struct KeptShares: HostOperation {
    let tasks: Int

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        [TensorType([.fixed(2 * tasks)])]
    }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] { [nil] }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        let isKept = (0..<tasks).map { inputs[0].floats[tasks + $0] != 0 }
        let shares: [Float] = isKept.map { $0 ? 1 : 0 } + isKept.map { $0 ? 0 : 1 }
        return [Tensor(shares, shape: [2 * tasks])]
    }
}

/// The factors that make of the gradients of losses those of their logarithms, `L_1 ... L_K -> 1 / L_1 ...`.
///
/// Losses below 1e-8 count as that.
struct LogarithmShares: HostOperation {
    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        inputs.map { _ in TensorType(.scalar) }
    }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] { node.inputs.map { _ in nil } }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        inputs.map { Tensor([1 / max($0.floats[0], 1e-8)], shape: []) }
    }
}
