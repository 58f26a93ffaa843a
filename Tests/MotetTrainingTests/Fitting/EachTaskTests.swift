import Foundation
import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Tasks that share no parameter and keep an epoch each.
@Suite("Best epochs of tasks") struct EachTaskTests {
    private static let click = MetricSelector(.logLoss, task: "click")
    private static let buy = MetricSelector(.auc, task: "buy")
    private static let rule = EarlyStopping.eachTask(["click": click, "buy": buy])

    private func options(epochs: Int) throws -> FitOptions {
        var options = FitOptions(
            epochs: epochs,
            batchSize: 50,
            validation: try TinyMarket.data(rows: 400, seed: 2)
        )
        options.monitor = Self.rule
        return options
    }

    /// A rate this high makes later epochs worse than the best one.
    private func trainer(
        _ architecture: Architecture = .singleTask(units: [8])
    ) throws -> Trainer {
        try TinyMarket.trainer(
            TinyMarket.model(architecture),
            optimizer: .adam(learningRate: 0.1)
        )
    }

    private func folder() -> CheckpointFolder {
        CheckpointFolder(path: NSTemporaryDirectory() + "/motet-each-" + UUID().uuidString)
    }

    @Test func eachTaskKeepsItsOwnBestEpoch() throws {
        let train = try TinyMarket.data(rows: 400, seed: 1)
        let options = try options(epochs: 8)
        let trainer = try trainer()
        let history = try trainer.fit(train, options: options)
        let kept = MetricReport(
            evaluating: try trainer.evaluate(try #require(options.validation))
        )
        let losses = history.epochs.compactMap { $0.validation?.value(Self.click).value }
        let areas = history.epochs.compactMap { $0.validation?.value(Self.buy).value }
        #expect(kept.value(Self.click).value == losses.min())
        #expect(kept.value(Self.buy).value == areas.max())
        let best = history.bestOfTasks
        #expect(best["click"] == losses.firstIndex(of: losses.min() ?? 0).map { $0 + 1 })
        #expect(best["buy"] == areas.firstIndex(of: areas.max() ?? 0).map { $0 + 1 })
        // Otherwise the test would not tell one epoch for both from one for each.
        #expect(best["click"] != best["buy"], "\(best)")
        #expect(history.epochs[0].bestText == "best: click, buy")
        #expect(history.table().contains("best: click, buy"))
    }

    /// The task as a model of its own, on the same rows in the same order, ends with the same bits.
    @Test func aTaskIsKeptAsIfItHadBeenTrainedAlone() throws {
        let train = try TinyMarket.data(rows: 400, seed: 1)
        let together = try trainer()
        let history = try together.fit(train, options: options(epochs: 8))
        let alone = try trainer()
        var options = try options(epochs: 8)
        options.monitor = EarlyStopping(Self.click)
        let historyAlone = try alone.fit(train, options: options)
        #expect(history.bestOfTasks["click"] == historyAlone.best?.epoch)
        let own = try together.ownParametersOfTasks()[0]
        #expect(!own.isEmpty)
        for name in own { #expect(together.parameters[name] == alone.parameters[name], "\(name)") }
    }

    @Test func everyParameterOfModelsSideBySideBelongsToOneTask() throws {
        let trainer = try trainer()
        let own = try trainer.ownParametersOfTasks()
        #expect(own[0].isDisjoint(with: own[1]))
        #expect(own[0].union(own[1]) == Set(trainer.model.parameters.map(\.name)))
    }

    /// Files hold the best parameters where there are checkpoints, memory where there are none.
    @Test(arguments: [1, 9, 17, 26])
    func aResumedRunKeepsTheSameEpochs(stopAfter: Int) throws {
        let train = try TinyMarket.data(rows: 400, seed: 1)
        let whole = try trainer()
        let wholeHistory = try whole.fit(train, options: options(epochs: 4))
        let checkpoints = folder()
        defer { try? FileManager.default.removeItem(atPath: checkpoints.path) }
        var options = try options(epochs: 4)
        options.checkpoints = checkpoints
        var steps = 0
        options.shouldStop = {
            steps += 1
            return steps == stopAfter
        }
        #expect(try trainer().fit(train, options: options).isInterrupted)
        options.shouldStop = { false }
        options.resumes = true
        let second = try trainer()
        let history = try second.fit(train, options: options)
        #expect(second.parameters == whole.parameters)
        #expect(history.bestOfTasks == wholeHistory.bestOfTasks)
    }

    @Test func theFitEndsWhenNoTaskGetsBetter() throws {
        let train = try TinyMarket.data(rows: 300, seed: 1)
        let trainer = try TinyMarket.trainer(
            TinyMarket.model(.singleTask(units: [8])),
            optimizer: .sgd(learningRate: 0)
        )
        var options = try options(epochs: 20)
        options.monitor?.patience = 2
        #expect(try trainer.fit(train, options: options).epochs.count == 4)
    }

    @Test func tasksThatShareAParameterCannotKeepEpochsOfTheirOwn() throws {
        let train = try TinyMarket.data(rows: 100, seed: 1)
        let trainer = try trainer(.sharedBottom(units: [8]))
        let error = #expect(throws: TrainingError.self) {
            try trainer.fit(train, options: options(epochs: 1))
        }
        #expect(error?.code == .sharedParameters)
        let message = try #require(error?.message)
        #expect(message.hasPrefix("early stopping: tasks \"click\" and \"buy\" share \""))
    }

    @Test func everyTaskNeedsANumberToWatch() throws {
        let train = try TinyMarket.data(rows: 100, seed: 1)
        var options = try options(epochs: 1)
        options.monitor = .eachTask(["click": Self.click, "bye": Self.buy])
        let error = #expect(throws: TrainingError.self) {
            try trainer().fit(train, options: options)
        }
        #expect(
            error?.message
                == "early stopping: each task needs a number to watch; expected [\"click\", \"buy\"]; received [\"bye\", \"click\"]."
        )
    }
}
