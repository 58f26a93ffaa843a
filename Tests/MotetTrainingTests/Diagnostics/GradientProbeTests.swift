import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

@Suite("Gradients looked at during training") struct GradientProbeTests {
    /// Three answers from one layer: the second wants what the first wants, the third the opposite.
    private static func shop(weighting: LossWeighting = .fixed) throws -> Trainer {
        let x = try Input("x", shape: [2])
        let shared = try Dense(4, activation: .tanh, name: "shared")(x)
        let tasks = ["click", "view", "skip"]
        let outputs: [(name: String, tensor: SymbolicTensor)] = try tasks.map {
            ($0, try Dense(1, name: $0)(shared))
        }
        let trainer = try Trainer(
            try Model(inputs: [x], outputs: outputs),
            optimizer: .sgd(learningRate: 0.1),
            tasks: tasks.map { NamedTask($0, .binary(weight: $0 == "view" ? 3 : 1)) },
            weighting: weighting,
            seed: 3,
            backend: OneDNNBackend()
        )
        // Heads that read the shared layer alike.
        var parameters = trainer.parameters
        for task in ["view", "skip"] {
            parameters["\(task)/weight"] = parameters["click/weight"]
        }
        trainer.parameters = parameters
        return trainer
    }

    private static func shopData() throws -> PreparedDataset {
        try PreparedDataset(inMemory: [
            "x": .floats([0.5, 1, -1, 0.3, 0.2, -0.7, 1, 1], width: 2),
            "label/click": .floats([1, 0, 0, 1]), "label/view": .floats([1, 0, 0, 1]),
            "label/skip": .floats([0, 1, 1, 0]),
        ])
    }

    @Test func oppositeTasksOpposeAndEqualOnesAgree() throws {
        let history = try Self.shop().fit(Self.shopData(), epochs: 1, batchSize: 4)
        let record = try #require(history.epochs[0].sharedGradients)
        #expect(record.probes == 1)
        #expect(record.blocks.map(\.name) == ["shared"])
        let block = record.blocks[0]
        #expect(try #require(block.meanCosine(0, 1)) > 0.9999)
        // Logits are 0.2 at most, so the two residuals are nearly each other's negative.
        #expect(try #require(block.meanCosine(0, 2)) < -0.97)
        #expect(block.conflictShare(0, 1) == 0 && block.conflictShare(2, 0) == 1)
        #expect(record.whole.meanCosine(0, 2) == block.meanCosine(0, 2))
        // The weight of the task is in its gradient.
        let (click, view) = (try #require(block.meanNorm(0)), try #require(block.meanNorm(1)))
        #expect(abs(view / click - 3) < 1e-4)
    }

    /// The gradient of a task alone is what a step of plain descent on it alone takes away.
    private static func step(
        _ architecture: Architecture,
        _ task: String
    ) throws -> [String: [Float]] {
        let trainer = try TinyMarket.trainer(
            TinyMarket.model(architecture),
            optimizer: .sgd(learningRate: 1)
        )
        let start = trainer.parameters
        let data = try TinyMarket.data(rows: 96, seed: 3)
        _ = try trainer.fit(data, schedule: [.single(task)], batchSize: 96)
        var steps: [String: [Float]] = [:]
        for name in start.names {
            guard let before = start[name]?.floats, let after = trainer.parameters[name]?.floats
            else { continue }
            steps[name] = zip(before, after).map { $0 - $1 }
        }
        return steps
    }

    @Test func blocksAreTheGradientsOfTasksTrainedAlone() throws {
        let experts = 3
        let architecture = Architecture.mmoe(experts: experts, expertUnits: [8, 6])
        let (click, buy) = (
            try Self.step(architecture, "click"), try Self.step(architecture, "buy")
        )
        let trainer = try TinyMarket.trainer(
            TinyMarket.model(architecture),
            optimizer: .sgd(learningRate: 1)
        )
        let data = try TinyMarket.data(rows: 96, seed: 3)
        let history = try trainer.fit(data, epochs: 1, batchSize: 96)
        let record = try #require(history.epochs[0].sharedGradients)
        #expect(
            record.blocks.map(\.name) == (0..<experts).map { "mmoe_1/experts/\($0)" },
            "\(record.blocks.map(\.name))"
        )
        var whole = [Double](repeating: 0, count: 3)
        for (expert, block) in record.blocks.enumerated() {
            var products = [Double](repeating: 0, count: 3)
            for (name, left) in click where name.hasPrefix("mmoe_1/experts/") {
                let right = try #require(buy[name])
                let width = left.count / experts
                for place in (expert * width)..<((expert + 1) * width) {
                    let (one, other) = (Double(left[place]), Double(right[place]))
                    products[0] += one * one
                    products[1] += other * other
                    products[2] += one * other
                }
            }
            for index in whole.indices { whole[index] += products[index] }
            try Self.expect(block, products)
        }
        try Self.expect(record.whole, whole)
    }

    /// Steps of descent round parameters to float32, about 1e-7 of a parameter and 1e-4 of these gradients.
    private static func expect(
        _ block: SharedGradientRecord.Block,
        _ products: [Double]
    ) throws {
        let norms = [products[0].squareRoot(), products[1].squareRoot()]
        for task in 0..<2 {
            #expect(abs(try #require(block.meanNorm(task)) - norms[task]) < 1e-3 * norms[task])
        }
        let cosine = products[2] / norms[0] / norms[1]
        #expect(abs(try #require(block.meanCosine(0, 1)) - cosine) < 2e-3)
        #expect(block.conflictShare(0, 1) == (cosine < 0 ? 1 : 0))
        #expect(block.meetings(0, 1) == 1)
    }

