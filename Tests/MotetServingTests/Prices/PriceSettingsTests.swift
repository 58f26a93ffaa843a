import Foundation
import MotetConfiguration
import MotetDecisions
import MotetLedger
import Testing

@testable import MotetServing

@Suite("Settings of prices") struct PriceSettingsTests {
    private func settings(_ text: String) throws -> ServingSettings.Price? {
        try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: "/etc/shop"
        ).price
    }

    /// Every key, with a value that is not its default.
    private static let all = """
        price:
          store: prices
          durability: power
          keep_days: 30
          total_mib: 100
          file_mib: 10
          task: units
          currency: CHF
          objective: revenue
          level_deviation: 0.2
          elasticity_deviation: 0.3
          period: 2h
          utc_offset: 1.5
          per_scenario: true
          rules: { floor: 2, ceiling: 300, step: 0.05, greatest_change: 0.25, endings: [95, 45] }
          overrides:
            - { item: i1, floor: 20, endings: [] }
            - { category: shoes, ceiling: 90, greatest_change: 0.1, step: 0.01 }
          changes: { most: 3, window: 2w }
          exploration: thompson
          draws: 200
          prices: 40
          seed: 9
          columns: { cost: cost, list: list_price, category: kind, history: days }
          history: 12
          fallback: list
          never_use: [ age, user_id ]
          uses_user: true
          maximum_price: 5000

        """

    @Test func everyKeyIsRead() throws {
        let price = try #require(try settings(Self.all))
        #expect(price.folder == "/etc/shop/prices")
        #expect(price.journal.durability == .power && price.journal.keepDays == 30)
        #expect(price.journal.totalBytes == 100 << 20 && price.journal.fileBytes == 10 << 20)
        #expect(price.task.text == "units" && price.task.line == 7)
        #expect(price.currency == "CHF" && price.objective == .revenue)
        #expect(price.levelDeviation == 0.2 && price.elasticityDeviation == 0.3)
        #expect(price.book.periodLength == 7_200_000 && price.book.periodOffset == 5_400_000)
        #expect(price.isPerScenario && price.usesUser && price.maximum == 5000)
        #expect(
            price.rules
                == (try PriceRules(
                    floor: Money(2),
                    ceiling: Money(300),
                    step: Money(0.05),
                    greatestChange: 0.25,
                    endings: [95, 45]
                ))
        )
        let item = price.rules(of: "i1", category: "shoes")
        #expect(item.floor == Money(20) && item.ceiling == Money(300) && item.endings.isEmpty)
        let category = price.rules(of: "i2", category: "shoes")
        #expect(category.ceiling == Money(90) && category.greatestChange == 0.1)
        #expect(category.floor == Money(2) && category.endings == [95, 45])
        #expect(price.rules(of: "i2", category: "hats") == price.rules)
        #expect(price.rules(of: "i2", category: nil) == price.rules)
        #expect(price.book.changes == .init(most: 3, window: 1_209_600_000))
        #expect(price.book.exploration == .thompson(draws: 200))
        #expect(price.book.prices == 40 && price.book.seed == 9)
        #expect(price.columns.named == ["cost", "list_price", "kind", "days"])
        #expect(price.history == 12 && price.fallback == .list)
        #expect(price.neverUse.map(\.text) == ["age", "user_id"])
        let none = try settings(
            Self.all.replacing("exploration: thompson", with: "exploration: none")
                .replacing("store: prices", with: "store: memory")
        )
        #expect(none?.book.exploration == PricePolicy.Exploration.none && none?.folder == nil)
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        let price = try #require(
            try settings(
                "price: { store: p, task: t, currency: EUR, rules: { floor: 1, ceiling: 9 } }"
            )
        )
        #expect(price.journal.durability == .process && price.objective == .margin)
        #expect(price.levelDeviation == 0.5 && price.elasticityDeviation == 0.5)
        #expect(price.book == PriceBook.Settings())
        #expect(price.rules.greatestChange == nil && price.rules.step == Money(0.01))
        #expect(price.fallback == .keep && price.neverUse.isEmpty && !price.usesUser)
    }

    @Test(arguments: [
        ("  currency: CHF\n", "", "currency"),
        ("currency: CHF", "currency: \"\"", "no name of a currency"),
        ("  task: units\n", "", "task"),
        ("  store: prices\n", "", "store"), ("floor: 2, ", "", "floor"),
        ("ceiling: 300", "ceiling: 1", "'ceiling' is out of range; expected at least the floor"),
        ("floor: 2,", "floor: -2,", "floor"), ("step: 0.05", "step: 0.005", "multiple of 0.01"),
        ("endings: [95, 45]", "endings: [195]", "hundredths from 0 to 99"),
        ("endings: [95, 45]", "endings: [1]", "none obeys the rules"),
        ("greatest_change: 0.25", "greatest_change: 0", "greatest_change"),
        ("item: i1,", "item: i1, category: hats,", "one of `item` and `category`; received both"),
        ("item: i1,", "", "one of `item` and `category`; received neither"),
        ("floor: 20,", "floor: 400,", "at least the floor"),
        ("category: kind, ", "", "no column has categories"),
        ("list: list_price, ", "", "no column has list prices"),
        (", history: days", "", "no column tells it"),
        ("window: 2w", "window: soon", "not a length"),
        ("most: 3", "most: -3", "most"), ("period: 2h", "period: 0s", "not a length"),
        ("objective: revenue", "objective: profit", "objective"),
        ("exploration: thompson", "exploration: greedy", "exploration"),
        ("level_deviation: 0.2", "level_deviation: 0", "level_deviation"),
        ("prices: 40", "prices: 1", "prices"),
        ("uses_user", "use_user", "Did you mean `uses_user`?"),
    ])
    func mistakesAreToldWithTheirPlace(old: String, new: String, told: String) throws {
        precondition(Self.all.contains(old), "\(old) is not in the file")
        let error = #expect(throws: ConfigurationError.self) {
            try settings(Self.all.replacing(old, with: new))
        }
        let text = "\(try #require(error))"
        #expect(text.contains(told), "\(text)")
        #expect(text.contains("serve.yaml"))
    }

    private static func page(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: root.appendingPathComponent("docs/serving/\(name)"),
            encoding: .utf8
        )
    }

    @Test func thePagesNameEveryKey() throws {
        let page = try Self.page("configuration.md")
        for match in Self.all.matches(of: /([a-z_]+):/) {
            #expect(page.contains("`\(match.1)`"), "\(match.1)")
        }
    }

    @Test func theExampleOfThePageIsRead() throws {
        let page = try Self.page("price.md")
        let start = try #require(page.range(of: "```yaml\n"))
        let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
        let price = try settings(String(page[start.upperBound..<end.lowerBound]))
        #expect(price?.overrides.count == 2 && price?.neverUse.count == 4)
    }
}
