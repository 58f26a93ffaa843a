import MotetCore
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOptimizers

/// A model with the losses of some tasks, gradients and updates as one graph.
struct TrainingProgram {
    /// What of the model a program trains.
    struct Part: Hashable {
        /// The positions of the tasks whose losses are added up.
        var tasks: [Int]
        /// The names of parameters that stay as they are.
        var frozen: Set<String> = []
    }

    let graph: Graph
    /// States the optimizer keeps; zero at first.
    let slots: [OptimizerSlot]
    /// The positions of the tasks it trains, in the order of the losses.
    let tasks: [Int]
    /// For each trained task the position of its loss among the outputs; the sum of weights follows it.
    let lossOutputs: [Int]
    /// The position among the outputs of the sum of squares of all gradients.
    let squaresOutput: Int
    /// Where what came of the tasks' gradients is among the outputs; nil where they are added up.
    let aggregationOutputs: AggregationOutputs?
    /// States of averages of the tasks' gradients; zero at first.
    let aggregationSlots: [(name: String, shape: [Int])]
    /// The losses alone, where the weighting looks at what a step did to them.
    let probe: LossProbe?
    /// The column behind each input, for inputs that are columns.
    let columns: [String: String]
    /// The parameters that change, those of the weighting included.
    let trained: Set<String>

    /// Builds the graph.
    ///
    /// - Parameters:
    ///   - model: what is trained.
    ///   - tasks: all tasks.
    ///   - part: what of it is trained.
    ///   - weighting: how losses become one number.
    ///   - aggregation: how the gradients of tasks become one; nil for that of the number.
    ///   - optimizer: how parameters follow their gradients.
    ///   - usesSampleWeight: whether rows are weighed.
    ///   - key: the seed of dropout.
    ///   - counters: the counter of updates of each parameter; nil counts steps.
    ///   - steps: for inputs of padded sequences that are given with fewer steps, how many.
    /// - Throws: `GraphError` when a loss and its output do not fit.
    init(
        _ model: Model,
        _ tasks: TaskList,
        _ part: Part,
        weighting: LossWeighting = .fixed,
        aggregation: GradientAggregation? = nil,
        optimizer: Optimizer,
        usesSampleWeight: Bool,
        key: RandomKey,
        counters: [String: Int]? = nil,
        steps: [String: Int] = [:]
    ) throws {
        var traced = try model.trace(.training, key: key.split("dropout"), steps: steps)
        var losses = TaskLosses(model, usesSampleWeight: usesSampleWeight)
        var terms: [LossSum.Term] = []
        var active: [Int] = []
        for index in part.tasks {
            let task = tasks.tasks[index]
            guard let made = try losses.append(task, of: tasks, to: &traced) else { continue }
            traced.graph.output("loss/\(task.name)", made.loss)
            traced.graph.output("weight/\(task.name)", made.weightSum)
            terms.append(
                LossSum.Term(
                    task: task,
                    loss: made.loss,
                    rowWeights: made.rowWeights,
                    weightSum: made.weightSum
                )
            )
            active.append(index)
        }
        let (weighted, learned) = try LossSum(
            weighting: weighting,
            key: key,
            trained: active,
            taskCount: tasks.tasks.count
        ).append(terms, to: &traced.graph)
        let added = try losses.appendAdded(terms.map(\.task.name), of: tasks, to: &traced)
        let parameters = TrainingProgram.trained(traced, frozen: part.frozen) + learned
        var combined: CombinedGradients.Result?
        if let aggregation, active.count > 1 {
            combined = try CombinedGradients(
                aggregation: aggregation,
                trained: active,
                taskCount: tasks.tasks.count,
                key: key.split("aggregation")
            ).append(terms, weighted, parameters, to: &traced.graph)
            if combined == nil, part.frozen.isEmpty {
                throw CombinedGradients.nothingShared(aggregation, terms.map(\.task.name))
            }
        }
        let gradients: [Gradient?]
        if let combined {
            gradients = try TrainingProgram.with(
                added,
                combined.gradients,
                of: parameters,
                in: &traced.graph
            )
        } else {
            let total = try traced.graph.add(AddN(), weighted + added)[0]
            gradients = try traced.graph.gradients(
                of: total,
                withRespectTo: parameters.map(\.value)
            )
        }
        aggregationOutputs = combined?.outputs
        aggregationSlots = combined?.slots ?? []
        if case .famo = weighting.kind {
            probe = try LossProbe(
                model,
                tasks,
                active,
                usesSampleWeight: usesSampleWeight,
                key: key,
                steps: steps
            )
        } else {
            probe = nil
        }
        let rate = try traced.graph.input(ProgramInput.learningRate, TensorType(.scalar))
        var counts: [Value] = []
        for (parameter, gradient) in zip(parameters, gradients) {
            // Only counters of parameters that change are inputs: the session counts those up.
            var name = ProgramInput.step
            if gradient != nil, let group = counters?[parameter.name] {
                name = ProgramInput.updates(group)
            }
            counts.append(try traced.graph.input(name, TensorType(.scalar, .int32)))
        }
        slots = try optimizer.appendUpdates(
            parameters,
            gradients,
            learningRate: rate,
            steps: counts,
            in: &traced.graph
        )
        let idle = TrainingProgram.idleStatistics(traced)
        traced.graph.removeUpdates { part.frozen.contains($0) || idle.contains($0) }
        graph = traced.graph.graph
        self.tasks = active
        lossOutputs = active.indices.map { 2 * $0 }
        squaresOutput = graph.outputs.count - 1
        columns = losses.columns
        trained = Set(zip(parameters, gradients).filter { $0.1 != nil }.map(\.0.name))
    }

