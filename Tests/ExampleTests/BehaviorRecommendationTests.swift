import ExampleSupport
import Foundation
import Motet
import Testing

@testable import BehaviorRecommendation

/// The folder of real data sets: `MOTET_SHARED_DATA`, or `shared/data` beside the package.
private let sharedData: String = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    return ProcessInfo.processInfo.environment["MOTET_SHARED_DATA"]
        ?? package.deletingLastPathComponent().appendingPathComponent("shared/data").path
}()

private let hasRatings = FileManager.default.fileExists(
    atPath: sharedData + "/xmarket/xmarket_all.tsv.gz"
)

@Suite("BehaviorRecommendation") struct BehaviorRecommendationTests {
    private static let towers = BehaviorRecommendation.Variant(hasTowers: true)

    @Test(
        .enabled(
            if: hasRatings,
            "set MOTET_SHARED_DATA to a folder with xmarket/xmarket_all.tsv.gz"
        )
    )
    func learnsBothTasksInTwoMarkets() throws {
        let files = try ExampleData.files(XMarketRecipe(), ExampleOptions(folder: sharedData))
        let file = try RatingFile(files, markets: ["s3", "t1"])
        let data = try Behavior(file).datasets(file)
        let trainer = try BehaviorRecommendation.makeTrainer(Self.towers, seed: 1)
        let history = try BehaviorRecommendation.fit(trainer, data, epochs: 3)
        #expect(history.epochs.count == 3)
        #expect(history.table().contains("like auc"))
        let report = MetricReport(
            evaluating: try trainer.evaluate(data.test),
            scenarios: RatingFile.markets
        )
        for task in ["like", "love"] {
            for market in [nil, "s3", "t1"] {
                let estimate = report.estimate(task: task, scenario: market, metric: .auc)
                let value = try #require(estimate?.value.value)
                #expect(value > 0.6, "\(task) in \(market ?? "all"): AUC \(value)")
            }
            let other = report.estimate(task: task, scenario: "t2", metric: .auc)
            #expect(other?.value.value == nil)
        }
    }

    @Test func comparesEveryVariantOnSmallData() throws {
        let data = try withTable { file in try Behavior(file).datasets(file) }
        let comparison = try Comparison(data, seeds: [0, 1], weights: [0.5, 1], epochs: 1)
        #expect(comparison.multi.count == 4)
        let single = [false, true].map {
            BehaviorRecommendation.Variant(tasks: ["like"], hasTowers: $0)
        }
        for name in (comparison.multi + single).map(Comparison.name) {
            #expect(comparison.test.values("like", of: name).count == 2)
            #expect(comparison.test.values("love", of: name).count == 2)
            #expect(comparison.validation.values("love", of: name).count == 2)
            #expect(comparison.text.contains(name))
        }
        #expect(comparison.text.contains("AUC of love by market"))
    }

    /// What is learnt of one market's towers changes no answer in another.
    @Test func aMarketsTowerAnswersForItsRowsOnly() throws {
        let data = try withTable { file in try Behavior(file).dataset(file, .training) }
        let trainer = try BehaviorRecommendation.makeTrainer(Self.towers, seed: 1)
        let before = try #require(trainer.predict(data)["like"]).floats
        var parameters = trainer.parameters
        let name = "like/dense_1/bias"
        var bias = try #require(parameters[name]).floats
        bias[0] += 1
        parameters[name] = Tensor(bias, shape: [RatingFile.markets.count, 1])
        trainer.parameters = parameters
        let after = try #require(trainer.predict(data)["like"]).floats
        let markets = try data.withIntegers("scenario") { Array($0) }
        #expect(Set(markets) == [0, 2])
        for (row, market) in markets.enumerated() {
            #expect((before[row] != after[row]) == (market == 0))
        }
    }

