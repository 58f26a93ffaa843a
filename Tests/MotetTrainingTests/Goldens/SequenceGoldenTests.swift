import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Interactions that read lists against PyTorch, which has neither padding nor masks.
@Suite("Sequences against PyTorch") struct SequenceGoldenTests {
    private static let capacity: [SizeSymbol: Int] = [
        .batch: SequenceGolden.rows,
        SequenceGolden.list: SequenceGolden.rows * SequenceGolden.longest,
    ]

    /// Outputs and gradients of a model on batch 0, by name.
    private func results(
        _ golden: SequenceGolden,
        length: Int = 5,
        kept: Int = SequenceGolden.longest,
        planting fault: (name: String, factor: Float)? = nil
    ) throws -> [String: [Float]] {
        let model = try golden.model(length: length)
        let states = try golden.states(SequenceGolden.file(golden.name), model)
        if let fault {
            let right = try #require(states.tensor(fault.name))
            states.set(
                fault.name,
                Tensor(right.floats.map { $0 * fault.factor + 1e-3 }, shape: right.shape)
            )
        }
        let executable = try OneDNNBackend().compile(
            try differentiated(model, SequenceGolden.tasks),
            states: states,
            capacity: Self.capacity
        )
        try run(executable, step: 0, kept: kept)
        var found: [String: [Float]] = [:]
        let trained = model.parameters.filter(\.isTrained)
        for name in SequenceGolden.tasks.map(\.name) + trained.map({ "d \($0.name)" }) {
            found[name] = try #require(executable.tensor(name), "\(name)").floats
        }
        return found
    }

    private func run(
        _ executable: any Executable,
        step: Int,
        kept: Int = SequenceGolden.longest,
        rate: Float = 0
    ) throws {
        let batch = try SequenceGolden.batch(SequenceGolden.file("batches"), step, kept: kept)
        try runOnce(
            executable,
            batch,
            rows: SequenceGolden.rows,
            sizes: [SequenceGolden.list: try #require(batch["history.values"]).shape[0]],
            step: Int32(step + 1),
            rate: rate
        )
    }

    /// Differences of logits and gradients from a golden, by name.
    private func differences(
        _ golden: SequenceGolden,
        planting fault: (name: String, factor: Float)? = nil
    ) throws -> [String: Double] {
        let file = try SequenceGolden.file(golden.name)
        let logits = try #require(file.tensors["logits"]).floats
        var errors: [String: Double] = [:]
        for (name, values) in try results(golden, planting: fault) {
            let expected: [Float]
            if let task = SequenceGolden.tasks.firstIndex(where: { $0.name == name }) {
                expected = (0..<SequenceGolden.rows).map { logits[$0 * 2 + task] }
            } else {
                expected = try #require(file.tensors["gradients/\(name.dropFirst(2))"]).floats
            }
            errors[name] = relativeDifference(values, expected)
        }
        return errors
    }

    @Test(arguments: SequenceGolden.all)
    func forwardAndGradientsEqualPyTorch(golden: SequenceGolden) throws {
        for (name, error) in try differences(golden) {
            let limit = name.hasPrefix("d ") ? 1e-4 : 1e-5
            #expect(error < limit, "\(golden.name), \(name): \(error)")
        }
    }

    /// Every parameter of ours has a counterpart, and none is left over.
    @Test(arguments: SequenceGolden.all)
    func parameterCountsAgree(golden: SequenceGolden) throws {
        let file = try SequenceGolden.file(golden.name)
        let names = file.tensors.keys.filter { $0.hasPrefix("parameters/") }
        let model = try golden.model()
        let trained = model.parameters.filter(\.isTrained)
        #expect(Set(names) == Set(trained.map { "parameters/\($0.name)" }))
        let learned = trained.map(\.count).reduce(0, +)
        let (tables, width) = (3 * 12 * 4, 4)
        let sizes: (read: Int, made: Int) =
            switch golden.name {
            case "din": ((4 * width * 6 + 6) + (6 * 5 + 5) + (5 + 1), width)
            case "din_prelu", "din_dice":
                ((4 * width * 6 + 2 * 6) + (6 * 5 + 2 * 5) + (5 + 1), width)
            case "dien", "dien_auxiliary":
                (2 * 2 * (width * 3 * width + 3 * width) + width * width, width)
            case "sasrec": (5 * width + 2 * Self.block(width, hidden: width) + 2 * width, width)
            default: (6 * width + Self.block(width, hidden: 4 * width), 2 * width)
            }
        let rest = ((14 + sizes.made) * 8 + 8) + 2 * ((8 * 5 + 5) + (5 + 1))
        #expect(learned == tables + sizes.read + rest, "\(golden.name)")
    }

    /// The numbers of a block of self-attention.
    private static func block(_ width: Int, hidden: Int) -> Int {
        let attention = (width * 3 * width + 3 * width) + (width * width + width)
        return attention + (width * hidden + hidden) + (hidden * width + width) + 4 * width
    }

    /// Each parameter matters: a hundredth more of one is seen in a logit or a gradient.
    @Test(arguments: SequenceGolden.all)
    func aChangedParameterIsNoticed(golden: SequenceGolden) throws {
        for parameter in try golden.model().parameters where parameter.isTrained {
            let faults = try differences(golden, planting: (parameter.name, 1.01))
            let isNoticed = faults.contains { $0.value > ($0.key.hasPrefix("d ") ? 1e-4 : 1e-5) }
            #expect(isNoticed, "\(golden.name): \(parameter.name) is not read")
        }
    }

    /// Longer sequences, in which every list has more padding in front, give the same numbers.
    @Test(arguments: SequenceGolden.all.filter { $0.name != "dien_auxiliary" }, [6, 8, 21])
    func paddingChangesNothing(golden: SequenceGolden, length: Int) throws {
        let short = try results(golden, kept: 5)
        let long = try results(golden, length: length, kept: 5)
        for (name, values) in long {
            let expected = try #require(short[name])
            // Vectors of places that no list reaches have no gradient.
            let more = values.count - expected.count
            #expect(more == 0 || name.hasSuffix("/positions/weight"))
            #expect(values.prefix(more).allSatisfy { $0 == 0 }, "\(name)")
            let error = relativeDifference(Array(values.dropFirst(more)), expected)
            #expect(error < 1e-5, "\(name): \(error)")
        }
    }

    @Test(arguments: SequenceGolden.all)
    func fiftyStepsFollowPyTorch(golden: SequenceGolden) throws {
        let file = try SequenceGolden.file(golden.name)
        let model = try golden.model()
        let tasks = try TaskList(
            SequenceGolden.tasks.map { NamedTask($0.name, .binary()) },
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
            capacity: Self.capacity
        )
        let expected = try #require(file.tensors["loss/adam"]).floats
        var worst = 0.0
        for step in 0..<50 {
            try run(executable, step: step, rate: optimizer.learningRate)
            for task in 0..<2 {
                let found = executable.scalar(program.lossOutputs[task])
                let wanted = expected[step * 2 + task]
                worst = max(worst, Double(abs(found - wanted) / wanted))
            }
        }
        #expect(worst < 2e-3, "\(golden.name): loss differs by \(worst)")
    }
}
