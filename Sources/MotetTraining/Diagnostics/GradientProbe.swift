import MotetCore
import MotetData
import MotetGraph
import MotetNN

/// Looks at the gradients of the tasks on a batch, before its step; parameters and states stay as they are.
final class GradientProbe {
    private let executable: any Executable
    private let program: GradientProbeProgram
    private let stepMemory: UnsafeMutablePointer<Int32>

    /// Makes the program ready; nil where no two tasks share a dense parameter.
    init?(
        _ part: TrainingProgram.Part,
        of trainer: Trainer,
        capacity: [SizeSymbol: Int],
        steps: [String: Int] = [:],
        memory: WorkingMemory = WorkingMemory()
    ) throws {
        let made = try GradientProbeProgram(
            trainer.model,
            trainer.tasks,
            part,
            weighting: trainer.weighting,
            usesSampleWeight: trainer.usesSampleWeight,
            key: trainer.key,
            steps: steps
        )
        guard let program = made else { return nil }
        self.program = program
        executable = try trainer.backend.compile(
            program.graph,
            states: trainer.states,
            capacity: capacity,
            memory: memory
        )
        stepMemory = .allocate(capacity: 16)
        stepMemory.initialize(repeating: 0, count: 16)
        for (index, input) in executable.graph.inputs.enumerated()
        where input.name == ProgramInput.step {
            executable.bind(index, to: stepMemory)
        }
    }

    deinit { stepMemory.deallocate() }

    func binding(_ loader: BatchLoader, bucket: Int = 0) throws -> BatchBinding {
        try BatchBinding(executable, loader, columns: program.columns, bucket: bucket)
    }

    /// Computes the products on a batch, as the step of a number would meet them, and adds them to a record.
    func look(
        at batch: BatchBuffer,
        _ binding: BatchBinding,
        step: Int,
        _ record: inout SharedGradientRecord
    ) {
        stepMemory[0] = Int32(clamping: step)
        binding.bind(batch, to: executable)
        executable.run(.gradients)
        let count = program.tasks.count
        var products: [(name: String, gramian: [Double])] = []
        for part in program.parts {
            let values = executable.output(part.output).bindMemory(to: Float.self)
            var place = products.firstIndex { $0.name == part.block }
            if place == nil {
                place = products.count
                products.append((part.block, [Double](repeating: 0, count: count * count)))
            }
            guard let place else { continue }
            for (row, task) in part.tasks.enumerated() {
                for (column, other) in part.tasks.enumerated() {
                    products[place].gramian[task * count + other] +=
                        Double(values[row * part.tasks.count + column])
                }
            }
        }
        record.add(products, of: program.tasks)
    }
}
