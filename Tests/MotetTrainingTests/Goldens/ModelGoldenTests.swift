import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Whole models against PyTorch: same weights, same batches.
@Suite("Models against PyTorch") struct ModelGoldenTests {
    /// The greatest difference, relative to the greatest element of what is expected.
    private func difference(_ found: [Float], _ expected: [Float]) -> Double {
        guard found.count == expected.count else { return .infinity }
        let scale = expected.map { Double(abs($0)) }.max() ?? 0
        let worst = zip(found, expected).map { Double(abs($0 - $1)) }.max() ?? 0
        return worst / max(scale, 1e-12)
    }

    private func run(
        _ executable: any Executable,
        _ inputs: [String: Tensor],
        step: Int32 = 1,
        rate: Float = 0
    ) throws {
        var inputs = inputs
        inputs["step"] = Tensor([step], shape: [])
        inputs["learning_rate"] = Tensor([rate], shape: [])
        executable.setSizes([.batch: 32])
        let memory = executable.graph.inputs.map { _ in
            UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 64)
        }
        defer { memory.forEach { $0.deallocate() } }
        for (index, input) in executable.graph.inputs.enumerated() {
            let tensor = try #require(inputs[input.name], "input \(input.name)")
            tensor.withBytes { bytes in
                if let base = bytes.baseAddress {
                    memory[index].copyMemory(from: base, byteCount: bytes.count)
                }
            }
            executable.bind(index, to: memory[index])
        }
        executable.run()
    }

    private func states(_ golden: ModelGolden, _ model: Model) throws -> StateStore {
        let states = StateStore()
        for parameter in model.parameters {
            let kept = golden.file.tensors["parameters/\(parameter.name)"]
            guard parameter.isTrained || kept != nil else {
                let first = parameter.initializer
                states.set(
                    parameter.name,
                    first.tensor(shape: parameter.shape, key: RandomKey(seed: 0))
                )
                continue
            }
            states.set(parameter.name, try golden.tensor("parameters", parameter))
        }
        return states
    }

    /// The greatest relative errors of logits and gradients, by what they are.
    private func errors(
        _ golden: ModelGolden,
        _ model: Model,
        _ states: StateStore
    ) throws -> (logits: [String: Double], gradients: [String: Double]) {
        var traced = try model.trace(.training)
        let tasks = try TaskList(golden.tasks, model)
        var appended = TaskLosses(model, usesSampleWeight: false)
        var losses: [Value] = []
        for task in tasks.tasks {
            losses.append(try #require(appended.append(task, of: tasks, to: &traced)).loss)
        }
        losses += try appended.appendAdded(golden.heads.map(\.name), of: tasks, to: &traced)
        for (name, value) in traced.outputs { traced.graph.output(name, value) }
        let total = try traced.graph.add(AddN(), losses)[0]
        let targets = traced.graph.graph.states
        let gradients = try traced.graph.gradients(
            of: total,
            withRespectTo: targets.map(\.value)
        )
        let trained = Set(model.parameters.filter(\.isTrained).map(\.name))
        for (target, gradient) in zip(targets, gradients) where trained.contains(target.name) {
            switch gradient {
            case .dense(let value): traced.graph.output("d \(target.name)", value)
            case .rows(let rows):
                let dense = try traced.graph.densified(rows, like: target.value)
                traced.graph.output("d \(target.name)", dense)
            case nil: Issue.record("\(target.name) has no gradient")
            }
        }
        let executable = try OneDNNBackend().compile(
            traced.graph.graph,
            states: states,
            capacity: [.batch: 32]
        )
        try run(executable, try golden.batch(0))

        let logits = try #require(golden.file.tensors["logits"]).floats
        var found: (logits: [String: Double], gradients: [String: Double]) = ([:], [:])
        for (task, head) in golden.heads.enumerated() {
            let output = try #require(executable.tensor(head.name)).floats
            let expected = (0..<32).map { logits[$0 * golden.heads.count + task] }
            found.logits[head.name] = difference(output, expected)
        }
        for parameter in model.parameters where parameter.isTrained {
            let gradient = try #require(executable.tensor("d \(parameter.name)")).floats
            let expected = try golden.tensor("gradients", parameter).floats
            found.gradients[parameter.name] = difference(gradient, expected)
        }
        return found
    }

    @Test(arguments: GoldenModel.all)
    func forwardAndGradientsEqualPyTorch(described: GoldenModel) throws {
        let golden = try ModelGolden(described)
        let model = try golden.model()
        let found = try errors(golden, model, states(golden, model))
        for (task, error) in found.logits {
            #expect(error < 1e-5, "\(golden.name), logits of \(task): \(error)")
        }
        for (parameter, error) in found.gradients {
            #expect(error < 1e-4, "\(golden.name), gradient of \(parameter): \(error)")
        }
    }

    /// Each parameter matters: a hundredth more of one is seen in a logit or a gradient.
    @Test(arguments: GoldenModel.all)
    func aChangedParameterIsNoticed(described: GoldenModel) throws {
        let golden = try ModelGolden(described)
        let model = try golden.model()
        for parameter in model.parameters where parameter.isTrained {
            let states = try states(golden, model)
            let values = try #require(states.tensor(parameter.name))
            let planted = Tensor(values.floats.map { $0 * 1.01 + 1e-3 }, shape: values.shape)
            states.set(parameter.name, planted)
            let found = try errors(golden, model, states)
            let isNoticed =
                found.logits.values.contains { $0 > 1e-5 }
                || found.gradients.values.contains { $0 > 1e-4 }
            #expect(isNoticed, "\(golden.name): \(parameter.name) is not read")
        }
    }

    /// The optimizer behind each of the goldens' curves.
    static let curves: [(golden: Int, curve: String, optimizer: Optimizer)] =
        GoldenModel.all.indices.map {
            ($0, "adam", .adam(learningRate: 1e-2).with { $0.tables = .dense })
        } + [
            (0, "adagrad", .adagrad(learningRate: 0.05).with { $0.tables = .dense }),
            (
                0, "momentum",
                .sgd(learningRate: 0.05, momentum: 0.9).with { $0.tables = .dense }
            ),
            (0, "lazy_adam", .adam(learningRate: 1e-2, epsilon: 1e-16)),
        ]

    @Test(arguments: ModelGoldenTests.curves.indices)
    func fiftyStepsFollowPyTorch(index: Int) throws {
        let (number, curve, optimizer) = ModelGoldenTests.curves[index]
        let golden = try ModelGolden(GoldenModel.all[number])
        let model = try golden.model()
        let tasks = try TaskList(golden.tasks, model)
        let program = try TrainingProgram(
            model,
            tasks,
            TrainingProgram.Part(tasks: Array(tasks.tasks.indices)),
            optimizer: optimizer,
            usesSampleWeight: false,
            key: RandomKey(seed: 1)
        )
        let states = try states(golden, model)
        for slot in program.slots { states.set(slot.name, Tensor(zeros: slot.shape)) }
        let executable = try OneDNNBackend().compile(
            program.graph,
            states: states,
            capacity: [.batch: 32]
        )
        let expected = try #require(golden.file.tensors["loss/\(curve)"]).floats
        var worst = 0.0
        for step in 0..<50 {
            try run(
                executable,
                try golden.batch(step),
                step: Int32(step + 1),
                rate: optimizer.learningRate
            )
            for task in golden.heads.indices {
                let found = executable.scalar(program.lossOutputs[task])
                let wanted = expected[step * golden.heads.count + task]
                worst = max(worst, Double(abs(found - wanted) / wanted))
            }
        }
        #expect(worst < 1e-3, "\(golden.name), \(curve): loss differs by \(worst)")
    }
}
