import Foundation
import Motet
import MotetConfiguration
import Testing

@testable import MotetServing

@Suite("Settings of recommendations") struct RecommendSettingsTests {
    private func settings(_ text: String) throws -> ServingSettings {
        try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: "/etc/shop"
        )
    }

    /// Every key, with a value that is not its default.
    private static let all = """
        recommend:
          catalogue:
            files: [items.parquet, /data/more.csv]
            item: product
            category: department
            stock: left
            numbers: [price]
            columns: [brand]
          sources:
            - name: retrieval
              as: near
              run: ../towers
              vectors: vectors.parquet
              candidates: 40
              search: { name: graph, links: 8, construction: 50, search: 60, seed: 3, file: ../near.graph }
            - name: popular
              as: wanted
              feature: sales
              candidates: 30
              refresh_seconds: 2.5
            - name: popular
              column: sold
              by_scenario: { home: sold_home }
            - name: recently_viewed
              feature: recent
            - name: bought_together
              files: together.parquet
              seeds: [bought]
          formula: click^0.7 * price
          rules:
            in_stock: true
            blocked_items: [a, 7]
            blocked_categories: [b]
            frequency_caps:
              - feature: seen
                maximum: 3
            per_category: 4
            categories: { wine: 0 }
          diversity:
            name: dpp
            relevance: 0.25
            similarity: category
          limit: 10
          maximum_limit: 50
          fallback: popular

        """

    @Test func everyKeyIsRead() throws {
        let recommend = try #require(try settings(Self.all).recommend)
        #expect(
            recommend.catalogue
                == CatalogueFiles(
                    files: ["/etc/shop/items.parquet", "/data/more.csv"],
                    item: "product",
                    category: "department",
                    stock: "left",
                    numbers: ["price"],
                    columns: ["brand"]
                )
        )
        #expect(
            recommend.sources.map(\.name) == [
                "near", "wanted", "popular", "recently_viewed", "bought_together",
            ]
        )
        #expect(recommend.sources.map(\.candidates) == [40, 30, 100, 100, 100])
        let graph = try SearchMethod.graph(links: 8, construction: 50, search: 60, seed: 3)
        #expect(
            recommend.sources[0].kind
                == .retrieval(
                    run: "/etc/shop/../towers",
                    vectors: ["/etc/shop/vectors.parquet"],
                    graph,
                    graph: "/etc/shop/../near.graph"
                )
        )
        guard case .popularFeature(let sales, 2.5) = recommend.sources[1].kind,
            case .popularColumn(let sold, let byScenario) = recommend.sources[2].kind,
            case .recentlyViewed(let recent) = recommend.sources[3].kind,
            case .boughtTogether(["/etc/shop/together.parquet"], let seeds) = recommend.sources[4]
                .kind
        else {
            Issue.record("\(recommend.sources)")
            return
        }
        #expect(sales.text == "sales" && sales.line == 18 && sales.file == "serve.yaml")
        #expect(sales.path == "recommend.sources[1].feature")
        #expect(sold.text == "sold")
        #expect(byScenario.mapValues(\.text) == ["home": "sold_home"])
        #expect(recent.text == "recent")
        #expect(seeds.map(\.text) == ["bought"])
        #expect(recommend.formula.text == "click^0.7 * price")
        #expect(recommend.formula.line == 29)
        #expect(recommend.rules.requiresStock)
        #expect(recommend.rules.blockedItems == ["a", "7"])
        #expect(recommend.rules.blockedCategories == ["b"])
        #expect(recommend.rules.frequencyCaps.map(\.feature.text) == ["seen"])
        #expect(recommend.rules.frequencyCaps.map(\.maximum) == [3])
        #expect(recommend.rules.perCategory == 4)
        #expect(recommend.rules.categories == ["wine": 0])
        #expect(recommend.diversity == .dpp(relevance: 0.25))
        #expect(recommend.similarity == .category)
        #expect(recommend.limit == 10)
        #expect(recommend.maximumLimit == 50)
        #expect(recommend.fallback == "popular")
    }

    @Test func littleIsEnough() throws {
        let recommend = try #require(
            try settings(
                "recommend: { catalogue: { files: a.csv, item: id }, formula: click, maximum_limit: 7 }"
            ).recommend
        )
        #expect(recommend.sources.isEmpty)
        #expect(recommend.limit == 7)
        #expect(recommend.diversity == .none)
        #expect(recommend.rules == ServingSettings.Recommend.Rules())
    }

    /// What is changed in the file above, and what is told of it.
    private static let wrong: [(old: String, new: String, told: String)] = [
        ("    item: product\n", "", "recommend.catalogue.item: missing"),
        ("files: [items.parquet, /data/more.csv]", "files: []", "recommend.catalogue.files"),
        ("    stock: left\n", "    stok: left\n", "recommend.catalogue.stok: unknown key"),
        ("    stock: left\n", "", "`in_stock` needs a stock"),
        ("    category: department\n", "", "a rule of categories needs them"),
        ("name: retrieval", "name: retrieve", "recommend.sources[0].name: unknown value"),
        ("      run: ../towers\n", "", "recommend.sources[0].run: missing"),
        ("vectors: vectors.parquet", "vektors: v", "recommend.sources[0].vectors: missing"),
        ("candidates: 40", "candidates: 0", "recommend.sources[0].candidates: out of range"),
        ("candidates: 40", "candidates: 900", "the sources bring more candidates"),
        ("links: 8", "links: 1", "links: out of range"),
        ("name: graph", "name: grpah", "Did you mean `graph`?"),
        ("refresh_seconds: 2.5", "refresh_seconds: 0", "refresh_seconds: out of range"),
        ("      feature: sales\n", "", "expected one of `feature` and `column`; received neither"),
        ("      column: sold\n", "      column: sold\n      feature: x\n", "received both"),
        ("      as: wanted\n", "", "a source is called \"popular\" as another"),
        ("as: wanted", "as: given", "a source is called \"given\""),
        (
            "    - name: recently_viewed\n      feature: recent\n", "    - name: recently_viewed\n",
            "recommend.sources[3].feature: missing"
        ),
        ("      seeds: [bought]\n", "", "recommend.sources[4].seeds: missing"),
        ("seeds: [bought]", "seeds: []", "recommend.sources[4].seeds"),
        ("  formula: click^0.7 * price\n", "", "recommend.formula: missing"),
        ("in_stock: true", "in_stock: yes", "recommend.rules.in_stock: expected true or false"),
        ("maximum: 3", "maximum: 0", "frequency_caps[0].maximum: out of range"),
        ("        maximum: 3\n", "", "frequency_caps[0].maximum: missing"),
        ("per_category: 4", "per_category: 0", "recommend.rules.per_category: out of range"),
        ("{ wine: 0 }", "{ wine: -1 }", "recommend.rules.categories.wine: out of range"),
        ("name: dpp", "name: dp", "recommend.diversity.name: unknown value"),
        ("relevance: 0.25", "relevance: 1", "recommend.diversity.relevance: out of range"),
        ("    relevance: 0.25\n", "", "recommend.diversity.relevance: missing"),
        ("similarity: category", "similarity: looks", "recommend.diversity.similarity"),
        ("limit: 10", "limit: 51", "recommend.limit: out of range; expected from 1 to 50"),
        ("maximum_limit: 50", "maximum_limit: 0", "recommend.maximum_limit: out of range"),
        ("fallback: popular", "fallback: poplar", "recommend.fallback: there is no such source"),
    ]

    @Test func everyMistakeIsToldWithItsKeyAndLine() throws {
        for (old, new, told) in Self.wrong {
            precondition(Self.all.contains(old), "\(old) is not in the file")
            let error = #expect(throws: ConfigurationError.self, "\(old) -> \(new)") {
                try settings(Self.all.replacing(old, with: new))
            }
            let text = error.map { "\($0)" } ?? "nothing"
            #expect(text.contains(told), "\(old) -> \(new): \(text)")
            #expect(text.contains("serve.yaml:"), "\(text)")
        }
        let category = #expect(throws: ConfigurationError.self) {
            try settings(
                "recommend: { catalogue: { files: a.csv, item: id }, formula: click, diversity: { name: mmr, relevance: 1 } }"
            )
        }
        #expect("\(try #require(category))".contains("nothing tells how alike items are"))
        let vectors = #expect(throws: ConfigurationError.self) {
            try settings(
                "recommend: { catalogue: { files: a.csv, item: id, category: c }, formula: click, "
                    + "diversity: { name: mmr, relevance: 1, similarity: vectors } }"
            )
        }
        #expect("\(try #require(vectors))".contains("`similarity: vectors` needs the vectors"))
    }

    @Test func theExampleIsRead() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Examples/XMarket/serve.yaml")
        let recommend = try #require(try ServingSettings(contentsOf: file).recommend)
        #expect(recommend.sources.map(\.name) == ["retrieval", "popular", "bought_together"])
        #expect(recommend.fallback == "popular")
    }

    @Test func thePageNamesEveryKey() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/serving/configuration.md"),
            encoding: .utf8
        )
        for match in Self.all.matches(of: /([a-z_]+):/) where match.1 != "wine" && match.1 != "home"
        { #expect(page.contains("`\(match.1)`"), "\(match.1)") }
    }

    @Test(
        arguments: [
            (
                "click^0.7", "clik^0.7",
                "serve.yaml:15, recommend.formula: score formula, column 1: unknown name; expected one of click, purchase, price, margin; received \"clik\". Did you mean `click`?"
            ),
            ("click^0.7", "channel", "recommend.formula: score formula, column 1: unknown name"),
            ("click^0.7", "(click", "serve.yaml:15, recommend.formula: score formula"),
            (
                "feature: sales", "feature: sale",
                "serve.yaml:10, recommend.sources[1].feature: unknown feature"
            ),
            ("feature: sales", "feature: seen", "expected a number `of` item"),
            ("feature: recent", "feature: sales", "expected a `sequence` with `value: item`"),
            ("seeds: [bought, recent]", "seeds: [bought, user_clicks]", "sources[5].seeds[1]"),
            ("files: items.csv", "files: nothing.csv", "nothing.csv: no such file"),
            ("item: item_id", "item: product", "there is no column \"product\""),
            ("numbers: [price, margin]", "numbers: [price, brand]", "column \"brand\": no numbers"),
            ("column: sold,", "column: brand,", "column \"brand\": no numbers"),
            ("run: towers", "run: run", "expected the architecture `two_tower`"),
            ("vectors: vectors.parquet", "vectors: items.csv", "not a file of vectors"),
            ("files: together.parquet", "files: items.csv", "column \"item\": no such column"),
        ]
    )
    func aServerThatCouldNotRecommendDoesNotStart(
        old: String,
        new: String,
        told: String
    ) async throws {
        precondition(RecommendShop.settings.contains(old), "\(old) is not in the file")
        let text = try await RecommendShop.refusal(
            RecommendShop.settings.replacing(old, with: new)
        )
        #expect(text.contains(told), "\(text)")
    }

    @Test func aCatalogueTheRunCannotRankIsToldWithItsItem() async throws {
        let shop = try RecommendShop.shared.get()
        try shop.write("unpriced.csv", "item_id,price,brand\ni1,2,acme\ni2,,bolt\n")
        let text = """
            recommend:
              catalogue: { files: unpriced.csv, item: item_id }
              formula: click

            """
        let told = try await RecommendShop.refusal(text)
        #expect(told.contains("catalogue, item \"i2\", column \"price\""), "\(told)")
        // Without a store no feature of one can be named.
        let alone = try await RecommendShop.refusal(RecommendShop.settings, hasStore: false)
        #expect(alone.contains("there is no store to read it from"), "\(alone)")
    }
}
