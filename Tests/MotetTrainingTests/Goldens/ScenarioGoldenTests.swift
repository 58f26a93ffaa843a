import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Multi-scenario models against PyTorch: same weights, same batches, scenarios without rows among them.
@Suite("Multi-scenario models against PyTorch") struct ScenarioGoldenTests {
    /// Differences of logits and gradients from a golden, by name.
    private func differences(
        _ golden: ScenarioGolden,
        planting fault: (name: String, factor: Float)? = nil
    ) throws -> [(name: String, error: Double)] {
        let file = try ScenarioGolden.file(golden.name)
        let model = try golden.model()
        let states = try golden.states(file, model)
        if let fault, let parameter = model.parameters.first(where: { $0.name == fault.name }) {
            let right = try ScenarioGolden.tensor(file, "parameters", parameter)
            let wrong = Tensor(right.floats.map { $0 * fault.factor + 1e-3 }, shape: right.shape)
            states.set(fault.name, wrong)
        }
        let executable = try OneDNNBackend().compile(
            try differentiated(model, ScenarioGolden.tasks),
            states: states,
            capacity: [.batch: ScenarioGolden.rows]
        )
        let batch = try ScenarioGolden.batch(try ScenarioGolden.file("batches"), 0)
        try runOnce(executable, batch, rows: ScenarioGolden.rows)
        var found: [(name: String, error: Double)] = []
        let logits = try #require(file.tensors["logits"]).floats
        for (task, head) in ScenarioGolden.tasks.enumerated() {
            let values = try #require(executable.tensor(head.name)).floats
            let expected = (0..<ScenarioGolden.rows).map { logits[$0 * 2 + task] }
            found.append((head.name, relativeDifference(values, expected)))
        }
        for parameter in model.parameters where parameter.isTrained {
            let values = try #require(executable.tensor("d \(parameter.name)")).floats
            let expected = try ScenarioGolden.tensor(file, "gradients", parameter).floats
            found.append(("d \(parameter.name)", relativeDifference(values, expected)))
        }
        return found
    }

    @Test(arguments: ScenarioGolden.all)
    func forwardAndGradientsEqualPyTorch(golden: ScenarioGolden) throws {
        for (name, error) in try differences(golden) {
            // Normalisation by the rows of a scenario divides by deviations that rounding moves.
            let limit = name.hasPrefix("d ") ? 2e-4 : 2e-5
            #expect(error < limit, "\(golden.name), \(name): \(error)")
        }
    }

    /// Every parameter of ours has a counterpart, and none is left over.
    @Test(arguments: ScenarioGolden.all)
    func parameterCountsAgree(golden: ScenarioGolden) throws {
        let file = try ScenarioGolden.file(golden.name)
        let names = file.tensors.keys.filter { $0.hasPrefix("parameters/") }
        let trained = try golden.model().parameters.filter(\.isTrained)
        #expect(Set(names) == Set(trained.map { "parameters/\($0.name)" }))
        let theirs = names.compactMap { file.tensors[$0]?.floats.count }.reduce(0, +)
        #expect(theirs == trained.map(\.count).reduce(0, +))
    }

    /// Each parameter matters: a hundredth more of one is seen in a logit or a gradient.
    @Test(arguments: ScenarioGolden.all)
    func aChangedParameterIsNoticed(golden: ScenarioGolden) throws {
        for parameter in try golden.model().parameters where parameter.isTrained {
            let faults = try differences(golden, planting: (parameter.name, 1.01))
            let isNoticed = faults.contains { $0.error > ($0.name.hasPrefix("d ") ? 2e-4 : 2e-5) }
            #expect(isNoticed, "\(golden.name): \(parameter.name) is not read")
        }
    }

    @Test(arguments: ScenarioGolden.all)
    func fiftyStepsFollowPyTorch(golden: ScenarioGolden) throws {
        let file = try ScenarioGolden.file(golden.name)
        let batches = try ScenarioGolden.file("batches")
        let model = try golden.model()
        let tasks = try TaskList(
            ScenarioGolden.tasks.map { NamedTask($0.name, .binary()) },
            model
        )
        let optimizer = Optimizer.adam(learningRate: 1e-2).with { $0.tables = .dense }
        let program = try TrainingProgram(
            model,
            tasks,
            TrainingProgram.Part(tasks: Array(tasks.tasks.indices)),
            optimizer: optimizer,
            usesSampleWeight: false,
            key: RandomKey(seed: 1)
        )
        let states = try golden.states(file, model)
        for slot in program.slots { states.set(slot.name, Tensor(zeros: slot.shape)) }
        let executable = try OneDNNBackend().compile(
            program.graph,
            states: states,
            capacity: [.batch: ScenarioGolden.rows]
        )
        let expected = try #require(file.tensors["loss/adam"]).floats
        var worst = 0.0
        for step in 0..<50 {
            try runOnce(
                executable,
                try ScenarioGolden.batch(batches, step),
                rows: ScenarioGolden.rows,
                step: Int32(step + 1),
                rate: optimizer.learningRate
            )
            for task in 0..<2 {
                let found = executable.scalar(program.lossOutputs[task])
                let wanted = expected[step * 2 + task]
                worst = max(worst, Double(abs(found - wanted) / wanted))
            }
        }
        #expect(worst < 2e-3, "\(golden.name): loss differs by \(worst)")
        for (name, tensor) in file.tensors where name.hasPrefix("statistics/") {
            let kept = try #require(states.tensor(String(name.dropFirst(11))), "\(name)").floats
            let error = relativeDifference(kept, tensor.floats)
            #expect(error < 1e-3, "\(golden.name), \(name): \(error)")
        }
    }
}
