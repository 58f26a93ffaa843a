import MotetCore
import MotetGraph
import MotetNN
import MotetOptimizers

/// A model with losses, gradients and updates as one graph.
struct TrainingProgram {
    let graph: Graph
    /// States the optimizer keeps; zero at first.
    let slots: [OptimizerSlot]
    /// For each task the position of its loss among the outputs; the sum of weights follows it.
    let lossOutputs: [Int]
    /// The position among the outputs of the sum of squares of all gradients.
    let squaresOutput: Int
    /// The column behind each input, for inputs that are columns.
    let columns: [String: String]

    init(
        _ model: Model,
        _ tasks: TaskList,
        optimizer: Optimizer,
        usesSampleWeight: Bool,
        key: RandomKey
    ) throws {
        var traced = try model.trace(.training, key: key.split("dropout"))
        var columns: [String: String] = [:]
        for input in model.inputs { columns[input.name] = input.name }
        let rows = TensorType([.batch])
        var weighted: [Value] = []
        for task in tasks.tasks {
            guard let output = traced.outputs.first(where: { $0.name == task.name })?.value else {
                continue
            }
            traced.graph.scope = "loss of \(task.name)"
            let labelShape = task.objective.loss.labelShape(
                for: traced.graph.shape(of: output)
            )
            var inputs = [
                try traced.graph.input(ProgramInput.label(task.name), TensorType(labelShape))
            ]
            columns[ProgramInput.label(task.name)] = task.objective.column(of: task.name)
            if usesSampleWeight {
                inputs.append(try traced.graph.input(ProgramInput.sampleWeight, rows))
                columns[ProgramInput.sampleWeight] = Trainer.sampleWeightColumn
            }
            let isSequence = labelShape.rank > 1
            let mask = isSequence ? traced.mask(of: output) : nil
            if let mask { inputs.append(mask) }
            for name in tasks.ancestors(of: task.name) {
                let label = ProgramInput.label(name)
                inputs.append(try traced.graph.input(label, rows))
                columns[label] = tasks[name]?.column(of: name)
            }
            let weights = try traced.graph.add(
                SampleWeights(
                    isWeighted: usesSampleWeight,
                    isMasked: mask != nil,
                    isPerElement: isSequence
                ),
                inputs
            )[0]
            let made: (loss: Value, weightSum: Value)
            do {
                made = try task.objective.loss.apply(
                    output: output,
                    labels: inputs[0],
                    weights: weights,
                    in: &traced.graph
                )
            } catch {
                throw error.of("task", task.name)
            }
            traced.graph.output("loss/\(task.name)", made.loss)
            traced.graph.output("weight/\(task.name)", made.weightSum)
            weighted.append(try traced.graph.apply(Scale(task.objective.weight), made.loss))
        }
        let total = try traced.graph.add(AddN(), weighted)[0]
        let parameters = try TrainingProgram.trained(traced)
        let gradients = try traced.graph.gradients(
            of: total,
            withRespectTo: parameters.map(\.value)
        )
        let rate = try traced.graph.input(ProgramInput.learningRate, TensorType(.scalar))
        let step = try traced.graph.input(ProgramInput.step, TensorType(.scalar, .int32))
        slots = try optimizer.appendUpdates(
            parameters,
            gradients,
            learningRate: rate,
            step: step,
            in: &traced.graph
        )
        graph = traced.graph.graph
        lossOutputs = tasks.tasks.indices.map { 2 * $0 }
        squaresOutput = graph.outputs.count - 1
        self.columns = columns
    }

    private static func trained(_ traced: TracedModel) throws -> [TrainedParameter] {
        let states = Dictionary(
            uniqueKeysWithValues: traced.graph.graph.states.map { ($0.name, $0.value) }
        )
        return traced.parameters.filter(\.isTrained).compactMap { description in
            states[description.name].map {
                TrainedParameter(
                    name: description.name,
                    value: $0,
                    isTable: description.role == .table,
                    isDecayed: description.role != .bias
                )
            }
        }
    }
}
