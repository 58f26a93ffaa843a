import Foundation
import Motet
import MotetFeatures
import Testing

@testable import MotetServing

/// Each source of candidates beside a computation that takes its definition literally.
@Suite("Sources of candidates") struct RecommendSourceTests {
    private static let all =
        "\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"context\":{\"market\":\"home\"},\"limit\":40,\"explain\":true"

    /// The greatest of counts by item, as many as a source brings.
    private func most(_ counts: [Int: Int], _ limit: Int) -> [(id: String, score: Double)] {
        let order = counts.filter { $0.value > 0 }.sorted {
            $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value
        }
        return order.prefix(limit).map { ("i\($0.key)", Double($0.value)) }
    }

    /// The latest items of a user's actions of some kinds, the latest first.
    private func latest(_ kinds: Set<String>, of user: Int, _ length: Int) -> [Int] {
        let items = RecommendShop.actions.filter { $0.user == user && kinds.contains($0.kind) }
        return items.suffix(length).map(\.item).reversed()
    }

    @Test func thePopularAreThoseWithTheMostEventsOverallAndInAPlace() async throws {
        let server = try await RecommendShop.server()
        let answer = try await server.recommend(
            Self.all + ",\"sources\":[\"popular\",\"here\"]"
        )
        var (sales, clicks): ([Int: Int], [Int: Int]) = ([:], [:])
        for action in RecommendShop.actions {
            if action.kind == "purchase" { sales[action.item, default: 0] += 1 }
            if action.kind == "click", action.market == "home" {
                clicks[action.item, default: 0] += 1
            }
        }
        for (source, expected) in [("popular", most(sales, 5)), ("here", most(clicks, 4))] {
            let found = answer.found(by: source)
            #expect(found.map(\.id) == expected.map(\.id), "\(source)")
            #expect(found.map(\.score) == expected.map(\.score), "\(source)")
            #expect(answer.report(of: source)?["outcome"] as? String == "some")
            #expect(answer.report(of: source)?["candidates"] as? Int == expected.count)
        }
        // Another place has other counts.
        let search = try await server.recommend(
            Self.all.replacing("\"home\"", with: "\"search\"") + ",\"sources\":[\"here\"]"
        )
        #expect(search.found(by: "here").map(\.id) != answer.found(by: "here").map(\.id))
        // Nobody is made to count for places that the run does not know.
        let nowhere = try await server.recommend(
            Self.all.replacing("\"home\"", with: "\"nowhere\"") + ",\"sources\":[\"here\"]"
        )
        #expect(nowhere.report(of: "here")?["outcome"] as? String == "failed")
        #expect(nowhere.report(of: "here")?["error"] as? String == "unknown_scenario")
    }

