import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

@Suite("Fit") struct FitTests {
    private func folder() -> CheckpointFolder {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-\(UUID().uuidString)").path
        return CheckpointFolder(path: path)
    }

    @Test(arguments: [
        Architecture.singleTask(units: [8]), .sharedBottom(units: [8]),
        .mmoe(experts: 3, expertUnits: [8]),
        .cgc(sharedExperts: 1, taskExperts: 1, expertUnits: [8]),
        .ple(levels: 2, sharedExperts: 1, taskExperts: 1, expertUnits: [8]),
        .omoe(experts: 3, expertUnits: [8]), .crossStitch(networkUnits: [8]),
        .aitm(networkUnits: [8]), .esmm(networkUnits: [8]), .escm2(networkUnits: [8]),
        .dbmtl(bottomUnits: [8], taskUnits: [8], relationUnits: [6]),
        .adatt(levels: 2, taskExperts: 2, expertUnits: [8]),
        .stemNet(sharedExperts: 1, taskExperts: 1, expertUnits: [8]),
        .dselectK(experts: 4, expertUnits: [8]), .snr(SNR.Settings()),
        .home(["all": ["click", "buy"]], expertUnits: [8]),
    ])
    func everyArchitectureLearns(architecture: Architecture) throws {
        let train = try TinyMarket.data(rows: 3000, seed: 1)
        let valid = try TinyMarket.data(rows: 2000, seed: 2)
        let trainer = try TinyMarket.trainer(TinyMarket.model(architecture))
        let before = MetricReport(evaluating: try trainer.evaluate(valid))
        _ = try trainer.fit(train, epochs: 6, batchSize: 128)
        let after = MetricReport(evaluating: try trainer.evaluate(valid))
        let (old, new) = (
            before.value(MetricSelector(.auc, task: "click")).value ?? 0,
            after.value(MetricSelector(.auc, task: "click")).value ?? 0
        )
        // The labels' own probabilities reach about 0.75.
        #expect(new > 0.7 && new > old, "click AUC \(old) -> \(new)")
    }

    @Test func scenarioTowersLearnOnTheirOwnRows() throws {
        let train = try TinyMarket.data(rows: 3000, seed: 1)
        let model = try TinyMarket.model(scenarioTowers: true)
        let trainer = try TinyMarket.trainer(model)
        let before = trainer.parameters
        _ = try trainer.fit(train, epochs: 4, batchSize: 100)
        let report = MetricReport(
            evaluating: try trainer.evaluate(train),
            scenarios: TinyMarket.scenarios
        )
        for scenario in TinyMarket.scenarios {
            let value =
                report.value(
                    MetricSelector(.auc, task: "click", scenario: .named(scenario))
                ).value ?? 0
            #expect(value > 0.65, "\(scenario): \(value)")
        }
        #expect(trainer.parameters != before)
    }

    @Test func theSameSeedGivesTheSameBits() throws {
        let train = try TinyMarket.data(rows: 1000, seed: 1)
        let stores = try (0..<2).map { _ in
            let trainer = try TinyMarket.trainer(TinyMarket.model(dropout: 0.2))
            _ = try trainer.fit(train, epochs: 2, batchSize: 96)
            return trainer.parameters
        }
        #expect(stores[0] == stores[1])
        let other = try TinyMarket.trainer(TinyMarket.model(dropout: 0.2), seed: 8)
        _ = try other.fit(train, epochs: 2, batchSize: 96)
        #expect(stores[0] != other.parameters)
    }

    /// So small a rate changes no loss by the threshold: every epoch but the first brings nothing.
    @Test func aPlateauOfTheTrainingLossCountsWhereNothingIsWatched() throws {
        let train = try TinyMarket.data(rows: 500, seed: 1)
        let optimizer = Optimizer.sgd(learningRate: 1e-9).with {
            $0.schedule = .reduceOnPlateau(factor: 0.5, patience: 0)
        }
        let trainer = try TinyMarket.trainer(TinyMarket.model(), optimizer: optimizer)
        let history = try trainer.fit(train, epochs: 4, batchSize: 100)
        #expect(history.epochs.map(\.learningRate) == [1e-9, 1e-9, 5e-10, 2.5e-10])
    }

    /// Sums of gradient rows of several lists run at the same time.
    @Test func severalListsGiveTheSameBits() throws {
        let names = ["a", "b", "c"]
        var random = RandomKey(seed: 3).generator()
        var columns: [(name: String, values: PreparedValues)] = []
        for name in names {
            let lists = (0..<2_000).map { _ in
                (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                    Int32.random(in: 0..<80, using: &random)
                }
            }
            columns.append((name, .ragged(lists)))
        }
        let clicks: [Float] = (0..<2_000).map { _ in random.nextUniform() < 0.4 ? 1 : 0 }
        columns.append(("label/click", .floats(clicks)))
        let train = try PreparedDataset(inMemory: columns)
        let features = names.map {
            FeatureInput(name: $0, kind: .sequence(.sum), vocabularySize: 80, dimension: 8)
        }
        let stores = try (0..<6).map { _ in
            let model = try Architecture.sharedBottom(units: [8]).model(
                features: FeatureInputs(features: features, numericWidth: 0),
                tasks: [TaskHead(name: "click")],
                towers: TowerSettings(units: [4])
            )
            let trainer = try Trainer(
                model,
                optimizer: .adam(learningRate: 0.01),
                tasks: [NamedTask("click", .binary())],
                seed: 1,
                backend: OneDNNBackend()
            )
            _ = try trainer.fit(train, epochs: 3, batchSize: 64)
            return trainer.parameters
        }
        #expect(stores.allSatisfy { $0 == stores[0] })
    }