    @Test func equalsPyTorch() throws {
        let golden = try ExampleGolden("behavior_recommendation")
        let made = try BehaviorRecommendation.makeTrainer(Self.towers, seed: 1)
        let trainer = try Trainer(
            made.model,
            optimizer: .sgd(learningRate: 1),
            tasks: BehaviorRecommendation.objectives(Self.towers),
            seed: 1,
            backend: OneDNNBackend()
        )
        try golden.setParameters(of: trainer)
        let error = try golden.predictionError(trainer) { _, logits in
            logits.map { 1 / (1 + exp(-$0)) }
        }
        #expect(error < 1e-5)
        for (name, error) in try golden.gradientErrors(trainer) {
            #expect(error < 1e-4, "gradient of \(name): \(error)")
        }
    }

    /// The stars of rows outside the history may change every label, but no feature.
    @Test func featuresKnowTheHistoryOnly() throws {
        let plain = try training { stars, _ in stars }
        let changed = try training { stars, part in part == .history ? stars : 6 - stars }
        #expect(plain.features == changed.features)
        #expect(plain.labels != changed.labels)
        let history = try training { stars, part in part == .history ? 6 - stars : stars }
        #expect(plain.features != history.features)
        #expect(plain.labels == history.labels)
    }

    @Test func missingFilesAreASentence() {
        let error = #expect(throws: DatasetError.self) {
            try ExampleData.files(XMarketRecipe(), ExampleOptions(folder: "/nowhere"))
        }
        #expect(error.map { "\($0)".contains("files are missing") } == true)
    }

    /// The files of the recipe's own layout give the ratings of the one file of all markets.
    @Test func bothLayoutsAreTheSameRatings() throws {
        let one = try withTable { $0.ratings }
        let folder = NSTemporaryDirectory() + "motet-example-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var paths: [String: String] = [:]
        for market in Self.markets {
            let path = "\(folder)/\(market).tsv"
            let lines = Self.rows.filter { $0.market == market }
                .map { "\($0.user)\t\($0.item)\t\($0.stars).0\n" }
            try ("userId\titemId\trating\n" + lines.joined())
                .write(toFile: path, atomically: true, encoding: .utf8)
            paths["ratings_" + market] = path
        }
        let several = try RatingFile(DatasetFiles(folder: folder, paths: paths)).ratings
        #expect(several.count == one.count)
        func sorted(_ ratings: [Rating]) -> [String] {
            ratings.map { "\($0.market ?? -1) \($0.stars) \($0.part)" }.sorted()
        }
        #expect(sorted(several) == sorted(one))
    }

    private static let markets = ["s1", "s2", "t1"]
    private static let rows = (0..<600).map { row in
        (
            market: markets[row % 3], user: "u\(row % 23)", item: "p\(row % 17)",
            stars: 1 + (row * 7) % 5
        )
    }

    /// Hands over the ratings of a small table, with stars changed by the part they fall in.
    private func withTable<Result>(
        _ change: (Int, Rating.Part) -> Int = { stars, _ in stars },
        _ body: (RatingFile) throws -> Result
    ) throws -> Result {
        let path = NSTemporaryDirectory() + "motet-example-\(UUID().uuidString).tsv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let files = DatasetFiles(folder: "", paths: ["ratings": path])
        func write(_ stars: (Int) -> Int) throws {
            var text = "market\tuserId\titemId\trating\n"
            for (row, line) in Self.rows.enumerated() {
                text += "\(line.market)\t\(line.user)\t\(line.item)\t\(stars(row)).0\n"
            }
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        try write { Self.rows[$0].stars }
        let parts = try RatingFile(files).ratings.map(\.part)
        try #require(parts.count == Self.rows.count)
        try write { change(Self.rows[$0].stars, parts[$0]) }
        return try body(RatingFile(files))
    }

    /// Features and labels of the training rows of a small table.
    private func training(
        _ change: (Int, Rating.Part) -> Int
    ) throws -> (features: [Float], labels: [Float]) {
        try withTable(change) { file in
            let data = try Behavior(file).dataset(file, .training)
            try #require(data.rowCount > 50)
            let features = try ["user_behavior", "item"].flatMap {
                try data.withFloats($0) { Array($0) }
            }
            return (features, try data.withFloats("label/like") { Array($0) })
        }
    }
}
