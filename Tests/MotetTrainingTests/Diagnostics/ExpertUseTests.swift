import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

@Suite("Use of experts") struct ExpertUseTests {
    /// One number that differs and one that is 1, so that a gate may have a bias.
    private static func data() throws -> PreparedDataset {
        try PreparedDataset(inMemory: [
            "numeric": .floats([0.5, 1, -1, 1, 0.2, 1, 1, 1, 3, 1], width: 2),
            "scenario": .integers([0, 0, 1, 1, 1]), "label/a": .floats([1, 0, 0, 1, 1]),
            "label/b": .floats([1, 0, 1, 1, 0]),
        ])
    }

    private static func trainer(_ architecture: Architecture) throws -> Trainer {
        let model = try architecture.model(
            features: FeatureInputs(features: [], numericWidth: 2),
            tasks: [TaskHead(name: "a"), TaskHead(name: "b")],
            towers: TowerSettings(units: [4])
        )
        return try Trainer(
            model,
            optimizer: .sgd(learningRate: 0.1),
            tasks: [NamedTask("a", .binary()), NamedTask("b", .binary())],
            seed: 3,
            backend: OneDNNBackend()
        )
    }

    /// Gates whose logits do not depend on the row: `weights[task][expert]` stands at the number that is 1.
    private static func set(_ logits: [[Double]], in trainer: Trainer) throws {
        let name = try #require(
            trainer.parameters.names.first { $0.contains("gate") && $0.hasSuffix("weight") }
        )
        var parameters = trainer.parameters
        let shape = try #require(parameters[name]).shape
        #expect(shape == [logits.count, 2, logits[0].count])
        parameters[name] = Tensor(
            logits.flatMap { row in row.map { _ in Float(0) } + row.map { Float($0) } },
            shape: shape
        )
        trainer.parameters = parameters
    }

    @Test func sharesAreTheMeanWeightsOfTheGates() throws {
        let trainer = try Self.trainer(.mmoe(experts: 3, expertUnits: [4]))
        let first = [0.7, 0.2, 0.1]
        try Self.set([first.map { logarithm($0) }, [0, 0, 0]], in: trainer)
        let use = try trainer.expertUse(Self.data(), scenarios: 3, batchSize: 2)
        #expect(use.count == 1)
        #expect(use[0].experts.map(\.tasks) == [["a", "b"], ["a", "b"], ["a", "b"]])
        #expect(use[0].gates.map(\.tasks) == [["a"], ["b"]])
        for (expected, found) in zip(first, use[0].gates[0].shares) {
            #expect(abs(expected - found) < 1e-6)
        }
        let entropy = first.reduce(0) { $0 - $1 * logarithm($1) } / logarithm(3)
        #expect(abs(try #require(use[0].gates[0].entropy) - entropy) < 1e-5)
        #expect(abs(try #require(use[0].gates[1].entropy) - 1) < 1e-5)
        #expect(use[0].gates[0].rows == 5)
        // Two scenarios have rows, the third has none.
        #expect(use[0].gates[0].scenarios.map { $0 == nil } == [false, false, true])
        let mail = try #require(use[0].gates[0].scenarios[1])
        #expect(abs(mail[0] - 0.7) < 1e-6)
    }

    /// Gates that look at the row: the mean over rows, apart for each scenario.
    @Test func scenariosAreToldApart() throws {
        let trainer = try Self.trainer(.mmoe(experts: 2, expertUnits: [4]))
        let name = try #require(
            trainer.parameters.names.first { $0.contains("gate") && $0.hasSuffix("weight") }
        )
        var parameters = trainer.parameters
        parameters[name] = Tensor([Float(2), 0, 0, 0, 0, 0, 0, 0], shape: [2, 2, 2])
        trainer.parameters = parameters
        let gate = try trainer.expertUse(Self.data(), scenarios: 2)[0].gates[0]
        func share(_ x: Double) -> Double { 1 / (1 + exponential(-2 * x)) }
        let expected = [(share(0.5) + share(-1)) / 2, (share(0.2) + share(1) + share(3)) / 3]
        for (scenario, value) in expected.enumerated() {
            #expect(abs(try #require(gate.scenarios[scenario])[0] - value) < 1e-6)
        }
        #expect(abs(gate.shares[0] - (2 * expected[0] + 3 * expected[1]) / 5) < 1e-6)
    }

    @Test func expertsOfOneTaskAndSharedGatesAreKnown() throws {
        let cgc = try Self.trainer(.cgc(sharedExperts: 1, taskExperts: 1, expertUnits: [4]))
        let use = try #require(try cgc.expertUse(Self.data()).first)
        #expect(Set(use.experts.map(\.tasks)) == [["a", "b"], ["a"], ["b"]])
        for gate in use.gates {
            #expect(gate.selection.count == 2)
            #expect(abs(gate.shares.reduce(0, +) - 1) < 1e-6)
            let chosen = gate.selection.map { use.experts[$0].tasks }
            #expect(chosen.allSatisfy { $0.contains(gate.tasks[0]) })
        }
        let ple = try Self.trainer(
            .ple(levels: 2, sharedExperts: 1, taskExperts: 1, expertUnits: [4])
        )
        let levels = try ple.expertUse(Self.data())
        // The first level has gates of the tasks, and one for what the second level shares.
        #expect(
            levels.map { $0.gates.map(\.tasks) } == [
                [["a"], ["b"]], [["a", "b"]], [["a"], ["b"]],
            ]
        )
        let omoe = try Self.trainer(.omoe(experts: 2, expertUnits: [4]))
        #expect(try omoe.expertUse(Self.data())[0].gates.map(\.tasks) == [["a", "b"]])
        #expect(try Self.trainer(.sharedBottom(units: [4])).expertUse(Self.data()).isEmpty)
    }
}
