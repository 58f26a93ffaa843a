import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import Testing

@testable import MotetTraining

@Suite("Learnt weights of losses") struct LossWeightingTests {
    /// A number and a yes or no from one input.
    private static func trainer(
        _ weighting: LossWeighting,
        weights: (number: Float, answer: Float) = (1, 1),
        rate: Float = 0.1
    ) throws -> Trainer {
        let x = try Input("x", shape: [2])
        let shared = try Dense(3, activation: .tanh, name: "shared")(x)
        let model = try Model(
            inputs: [x],
            outputs: [
                "number": Dense(1, name: "number")(shared),
                "answer": Dense(1, name: "answer")(shared),
            ]
        )
        return try Trainer(
            model,
            optimizer: .sgd(learningRate: rate),
            tasks: [
                NamedTask("number", .regression(weight: weights.number)),
                NamedTask("answer", .binary(weight: weights.answer)),
            ],
            weighting: weighting,
            seed: 3,
            backend: OneDNNBackend()
        )
    }

    private static func data(
        numbers: [Float],
        answers: [Float],
        x: (Int) -> [Float] = { [Float($0 % 3) - 1, 0.5] }
    ) throws -> PreparedDataset {
        try PreparedDataset(inMemory: [
            "x": .floats(numbers.indices.flatMap(x), width: 2),
            "label/number": .floats(numbers), "label/answer": .floats(answers),
        ])
    }

    private static func variance(_ trainer: Trainer, _ task: String) throws -> Float {
        try #require(trainer.states.tensor("loss_weighting/\(task)")?.floats.first)
    }

    /// `ds = w (1/2 - c exp(-s) L)`, c = 1/2 for numbers and 1 for classes.
    @Test func oneStepFollowsTheFormula() throws {
        let data = try Self.data(numbers: [3, -1, 2, 0.5], answers: [1, 0, 0, 1])
        let learned = try Self.trainer(.uncertainty, weights: (2, 0.5))
        let history = try learned.fit(data, epochs: 1, batchSize: 4)
        let losses = try history.epochs[0].losses.map { try #require($0.value) }
        let number = try Self.variance(learned, "number")
        let answer = try Self.variance(learned, "answer")
        // One rounding to float32 in each of a handful of operations.
        #expect(abs(Double(number) + 0.1 * 2 * (0.5 - 0.5 * losses[0])) < 1e-6)
        #expect(abs(Double(answer) + 0.1 * 0.5 * (0.5 - losses[1])) < 1e-6)
        // At first exp(-s) is 1, so that the model learns as with weights w c.
        let fixed = try Self.trainer(.fixed, weights: (1, 0.5))
        _ = try fixed.fit(data, epochs: 1, batchSize: 4)
        for name in learned.parameters.names {
            let one = try #require(learned.parameters[name]).floats
            let other = try #require(fixed.parameters[name]).floats
            for (one, other) in zip(one, other) { #expect(abs(one - other) < 1e-6) }
        }
    }

    @Test func aStepWithoutRowsOfATaskLeavesItsVariance() throws {
        let data = try Self.data(numbers: [3, 1], answers: [1, .nan])
        let trainer = try Self.trainer(.uncertainty)
        let history = try trainer.fit(data, epochs: 1, batchSize: 1)
        // Two steps, one of them with an answer.
        let loss = try #require(history.epochs[0].losses[1].value)
        let variance = try Self.variance(trainer, "answer")
        #expect(abs(Double(variance) + 0.1 * (0.5 - loss)) < 1e-6)
    }

    /// `c exp(-s)` rests at `1 / (2 L)`: here no model does better than the mean.
    @Test func weightsRestWhereThePaperSays() throws {
        let data = try Self.data(
            numbers: (0..<32).map { $0 % 2 == 0 ? 2 : -2 },
            answers: (0..<32).map { $0 % 4 < 2 ? 1 : 0 },
            x: { _ in [0, 0] }
        )
        let trainer = try Self.trainer(.uncertainty, weights: (1, 3), rate: 0.3)
        let history = try trainer.fit(data, epochs: 400, batchSize: 32)
        let last = try #require(history.epochs.last).losses
        #expect(try abs(#require(last[0].value) - 4) < 1e-3)
        #expect(abs(trainer.lossWeights[0].weight - 1 / 8) < 1e-3)
        #expect(abs(trainer.lossWeights[1].weight - 3 / (2 * Float(0.6931472))) < 1e-3)
        #expect(last.map(\.weight) == trainer.lossWeights.map(\.weight))
        #expect(history.table().contains("number weight"))
    }

    @Test func fixedWeightsStay() throws {
        let trainer = try Self.trainer(.fixed, weights: (2, 0.5))
        let data = try Self.data(numbers: [3, -1], answers: [1, 0])
        let history = try trainer.fit(data, epochs: 1, batchSize: 2)
        #expect(trainer.lossWeights.map(\.weight) == [2, 0.5])
        #expect(history.epochs[0].losses.allSatisfy { $0.weight == nil })
        #expect(!history.table().contains("weight"))
        #expect(!trainer.states.names.contains { $0.hasPrefix("loss_weighting") })
    }

    private static let schedule: TrainingSchedule = [
        .alternating(["click", "buy"], switchingEvery: .steps(2), rounds: 2),
        .domainNegotiation(.scenarios, stepsPerDomain: 1, rounds: 2, rate: 0.5),
        .joint(epochs: 2),
    ]

    /// Steps of each phase: 8, 6, 10.
    @Test(arguments: [1, 5, 9, 15, 20])
    func aResumedFitEqualsTheUninterruptedOne(stopAfter: Int) throws {
        let train = try TinyMarket.data(rows: 700, seed: 1, missing: true)
        let model = try TinyMarket.model()
        func fit(_ options: (inout FitOptions) -> Void) throws -> (Trainer, History) {
            let trainer = try TinyMarket.trainer(model, weighting: .uncertainty)
            var made = FitOptions(epochs: 1, batchSize: 140)
            made.schedule = Self.schedule
            options(&made)
            return (trainer, try trainer.fit(train, options: made))
        }
        let folder = CheckpointFolder(
            path: FileManager.default.temporaryDirectory
                .appendingPathComponent("motet-\(UUID().uuidString)").path
        )
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        let (whole, wholeHistory) = try fit { _ in }
        let (_, interrupted) = try fit { options in
            options.checkpoints = folder
            var steps = 0
            options.shouldStop = {
                steps += 1
                return steps == stopAfter
            }
        }
        #expect(interrupted.isInterrupted)
        let (second, history) = try fit { options in
            options.checkpoints = folder
            options.resumes = true
        }
        #expect(second.parameters == whole.parameters)
        #expect(history.epochs.map(\.losses) == wholeHistory.epochs.map(\.losses))
        for task in ["click", "buy"] {
            let variance = try Self.variance(whole, task)
            #expect(try variance != 0 && Self.variance(second, task) == variance)
        }
    }
}
