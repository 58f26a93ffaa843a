import MotetCore
import MotetData
import MotetGraph

/// One training program over one data set: steps, and their losses.
final class TrainingSession {
    let executable: any Executable
    private let binding: BatchBinding
    private let tasks: TaskList
    private let program: TrainingProgram
    private let stepMemory: UnsafeMutablePointer<Int32>
    private let rateMemory: UnsafeMutablePointer<Float>
    /// Sums over the epoch so far of each task's loss times its weight, and of the weights.
    private(set) var lossSums: [Double]
    private(set) var weightSums: [Double]

    init(
        _ program: TrainingProgram,
        _ tasks: TaskList,
        _ executable: any Executable,
        _ loader: BatchLoader
    ) throws {
        self.program = program
        self.tasks = tasks
        self.executable = executable
        binding = try BatchBinding(executable, loader, columns: program.columns)
        stepMemory = .allocate(capacity: 16)
        stepMemory.initialize(repeating: 0, count: 16)
        rateMemory = .allocate(capacity: 16)
        rateMemory.initialize(repeating: 0, count: 16)
        lossSums = tasks.tasks.map { _ in 0 }
        weightSums = tasks.tasks.map { _ in 0 }
        for (index, input) in executable.graph.inputs.enumerated() {
            if input.name == "step" { executable.bind(index, to: stepMemory) }
            if input.name == "learning_rate" { executable.bind(index, to: rateMemory) }
        }
    }

    deinit {
        stepMemory.deallocate()
        rateMemory.deallocate()
    }

    func startEpoch(lossSums: [Double]? = nil, weightSums: [Double]? = nil) {
        for index in self.lossSums.indices {
            self.lossSums[index] = lossSums?[index] ?? 0
            self.weightSums[index] = weightSums?[index] ?? 0
        }
    }

    /// Runs one step.
    ///
    /// Parameters change only when all losses are finite.
    func run(_ batch: BatchBuffer, step: Int, learningRate: Float) throws {
        stepMemory[0] = Int32(clamping: step)
        rateMemory[0] = learningRate
        binding.bind(batch, to: executable)
        executable.run(.gradients)
        for index in lossSums.indices {
            let loss = executable.scalar(program.lossOutputs[index])
            guard loss.isFinite else {
                throw notFinite(
                    "task \"\(tasks.tasks[index].name)\": the loss became \(text(loss))",
                    step
                )
            }
            let weight = Double(executable.scalar(program.lossOutputs[index] + 1))
            lossSums[index] += weight * Double(loss)
            weightSums[index] += weight
        }
        let squares = executable.scalar(program.squaresOutput)
        guard squares.isFinite else {
            throw notFinite(
                "training: the sum of squares of the gradients became \(text(squares))",
                step
            )
        }
        executable.run(.update)
    }

    /// The weighted mean loss of each task over the epoch so far; nil before any row took part.
    var losses: [Double?] {
        lossSums.indices.map { weightSums[$0] > 0 ? lossSums[$0] / weightSums[$0] : nil }
    }

    /// The losses of tasks of which a row took part.
    var namedLosses: [(name: String, value: Double)] {
        zip(tasks.tasks, losses).compactMap { task, loss in loss.map { (task.name, $0) } }
    }

    /// NaN has a sign that means nothing, and is often printed.
    private func text(_ value: Float) -> String { value.isNaN ? "NaN" : "\(value)" }

    private func notFinite(_ what: String, _ step: Int) -> TrainingError {
        let node = executable.firstNonFiniteNode()
        let place =
            node.map { "the first result that is not finite is in \($0.scope)" }
            ?? "every intermediate result is finite, so a label or weight is not"
        return TrainingError(
            .lossNotFinite,
            "\(what) at step \(step); \(place). The parameters of the step before are kept. "
                + "Try a lower learning rate, clip_norm: 1, or look for extreme values in the features."
        )
    }
}