    @Test(arguments: [1, 5, 11, 14])
    func aResumedRunEqualsTheUninterruptedOne(stopAfter: Int) throws {
        let train = try TinyMarket.data(rows: 1000, seed: 1)
        let valid = try TinyMarket.data(rows: 500, seed: 2)
        let optimizer = Optimizer.adam(learningRate: 0.01).with {
            $0.schedule = .reduceOnPlateau(factor: 0.5, patience: 0).warmingUp(steps: 6)
            $0.clipsNorm = 1
        }
        func options(_ folder: CheckpointFolder) -> FitOptions {
            var options = FitOptions(epochs: 3, batchSize: 140, validation: valid)
            options.monitor = EarlyStopping(MetricSelector(.auc), patience: 5)
            options.checkpoints = folder
            return options
        }
        let model = try TinyMarket.model(dropout: 0.2)
        let whole = try TinyMarket.trainer(model, optimizer: optimizer)
        let wholeHistory = try whole.fit(train, options: options(folder()))

        let checkpoints = folder()
        defer { try? FileManager.default.removeItem(atPath: checkpoints.path) }
        var interrupted = options(checkpoints)
        var steps = 0
        interrupted.shouldStop = {
            steps += 1
            return steps == stopAfter
        }
        let first = try TinyMarket.trainer(model, optimizer: optimizer)
        let partial = try first.fit(train, options: interrupted)
        #expect(partial.isInterrupted)
        var resumed = options(checkpoints)
        resumed.resumes = true
        let second = try TinyMarket.trainer(model, optimizer: optimizer)
        let history = try second.fit(train, options: resumed)
        #expect(second.parameters == whole.parameters)
        #expect(history.epochs.map(\.losses) == wholeHistory.epochs.map(\.losses))
        #expect(history.epochs.map(\.validation) == wholeHistory.epochs.map(\.validation))
    }

    @Test func theBestEpochIsKept() throws {
        let train = try TinyMarket.data(rows: 400, seed: 1)
        let valid = try TinyMarket.data(rows: 400, seed: 2)
        // A rate this high makes later epochs worse than the best one.
        let trainer = try TinyMarket.trainer(
            TinyMarket.model(),
            optimizer: .adam(learningRate: 0.3)
        )
        var options = FitOptions(epochs: 8, batchSize: 50, validation: valid)
        options.monitor = EarlyStopping(MetricSelector(.logLoss, task: "click"))
        let history = try trainer.fit(train, options: options)
        let kept = MetricReport(evaluating: try trainer.evaluate(valid))
            .value(MetricSelector(.logLoss, task: "click")).value
        #expect(kept == history.best?.watched)
        #expect(history.epochs.compactMap(\.watched).min() == kept)
    }

    @Test func patienceEndsTheFit() throws {
        let train = try TinyMarket.data(rows: 300, seed: 1)
        let trainer = try TinyMarket.trainer(
            TinyMarket.model(),
            optimizer: .sgd(learningRate: 0)
        )
        var options = FitOptions(epochs: 20, batchSize: 100, validation: train)
        options.monitor = EarlyStopping(MetricSelector(.auc), patience: 2)
        #expect(try trainer.fit(train, options: options).epochs.count == 4)
    }

    @Test func missingLabelsTakeNoPart() throws {
        let train = try TinyMarket.data(rows: 1000, seed: 1, missing: true)
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        let history = try trainer.fit(train, epochs: 1, batchSize: 128)
        #expect(history.epochs[0].losses.allSatisfy { $0.value?.isFinite == true })
        let observations = try trainer.evaluate(train)
        #expect(observations[0].observations.count < 1000)
        // Buying is defined among clicks only.
        #expect(observations[1].observations.count < observations[0].observations.count)
    }
}

@Suite("Fit with kept statistics") struct StatisticsFitTests {
    /// A normalisation between two layers: its statistics change in the update, after all gradients.
    private static func trainer() throws -> Trainer {
        let numbers = try Input("numeric", shape: [2])
        let hidden = try Dense(8)(numbers)
        let normalised = try BatchNormalization(momentum: 0.9, name: "statistics")(hidden)
        let logit = try Dense(1)(Activation(.relu)(normalised))
        return try Trainer(
            Model(inputs: [numbers], outputs: ["click": logit]),
            optimizer: .adam(learningRate: 0.01),
            tasks: [NamedTask("click", .binary(metrics: [.auc]))],
            seed: 3,
            backend: OneDNNBackend()
        )
    }

    @Test func batchNormalizationLearnsAndKeepsItsStatistics() throws {
        let train = try TinyMarket.data(rows: 3000, seed: 1)
        let trainer = try Self.trainer()
        let before = trainer.parameters
        let history = try trainer.fit(train, epochs: 4, batchSize: 100)
        let losses = history.epochs.compactMap { $0.losses[0].value }
        #expect(losses[3] < losses[0], "\(losses)")
        for name in ["statistics/mean", "statistics/variance"] {
            #expect(trainer.parameters[name] != before[name], "\(name)")
            #expect(trainer.parameters[name]?.floats.allSatisfy(\.isFinite) == true)
        }
        let report = MetricReport(evaluating: try trainer.evaluate(train))
        // Price and place alone reach about 0.72.
        let auc = report.value(MetricSelector(.auc, task: "click")).value ?? 0
        #expect(auc > 0.68, "\(auc)")
    }
}
