import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import Testing

@testable import MotetTraining

/// Two tasks on one input: `sign` is easy, and `noise` has nothing to learn.
private struct TinySigns {
    static func data(seed: UInt64, rows: Int = 400, _ tasks: [String]) throws -> PreparedDataset {
        var random = RandomKey(seed: seed).generator()
        let x = (0..<rows * 4).map { _ in Float(random.nextNormal()) }
        var columns: [(name: String, values: PreparedValues)] = [("x", .floats(x, width: 4))]
        for task in tasks {
            let labels = (0..<rows).map { row -> Float in
                let noise = random.nextUniform() < 0.5
                return (task == "sign" ? x[row * 4] > 0 : noise) ? 1 : 0
            }
            columns.append(("label/\(task)", .floats(labels)))
        }
        return try PreparedDataset(inMemory: columns)
    }

    static func trainer(_ tasks: [String]) throws -> Trainer {
        let input = try Input("x", shape: [4])
        let shared = try Dense(8, activation: .tanh, name: "shared")(input)
        let model = try Model(
            inputs: [input],
            outputs: try tasks.map { ($0, try Dense(1, name: "head_\($0)")(shared)) }
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 0.02),
            tasks: tasks.map { NamedTask($0, .binary()) },
            seed: 5,
            backend: OneDNNBackend()
        )
    }
}

@Suite("Training from several sources") struct SourceTests {
    @Test func tasksLearnFromTheirOwnFiles() throws {
        let sources = [
            TrainingSource(
                try TinySigns.data(seed: 1, ["noise"]),
                validation: try TinySigns.data(seed: 2, ["noise"]),
                tasks: ["noise"]
            ),
            TrainingSource(
                try TinySigns.data(seed: 3, rows: 900, ["sign"]),
                validation: try TinySigns.data(seed: 4, ["sign"]),
                tasks: ["sign"]
            ),
        ]
        let trainer = try TinySigns.trainer(["sign", "noise"])
        let history = try trainer.fit(sources, options: FitOptions(epochs: 5, batchSize: 50))
        let report = try #require(history.epochs.last?.validation)
        #expect((report.value(MetricSelector(.auc, task: "sign")).value ?? 0) > 0.95)
        #expect(report.value(MetricSelector(.auc, task: "noise")).value != nil)
        #expect(history.epochs.last?.losses.allSatisfy { $0.value != nil } == true)
        // 8 + 18 batches an epoch.
        #expect(history.epochs.map(\.step) == [26, 52, 78, 104, 130])
    }

    @Test func aTaskWithoutASourceIsAMistake() throws {
        let trainer = try TinySigns.trainer(["sign", "noise"])
        let source = TrainingSource(try TinySigns.data(seed: 1, ["sign"]), tasks: ["sign"])
        let error = #expect(throws: TrainingError.self) {
            _ = try trainer.fit([source], options: FitOptions(epochs: 1, batchSize: 50))
        }
        #expect(
            error?.message
                == "task \"noise\": no source has its labels; expected 1 of 1 sources to name it."
        )
    }

    @Test(arguments: [TrainingPhase.Order.easyToHard, .hardToEasy])
    func theTaskThatLearnsFasterIsTheEasyOne(order: TrainingPhase.Order) throws {
        let trainer = try TinySigns.trainer(["noise", "sign"])
        let before = trainer.parameters
        let source = TrainingSource(
            try TinySigns.data(seed: 1, ["noise", "sign"]),
            validation: try TinySigns.data(seed: 2, ["noise", "sign"])
        )
        let runner = try ScheduleRunner(
            trainer,
            [.sequential(order, epochsEach: 1)],
            [source],
            batchSize: 50,
            scenarioCount: 0
        )
        let found = try TaskOrderProbe(runner, 0).order()
        #expect(found == (order == .easyToHard ? ["sign", "noise"] : ["noise", "sign"]))
        // Looking changes nothing.
        #expect(trainer.parameters == before)
    }

    @Test func anOrderIsNotFoundWithoutValidationRows() throws {
        let trainer = try TinySigns.trainer(["noise", "sign"])
        let data = try TinySigns.data(seed: 1, ["noise", "sign"])
        let error = #expect(throws: TrainingError.self) {
            _ = try trainer.fit(
                data,
                schedule: [.sequential(.easyToHard, epochsEach: 1)],
                batchSize: 50
            )
        }
        #expect(error?.message.contains("has none. Give the order, or validation data.") == true)
    }

    @Test(arguments: [
        (["sahred"], "no parameter belongs to the frozen name \"sahred\""),
        (["shared", "head_sign", "head_noise"], "every parameter is frozen"),
    ])
    func whatCannotBeFrozenIsASentence(names: [String], message: String) throws {
        let trainer = try TinySigns.trainer(["noise", "sign"])
        let data = try TinySigns.data(seed: 1, ["noise", "sign"])
        var phase = TrainingPhase.joint(epochs: 1)
        phase.frozen = names
        let error = #expect(throws: TrainingError.self) {
            _ = try trainer.fit(data, schedule: [phase], batchSize: 50)
        }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func statisticsOfATowerWaitForItsTurn() throws {
        let input = try Input("x", shape: [4])
        func head(_ task: String) throws -> SymbolicTensor {
            try Dense(1)(BatchNormalization(name: "norm_\(task)")(Dense(3)(input)))
        }
        let model = try Model(
            inputs: [input],
            outputs: ["sign": head("sign"), "noise": head("noise")]
        )
        let trainer = try Trainer(
            model,
            optimizer: .adam(learningRate: 0.02),
            tasks: [NamedTask("sign", .binary()), NamedTask("noise", .binary())],
            seed: 5,
            backend: OneDNNBackend()
        )
        let before = trainer.parameters
        let data = try TinySigns.data(seed: 1, ["noise", "sign"])
        _ = try trainer.fit(data, schedule: [.single("sign")], batchSize: 50)
        let after = trainer.parameters
        let changed = before.names.filter { before[$0] != after[$0] }
        #expect(changed.contains { $0.hasPrefix("norm_sign/") && $0.contains("mean") })
        #expect(!changed.contains { $0.hasPrefix("norm_noise/") })
    }
}
