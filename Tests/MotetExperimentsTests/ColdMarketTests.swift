import Foundation
import Motet
import Testing

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

/// The showing of docs/data/xmarket.md: a market that has just opened gains from the others.
@Suite("A cold market") struct ColdMarketTests {
    @Test(
        .enabled(
            if: hasRatings,
            "set MOTET_SHARED_DATA to a folder with xmarket/xmarket_all.tsv.gz"
        )
    )
    func gainsFromTheOthersByAWarmStart() throws {
        let place = try Workplace(rows: 3)
        _ = try XMarketRecipe().prepare(from: sharedData, to: place.path)
        let folder = "cold_market/"
        try place.train(folder + "others.yaml", to: "others")
        try place.train(folder + "t1.yaml", to: "cold")
        let warm = try place.train(folder + "t1.yaml", to: "warm") {
            $0.warmStart = place.file("others")
        }
        let items = warm.warmStart?.parameters.first { $0.name == "embeddings/item_id/weight" }
        guard case .rows(let carried, let count)? = items?.outcome else {
            Issue.record("no rows of the items' table were carried over")
            return
        }
        // Most items of the market are sold elsewhere; some are not.
        #expect(Double(carried) > 0.8 * Double(count) && carried < count)
        let comparison = try Workplace.runner.compare(place.file("warm"), with: place.file("cold"))
        let auc = try #require(comparison.entries.first { $0.task == "like" && $0.metric == "auc" })
        let interval = try #require(auc.paired.difference.interval)
        #expect(interval.lower > 0, "AUC warm - cold: \(interval)")
    }
}
