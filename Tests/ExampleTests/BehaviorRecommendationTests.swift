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
    @Test(
        .enabled(
            if: hasRatings,
            "set MOTET_SHARED_DATA to a folder with xmarket/xmarket_all.tsv.gz"
        )
    )
    func learnsBothTasksOfOneMarket() throws {
        let file = try RatingFile(folder: sharedData, markets: ["t1"])
        let (_, trainer) = try BehaviorRecommendation.makeTrainer()
        let history = try BehaviorRecommendation.fit(trainer, file, epochs: 3)
        let report = try #require(history.epochs.last?.validation)
        for task in ["like", "love"] {
            let auc = report.entries.first {
                $0.task == task && $0.metric == "auc" && $0.scenario == nil
            }
            let value = try #require(auc?.estimate.value.value)
            #expect(value > 0.6, "\(task): AUC \(value)")
        }
        #expect(history.epochs.count == 3)
        #expect(history.table().contains("like auc"))
    }

    /// The stars of rows outside the history may change every label, but no feature.
    @Test func featuresKnowTheHistoryOnly() throws {
        let plain = try withTable { stars, _ in stars }
        let changed = try withTable { stars, part in part == .history ? stars : 6 - stars }
        #expect(plain.features == changed.features)
        #expect(plain.labels != changed.labels)
        let history = try withTable { stars, part in part == .history ? 6 - stars : stars }
        #expect(plain.features != history.features)
        #expect(plain.labels == history.labels)
    }

    @Test func aMissingFileIsASentence() {
        let error = #expect(throws: ExampleError.self) { try RatingFile(folder: "/nowhere") }
        #expect(error?.description.contains("--from") == true)
    }

    @Test func unknownArgumentsAreASentence() throws {
        #expect(try BehaviorRecommendation.folder(["program"]) == "../shared/data")
        #expect(try BehaviorRecommendation.folder(["program", "--from", "x"]) == "x")
        #expect(throws: ExampleError.self) {
            try BehaviorRecommendation.folder(["program", "--form", "x"])
        }
    }

    /// Features and labels of a small table, with stars changed by the part they fall in.
    private func withTable(
        _ change: (Int, Rating.Part) -> Int
    ) throws -> (features: [Float], labels: [Float]) {
        let path = NSTemporaryDirectory() + "motet-example-\(UUID().uuidString).tsv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func write(_ stars: (Int) -> Int) throws {
            var text = "market\tuserId\titemId\trating\n"
            for row in 0..<400 {
                text +=
                    "\(["s1", "s2", "t1"][row % 3])\tu\(row % 23)\tp\(row % 17)\t\(stars(row)).0\n"
            }
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        try write { 1 + ($0 * 7) % 5 }
        let parts = try RatingFile(path: path).ratings.map(\.part)
        try #require(parts.count == 400)
        try write { change(1 + ($0 * 7) % 5, parts[$0]) }
        let file = try RatingFile(path: path)
        let data = try Behavior(file).dataset(file, .training)
        try #require(data.rowCount > 50)
        let features = try ["user_behavior", "item"].flatMap {
            try data.withFloats($0) { Array($0) }
        }
        return (features, try data.withFloats("label/like") { Array($0) })
    }
}