    /// Combined gradients of tasks with those of losses that layers add, which are no task's, as they are.
    private static func with(
        _ added: [Value],
        _ gradients: [Gradient?],
        of parameters: [TrainedParameter],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard !added.isEmpty else { return gradients }
        let total = try graph.add(AddN(), added)[0]
        let more = try graph.gradients(of: total, withRespectTo: parameters.map(\.value))
        var sums: [Gradient?] = []
        for (position, parameter) in parameters.enumerated() {
            let parts = [gradients[position], more[position]].compactMap { $0 }
            sums.append(try graph.accumulatedGradient(parts, like: parameter.value))
        }
        return sums
    }

    /// The statistics of layers no loss depends on: towers of tasks whose turn it is not.
    private static func idleStatistics(_ traced: TracedModel) -> Set<String> {
        let statistics = Set(traced.parameters.filter { $0.role == .statistic }.map(\.name))
        let graph = traced.graph.graph
        var live = Set(graph.outputs.map(\.value))
        for node in graph.nodes.reversed() where node.outputs.contains(where: live.contains) {
            live.formUnion(node.inputs)
        }
        // A layer's statistics of a batch come from the node that makes its result.
        var ofLive = Set<Value>()
        for node in graph.nodes where node.outputs.contains(where: live.contains) {
            ofLive.formUnion(node.outputs)
        }
        // A statistic that the network itself reads is not idle, such as a count of steps.
        let read = Set(graph.states.filter { live.contains($0.value) }.map(\.name))
        var idle = Set<String>()
        for update in graph.updates
        where statistics.contains(update.state) && !read.contains(update.state) {
            let maker = graph.nodes.first { $0.outputs.contains(update.value) }
            if maker?.inputs.contains(where: ofLive.contains) != true { idle.insert(update.state) }
        }
        return idle
    }

    /// The parameters that change, tables among them.
    static func trained(
        _ traced: TracedModel,
        frozen: Set<String>
    ) -> [TrainedParameter] {
        let states = Dictionary(
            uniqueKeysWithValues: traced.graph.graph.states.map { ($0.name, $0.value) }
        )
        var trained: [TrainedParameter] = []
        for description in traced.parameters
        where description.isTrained && !frozen.contains(description.name) {
            guard let value = states[description.name] else { continue }
            trained.append(
                TrainedParameter(
                    name: description.name,
                    value: value,
                    isTable: description.role == .table,
                    isDecayed: description.role != .bias
                )
            )
        }
        return trained
    }
}