    @Test(arguments: [
        LossWeighting.fixed, .uncertainty, .random, .famo(), .dynamicAverage(temperature: 2),
    ])
    func trainingIsTheSameWithAndWithoutLooking(_ weighting: LossWeighting) throws {
        let data = try TinyMarket.data(rows: 200, seed: 5, missing: true)
        func fit(_ probes: Int?) throws -> (ParameterStore, History) {
            let trainer = try TinyMarket.trainer(
                TinyMarket.model(scenarioTowers: true, dropout: 0.2),
                weighting: weighting
            )
            var options = FitOptions(epochs: 2, batchSize: 32, validation: data)
            options.gradientProbes = probes
            let history = try trainer.fit(data, options: options)
            return (trainer.parameters, history)
        }
        let (without, plain) = try fit(0)
        for probes in [nil, 3, 100] {
            let (with, history) = try fit(probes)
            #expect(with == without)
            #expect(history.epochs.map(\.losses) == plain.epochs.map(\.losses))
            #expect(history.epochs.map(\.validation) == plain.epochs.map(\.validation))
            #expect(
                history.epochs.map { $0.sharedGradients?.probes }
                    == Array(
                        repeating: min(probes ?? 1, 7),
                        count: 2
                    )
            )
        }
        #expect(plain.epochs.allSatisfy { $0.sharedGradients == nil })
    }

    @Test func aResumedTrainingRecordsTheSame() throws {
        let data = try TinyMarket.data(rows: 200, seed: 5)
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-probes-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = FitOptions(epochs: 3, batchSize: 32)
        options.gradientProbes = 3
        let model = try TinyMarket.model()
        let whole = try TinyMarket.trainer(model).fit(data, options: options)
        options.checkpoints = CheckpointFolder(path: folder.path)
        var steps = 0
        options.shouldStop = {
            steps += 1
            return steps == 10
        }
        #expect(try TinyMarket.trainer(model).fit(data, options: options).isInterrupted)
        options.shouldStop = { false }
        options.resumes = true
        let resumed = try TinyMarket.trainer(model).fit(data, options: options)
        #expect(resumed.epochs.map(\.sharedGradients) == whole.epochs.map(\.sharedGradients))
        #expect(whole.epochs.allSatisfy { $0.sharedGradients?.probes == 3 })
        // What is written is read back.
        let record = try #require(whole.epochs[0].sharedGradients)
        let data2 = try JSONEncoder().encode(record)
        #expect(try JSONDecoder().decode(SharedGradientRecord.self, from: data2) == record)
    }

    @Test func whereNothingIsSharedNothingIsRecorded() throws {
        let data = try TinyMarket.data(rows: 128, seed: 2)
        let alone = try TinyMarket.trainer(TinyMarket.model(.singleTask(units: [8])))
        let history = try alone.fit(data, epochs: 1, batchSize: 32)
        #expect(history.epochs[0].sharedGradients == nil)
        let schedule: TrainingSchedule = [
            .single("click"), .joint(epochs: 1),
            .joint(epochs: 1).freezing("shared_bottom_1/dense_1", "embeddings"),
        ]
        let phases = try TinyMarket.trainer(TinyMarket.model(.sharedBottom(units: [8])))
        let record = try phases.fit(data, schedule: schedule, batchSize: 32)
        #expect(record.epochs.map { $0.sharedGradients?.probes } == [nil, 1, nil])
    }

    @Test func recordsOfEpochsAddUp() throws {
        let data = try TinyMarket.data(rows: 128, seed: 2)
        var options = FitOptions(epochs: 2, batchSize: 32)
        options.gradientProbes = 4
        let history = try TinyMarket.trainer(TinyMarket.model()).fit(data, options: options)
        let (first, second) = (
            try #require(history.epochs[0].sharedGradients),
            try #require(history.epochs[1].sharedGradients)
        )
        var sum = first
        sum.add(second)
        #expect(sum.probes == 8)
        #expect(sum.blocks.map(\.name) == first.blocks.map(\.name))
        let cosines = [first, second, sum].compactMap { $0.whole.meanCosine(0, 1) }
        #expect(abs((cosines[0] + cosines[1]) / 2 - cosines[2]) < 1e-9)
    }

    @Test func probesAreSpreadOverAnEpoch() {
        func probes(_ wanted: Int?, steps: Int, tasks: Int) -> [Int] {
            let schedule = ProbeSchedule(wanted, steps: steps, tasks: tasks)
            return (0..<steps).filter(schedule.includes)
        }
        #expect(probes(4, steps: 12, tasks: 2) == [0, 3, 6, 9])
        #expect(probes(3, steps: 2, tasks: 2) == [0, 1])
        #expect(probes(0, steps: 12, tasks: 2).isEmpty)
        #expect(probes(nil, steps: 12, tasks: 2) == [0])
        #expect(probes(nil, steps: 200, tasks: 4).count == 2)
        #expect(probes(nil, steps: 100_000, tasks: 2).count == 8)
        // The next epoch begins anew.
        let schedule = ProbeSchedule(2, steps: 5, tasks: 2)
        #expect((0..<15).filter(schedule.includes) == [0, 3, 5, 8, 10, 13])
    }
}
