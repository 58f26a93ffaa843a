import Testing

@testable import MotetData

@Suite("Dataset recipes") struct DatasetRecipesTests {
    @Test func everyRecipeTellsWhereItComesFrom() {
        let cards = DatasetRecipes.all.map(\.card)
        #expect(
            cards.map(\.name) == [
                "complete_journey", "census_income", "xmarket", "online_retail",
                "online_shoppers", "adult", "product_reviews", "wnut17", "fashion_mnist",
                "clothing", "grocery", "minilm_encoder",
            ]
        )
        for card in cards {
            #expect(!card.tasks.isEmpty && !card.licence.name.isEmpty && !card.layouts.isEmpty)
            if case .addresses = card.origin {
                #expect(card.layouts[0].allSatisfy { $0.address?.hasPrefix("https://") == true })
            }
        }
    }

    @Test(arguments: ["complete_journey", "Complete-Journey"])
    func recipesAreFoundByName(name: String) throws {
        #expect(try DatasetRecipes.named(name).card.name == "complete_journey")
    }

    @Test func aMisspeltNameGetsASuggestion() {
        let error = #expect(throws: DatasetError.self) { try DatasetRecipes.named("online_retial") }
        #expect(error?.code == .datasetUnknown)
        #expect(error?.description.hasSuffix("Did you mean `online_retail`?") == true)
    }

    @Test func filesAreFoundInTheFolderItselfOrUnderItsName() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("online_shoppers/online_shoppers_intention.csv", "x")
        let card = OnlineShoppersRecipe().card
        for place in [folder.path, folder.path + "/online_shoppers"] {
            let files = try DatasetFiles.locate(card, in: place)
            #expect(files.paths["sessions"]?.hasSuffix("online_shoppers_intention.csv") == true)
        }
    }

    @Test func missingFilesAreNamed() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("transactions.parquet", "x")
        let error = #expect(throws: DatasetError.self) {
            try DatasetFiles.locate(CompleteJourneyRecipe().card, in: folder.path)
        }
        #expect(error?.code == .datasetFilesMissing)
        #expect(error?.description.contains("products.parquet, promotions.parquet") == true)
        #expect(error?.description.contains("transactions.parquet") == false)
    }

    @Test func reportsAlignTheirNumbers() {
        var report = DatasetReport(name: "x")
        report.count("rows", 318_957_363)
        report.count("of them bought", 7)
        report.notes = ["a note"]
        #expect(
            report.lines() == [
                "rows            318,957,363", "of them bought            7", "a note",
            ]
        )
        #expect(
            [0, 999, 1_000, -1_234_567].map { DatasetReport.grouped($0) }
                == ["0", "999", "1,000", "-1,234,567"]
        )
    }

    @Test func rowsAreSplitByTheirNumberAlone() {
        let split = RowSplit(seed: 2026)
        let parts = split.parts(99_762)
        #expect(Array(parts.prefix(1_000)) == split.parts(1_000))
        let counts = RecipePart.allCases.map { part in parts.count { $0 == part } }
        for (count, share) in zip(counts, [0.6, 0.2, 0.2]) {
            // Five standard deviations of a binomial number.
            let allowed = 5 * (99_762 * share * (1 - share)).squareRoot()
            #expect(abs(Double(count) - 99_762 * share) < allowed)
        }
    }
}