    @Test func countsAreTakenAgainWhenTheyAreOld() async throws {
        let server = try await RecommendShop.server(withEvents: false)
        let body = Self.all + ",\"sources\":[\"popular\"]"
        #expect(try await server.recommend(body).items.isEmpty)
        let now = OnlineShop.now
        let events = (0..<3).map { OnlineShop.event("n\($0)", at: now, "purchase", item: "i2") }
        _ = try await server.send(events)
        var found: [String] = []
        for _ in 0..<200 where found.isEmpty {
            try await Task.sleep(for: .milliseconds(20))
            found = try await server.recommend(body).ids
        }
        #expect(found == ["i2"])
        // The first question was answered by counting, all others by what was counted.
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("motet_cache_total{cache=\"popular\",outcome=\"miss\"} 1\n"))
        let hits = try #require(
            metrics.firstMatch(of: /motet_cache_total{cache="popular",outcome="hit"} ([0-9]+)/)
        )
        let asked = try #require(
            metrics.firstMatch(of: /motet_requests_total{route="recommend",status="200"} ([0-9]+)/)
        )
        #expect(Int(hits.1).map { $0 + 1 } == Int(asked.1))
    }

    @Test func aModelThatIsReloadedHasCountedBeforeItAnswers() async throws {
        let server = try await RecommendShop.server {
            $0.admin = ServingSettings.Admin(port: 0)
        }
        let body = Self.all + ",\"sources\":[\"popular\",\"here\"]"
        let before = try await server.recommend(body)
        let path = "/admin/reload"
        let reload = try await server.request("POST", path, nil, at: server.adminPort)
        #expect(reload.status == 200, "\(reload.text)")
        let after = try await server.recommend(body)
        for source in ["popular", "here"] {
            #expect(after.found(by: source).map(\.id) == before.found(by: source).map(\.id))
            #expect(!after.found(by: source).isEmpty)
        }
        // The counts belong to the catalogue that was read anew, and no request has waited for them.
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("motet_cache_total{cache=\"popular\",outcome=\"miss\"} 0\n"))
        #expect(metrics.contains("motet_cache_total{cache=\"popular\",outcome=\"hit\"} 2\n"))
    }

    @Test func aColumnOfTheCatalogueTellsThePopularToo() async throws {
        let server = try await RecommendShop.server()
        for (market, sold) in [
            ("home", RecommendShop.sold), ("search", RecommendShop.soldInSearch),
        ] {
            let answer = try await server.recommend(
                Self.all.replacing("\"home\"", with: "\"\(market)\"") + ",\"sources\":[\"shelf\"]"
            )
            let counts = (0..<RecommendShop.itemCount).map { ($0, sold($0)) }
            let expected = most(Dictionary(uniqueKeysWithValues: counts), 3)
            #expect(answer.found(by: "shelf").map(\.id) == expected.map(\.id), "\(market)")
            #expect(answer.found(by: "shelf").map(\.score) == expected.map(\.score))
        }
    }

    @Test func theRecentlyViewedAreTheLatestOfTheUser() async throws {
        let server = try await RecommendShop.server()
        for user in 0..<4 {
            let answer = try await server.recommend(
                "\"user\":{\"id\":\"u\(user)\"},\"limit\":40,\"explain\":true,\"sources\":[\"recently_viewed\"]"
            )
            var expected: [String] = []
            for item in latest(["click", "view"], of: user, 6)
            where !expected.contains("i\(item)") { expected.append("i\(item)") }
            #expect(answer.found(by: "recently_viewed").map(\.id) == expected, "u\(user)")
            #expect(!expected.isEmpty)
        }
        let nobody = try await server.recommend(
            "\"explain\":true,\"sources\":[\"recently_viewed\"]"
        )
        #expect(nobody.items.isEmpty)
        #expect(nobody.report(of: "recently_viewed")?["outcome"] as? String == "empty")
        // What the request says of the user comes before what the store knows.
        let said = try await server.recommend(
            "\"user\":{\"id\":\"u1\",\"recent\":[\"i3\",\"i4\",\"i9\"]},\"limit\":9,\"explain\":true,"
                + "\"sources\":[\"recently_viewed\"]"
        )
        #expect(said.found(by: "recently_viewed").map(\.id) == ["i9", "i4", "i3"])
    }

    /// The likeness of two items over the orders of the log, by its definition.
    private func cosine(_ first: Int, _ second: Int) -> Double {
        let orders = RecommendShop.orders.map { Set($0) }
        let both = orders.count { $0.contains(first) && $0.contains(second) }
        guard both >= 2 else { return 0 }
        let (one, other) = (
            orders.count { $0.contains(first) }, orders.count { $0.contains(second) }
        )
        return Double(both) / (Double(one) * Double(other)).squareRoot()
    }

    @Test func boughtTogetherAreThoseLikeTheUsersItemsAndTheBasket() async throws {
        let server = try await RecommendShop.server()
        for (user, cart) in [(0, []), (1, [5]), (2, [5, 17, 400])] {
            let named = cart.map { "\"i\($0)\"" }.joined(separator: ",")
            let answer = try await server.recommend(
                "\"user\":{\"id\":\"u\(user)\"},\"limit\":40,\"explain\":true,\"cart\":[\(named)],"
                    + "\"sources\":[\"bought_together\"]"
            )
            var bought: [Int] = []
            for item in latest(["purchase"], of: user, 100)
            where !bought.contains(item) && bought.count < 3 { bought.append(item) }
            let seeds = Set(
                bought + latest(["click", "view"], of: user, 6) + cart.filter { $0 < 24 }
            )
            var expected: [(item: Int, score: Double)] = []
            for item in 0..<RecommendShop.itemCount where !seeds.contains(item) {
                let score = seeds.sorted().reduce(0.0) { $0 + cosine($1, item) }
                if score > 0 { expected.append((item, score)) }
            }
            expected.sort { $0.score == $1.score ? $0.item < $1.item : $0.score > $1.score }
            let found = answer.found(by: "bought_together")
            #expect(found.map(\.id) == expected.prefix(8).map { "i\($0.item)" }, "u\(user)")
            for (one, other) in zip(found, expected) {
                // Sums in another order.
                #expect(abs((one.score ?? 0) - other.score) < 1e-12)
            }
            #expect(found.count > 3)
        }
    }

    @Test(arguments: ["exact", "{ name: graph, seed: 3 }"])
    func retrievalIsTheGreatestProductsOfTheUsersVector(search: String) async throws {
        let shop = try RecommendShop.shared.get()
        let text = RecommendShop.settings.replacing(
            "vectors: vectors.parquet,",
            with: "vectors: vectors.parquet, search: \(search),"
        )
        let server = try await RecommendShop.server(text)
        let run = try TrainedRun(shop.file("towers"))
        let users = try TowerPredictor(run, side: .user, engine: .oneDNN)
        let items = try TowerPredictor(run, side: .item, engine: .oneDNN)
        for user in 0..<4 {
            let answer = try await server.recommend(
                "\"user\":{\"id\":\"u\(user)\",\"user_id\":\"u\(user)\"},\"limit\":40,\"explain\":true,"
                    + "\"sources\":[\"retrieval\"]"
            )
            let recent = latest(["click", "view"], of: user, 6).reversed()
            let vector = try users.vectors(
                RawRows(
                    count: 1,
                    columns: [
                        "user_id": .same(.text("u\(user)")),
                        "recent": .same(.list(recent.map { .text("i\($0)") })),
                    ]
                )
            )
            var products: [(item: Int, product: Float)] = []
            for item in 0..<RecommendShop.itemCount {
                let own = try items.vectors(
                    RawRows(
                        count: 1,
                        columns: [
                            "item_id": .same(.text("i\(item)")),
                            "price": .same(.number(RecommendShop.price(item))),
                        ]
                    )
                )
                products.append((item, zip(own, vector).reduce(0) { $0 + $1.0 * $1.1 }))
            }
            products.sort { $0.product > $1.product }
            let found = answer.found(by: "retrieval")
            #expect(found.count == 12)
            #expect(found.map(\.id) == products.prefix(12).map { "i\($0.item)" }, "u\(user)")
            for (one, other) in zip(found, products) {
                // Vectors of single rows and of a file's batch differ by roundings.
                #expect(abs((one.score ?? 0) - Double(other.product)) < 1e-5)
            }
        }
    }

    @Test func aServerReadsTheGraphThatAnotherLeft() async throws {
        let shop = try RecommendShop.shared.get()
        let path = shop.file("near.graph")
        func found(_ more: String) async throws -> [String] {
            let server = try await RecommendShop.server(
                RecommendShop.settings.replacing(
                    "vectors: vectors.parquet,",
                    with: "vectors: vectors.parquet, search: { name: graph, seed: 3\(more) },"
                )
            )
            let answer = try await server.recommend(
                "\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"limit\":40,\"explain\":true,"
                    + "\"sources\":[\"retrieval\"]"
            )
            return answer.found(by: "retrieval").map(\.id)
        }
        let without = try await found("")
        #expect(without.count == 12)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try await found(", file: near.graph") == without)
        let kept = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try await found(", file: near.graph") == without)
        // A graph that nobody can use is written again.
        try kept.dropLast().write(to: URL(fileURLWithPath: path))
        #expect(try await found(", file: near.graph") == without)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == kept)
    }

    @Test func vectorsOfOtherItemsWouldBeSeen() async throws {
        // The same file with the vectors one row further down must not give the same items.
        let shop = try RecommendShop.shared.get()
        let reader = try TableReader(TableSource(shop.file("vectors.parquet")))
        let batch = try #require(try reader.next())
        var names = (0..<batch.rowCount).map { batch.columns[0].text(at: $0) ?? "" }
        names.append(names.removeFirst())
        let path = shop.file("shifted.parquet")
        let writer = try TableWriter(
            path: path,
            columns: [ColumnDescription(name: "item_id", type: .string)]
                + (0..<6).map { ColumnDescription(name: "vector_\($0)", type: .float32) }
        )
        try writer.append(
            [.string(names)]
                + (1...6).map { column in
                    .float32(batch.columns[column].withValues(of: Float.self) { Array($0) })
                }
        )
        try writer.finish()
        let body =
            "\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"limit\":40,\"explain\":true,\"sources\":[\"retrieval\"]"
        let right = try await RecommendShop.server().recommend(body)
        let wrong = try await RecommendShop.server(
            RecommendShop.settings.replacing("vectors.parquet", with: "shifted.parquet")
        ).recommend(body)
        #expect(right.found(by: "retrieval").map(\.id) != wrong.found(by: "retrieval").map(\.id))
    }

    @Test func allSourcesAreMergedAndEachItemRemembersThem() async throws {
        let server = try await RecommendShop.server()
        let answer = try await server.recommend(Self.all)
        #expect(Set(answer.ids).count == answer.ids.count)
        var union: Set<String> = []
        var listed = 0
        for source in [
            "retrieval", "popular", "here", "shelf", "recently_viewed", "bought_together",
        ] {
            let alone = try await server.recommend(Self.all + ",\"sources\":[\"\(source)\"]")
            #expect(
                alone.found(by: source).map(\.id) == answer.found(by: source).map(\.id),
                "\(source)"
            )
            union.formUnion(alone.ids)
            listed += alone.ids.count
        }
        #expect(Set(answer.ids) == union)
        #expect(answer.explanation["candidates"] as? Int == union.count)
        // Some items come from several sources.
        #expect(listed > union.count)
        let several = answer.ids.indices.contains {
            (answer.explanation($0)["sources"] as? [Any] ?? []).count > 1
        }
        #expect(several)
    }

    @Test func itemsOfTheRequestAreRankedAloneUnlessItNamesSources() async throws {
        let server = try await RecommendShop.server()
        let items =
            "\"items\":[{\"id\":\"i2\"},{\"id\":7,\"price\":3},{\"id\":\"i5\"},{\"id\":\"i2\"}]"
        let alone = try await server.recommend(Self.all + "," + items)
        #expect(Set(alone.ids) == ["i2", "7", "i5"])
        #expect(alone.found(by: "given").map(\.id) == ["i2", "7", "i5"])
        // An identity comes back as it was given.
        #expect(alone.items.contains { $0["id"] as? Int == 7 })
        let both = try await server.recommend(Self.all + "," + items + ",\"sources\":[\"shelf\"]")
        #expect(both.found(by: "given").count == 3)
        #expect(both.found(by: "shelf").count == 3)
        #expect(both.explanation["candidates"] as? Int == Set(both.ids).count)
    }

    @Test func moreThanTheLimitIsLeftOutAndTold() async throws {
        let server = try await RecommendShop.server { $0.limits.candidates = 38 }
        let items = (100..<138).map { "{\"id\":\"x\($0)\",\"price\":2}" }.joined(separator: ",")
        let answer = try await server.recommend(
            Self.all + ",\"items\":[\(items)],\"sources\":[\"shelf\"]"
        )
        #expect(answer.explanation["candidates"] as? Int == 38)
        #expect(answer.explanation["over_limit"] as? Int == 3)
        #expect(answer.found(by: "shelf").isEmpty)
    }
}
