import Foundation
import Testing

@testable import MotetData

/// The recipes on the real files, where they are at hand.
///
/// Counts agree with those of an independent
/// reading with Python's `csv`, `gzip` and `collections`.
@Suite("Recipes on real files") struct RealDataTests {
    private func prepare(_ recipe: some DatasetRecipe) throws -> (DatasetReport, TemporaryFolder) {
        let folder = try TemporaryFolder()
        let report = try recipe.prepare(from: SharedData.folder, to: folder.path)
        let expected = ["experiment.yaml", "test.parquet", "train.parquet", "validation.parquet"]
        #expect(Set(expected).subtracting(try folder.names(in: "")) == [])
        return (report, folder)
    }

    private func table(
        _ folder: TemporaryFolder,
        _ part: String,
        integers: [String] = [],
        numbers: [String] = [],
        texts: [String] = []
    ) throws -> OriginalTable {
        try OriginalTable(
            TableSource("\(folder.path)/\(part).parquet"),
            integers: integers,
            numbers: numbers,
            texts: texts
        )
    }

    private func counts(_ report: DatasetReport, _ expected: [String: Int]) {
        for (name, value) in expected { #expect(report[name] == value, "\(name)") }
    }

    @Test(.enabled(if: SharedData.has("census_income"), "\(SharedData.sentence)"))
    func censusIncome() throws {
        let (report, folder) = try prepare(CensusIncomeRecipe())
        counts(
            report,
            [
                "rows": 99_762, "income = 1": 6_186, "never_married = 1": 43_143,
                "college = 1": 19_456,
            ]
        )
        let parts = RecipePart.allCases.map { report["rows, \($0.rawValue)"] ?? 0 }
        #expect(parts.reduce(0, +) == 99_762)
        let train = try table(
            folder,
            "train",
            integers: ["row", "age", "income"],
            texts: ["survey_year", "birth_country", "split"]
        )
        let split = RowSplit(seed: 2026)
        #expect(train.integers("row").allSatisfy { split.part(Int($0)) == .train })
        #expect(Set(train.texts("survey_year").values) == ["94", "95"])
        #expect(train.texts("birth_country").values.count == 43)
        #expect((0...90).contains(Int(train.integers("age").max() ?? -1)))
        let names = try TableSource(folder.path + "/test.parquet").columns().map(\.name)
        #expect(!names.contains("instance_weight"))
        // 40 attributes without the income bracket, the row, the three labels and the part.
        #expect(names.count == 40 + 1 + 3 + 1)
    }

    @Test(.enabled(if: SharedData.has("adult"), "\(SharedData.sentence)"))
    func adult() throws {
        let (report, folder) = try prepare(AdultRecipe())
        #expect((report["rows, train"] ?? 0) + (report["rows, validation"] ?? 0) == 32_561)
        counts(report, ["rows, test": 16_281])
        let test = try table(folder, "test", integers: ["income", "married", "long_hours"])
        #expect(test.integers("income").reduce(0, +) == 3_846)
        #expect(test.integers("married").reduce(0, +) == 7_627)
        #expect(test.integers("long_hours").reduce(0, +) == 4_771)
    }

    @Test(.enabled(if: SharedData.has("online_shoppers"), "\(SharedData.sentence)"))
    func onlineShoppers() throws {
        let (report, _) = try prepare(OnlineShoppersRecipe())
        counts(
            report,
            [
                "rows": 12_330, "durations of -1, now missing": 99, "purchase = 1": 1_908,
                "page_value = 1": 2_730,
            ]
        )
    }

    @Test(.enabled(if: SharedData.has("xmarket"), "\(SharedData.sentence)"))
    func xmarket() throws {
        let (report, folder) = try prepare(XMarketRecipe())
        counts(
            report,
            [
                "ratings": 427_412, "rows that repeat a user and item, dropped": 5_226,
                "users": 61_926, "items": 16_377, "relevance judgements": 25_082,
            ]
        )
        let train = try table(folder, "train", texts: ["user_id", "item_id", "history", "market"])
        let test = try table(
            folder,
            "test",
            numbers: ["rating"],
            texts: ["user_id", "item_id", "history"]
        )
        #expect(Set(train.texts("market").values) == ["s2", "s3", "t1", "t2"])
        #expect(Set(test.numbers("rating")).isSubset(of: [1, 2, 3, 4, 5]))
        // One test item for each user, who is known from training, and no item of its own history.
        #expect(Set(test.texts("user_id").codes).count == test.rowCount)
        #expect(Set(test.texts("user_id").values).isSubset(of: Set(train.texts("user_id").values)))
        var held: [String: String] = [:]
        for row in 0..<test.rowCount {
            held[test.texts("user_id").text(row) ?? ""] = test.texts("item_id").text(row)
        }
        for row in 0..<train.rowCount {
            let history = (train.texts("history").text(row) ?? "").split(separator: "|")
            let own = train.texts("item_id").text(row) ?? ""
            let user = train.texts("user_id").text(row) ?? ""
            #expect(!history.contains(Substring(own)))
            #expect(!history.contains(Substring(held[user] ?? "none")))
        }
    }

    @Test(.enabled(if: SharedData.has("online_retail"), "\(SharedData.sentence)"))
    func onlineRetail() throws {
        let (report, folder) = try prepare(OnlineRetailRecipe())
        counts(
            report,
            [
                "invoice lines": 541_909, "dropped: no customer": 135_080,
                "dropped: no product (postage, fees, samples)": 1_920,
                "dropped: repeats another line": 5_222,
                "cancelled lines (features and labels only)": 8_506,
            ]
        )
        let first = RetailTime.day(year: 2011, month: 1, day: 1)
        let train = try table(folder, "train", integers: ["day"], numbers: ["unit_price"])
        #expect((train.integers("day").min() ?? 0) >= first)
        let test = try table(folder, "test", integers: ["day"])
        #expect(test.integers("day").max() == Int64(RetailTime.day(year: 2011, month: 11, day: 9)))
        #expect(train.numbers("unit_price").allSatisfy { $0 > 0 })
    }

    @Test(.enabled(if: SharedData.has("product_reviews"), "\(SharedData.sentence)"))
    func productReviews() throws {
        let (report, folder) = try prepare(ProductReviewsRecipe())
        counts(
            report,
            [
                "sentences": 8_211, "of them behind another ## of a line": 18,
                "lines without ##, skipped": 10, "products": 14, "reviews": 639,
                "sentences, positive": 2_432, "sentences, negative": 1_382,
                "sentences, mixed": 20, "sentences without sentiment": 4_377,
            ]
        )
        #expect((report["aspects"] ?? 0) - (report["aspects without polarity"] ?? 0) == 4_692)
        let reviews = RecipePart.allCases.map { part in
            let table = try? table(folder, part.rawValue, integers: ["review"], texts: ["tokens"])
            return (Set(table?.integers("review") ?? []), Set(table?.texts("tokens").values ?? []))
        }
        for (left, right) in [(0, 1), (0, 2), (1, 2)] {
            #expect(reviews[left].0.isDisjoint(with: reviews[right].0))
            #expect(reviews[left].1.isDisjoint(with: reviews[right].1))
        }
        #expect(reviews.allSatisfy { $0.0.count > 50 })
    }

    @Test(.enabled(if: SharedData.has("wnut17"), "\(SharedData.sentence)"))
    func wnut17() throws {
        let (report, _) = try prepare(WNUT17Recipe())
        counts(
            report,
            [
                "rows, train": 3_394, "rows, validation": 1_009, "rows, test": 1_287,
                "tags repaired": 0, "entities, person": 1_559, "entities, location": 772,
                "entities, group": 468, "entities, creative-work": 387, "entities, product": 383,
                "entities, corporation": 321, "repeated in a later part, dropped": 0,
            ]
        )
    }
}
