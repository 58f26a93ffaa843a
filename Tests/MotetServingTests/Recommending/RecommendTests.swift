import Foundation
import HTTPTypes
import Motet
import MotetFeatures
import Testing

@testable import MotetServing

@Suite("Recommendations") struct RecommendTests {
    private static let user =
        "\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"context\":{\"market\":\"home\"}"

    /// The section with rules or a diversity.
    private static func with(_ more: String) -> String { RecommendShop.settings + more }

    @Test func scoresEqualThoseOfScoreForTheSameItemsBitForBit() async throws {
        let server = try await RecommendShop.server()
        let answer = try await server.recommend(
            Self.user + ",\"limit\":40,\"explain\":true,\"time\":\(OnlineShop.now)"
        )
        #expect(answer.items.count > 15)
        let items = answer.ids.map { id in
            let item = Int(id.dropFirst()) ?? 0
            let brand = RecommendShop.brand(item)
            let tags = RecommendShop.tags(item).map { "\"\($0)\"" }.joined(separator: ",")
            return "{\"id\":\"\(id)\",\"item_id\":\"\(id)\",\"price\":\(RecommendShop.price(item)),"
                + "\"brand\":\(brand.isEmpty ? "null" : "\"\(brand)\""),\"tags\":[\(tags)],"
                + "\"category\":\"\(RecommendShop.department(item))\"}"
        }
        // The user's interests fade with time: both are asked at one time.
        let time = OnlineShop.now
        let again = try await server.recommend(
            Self.user + ",\"limit\":40,\"explain\":true,\"time\":\(time)"
        )
        let scored = try await server.post(
            "/v1/score",
            // The tower alone reads `user_id`; scores do not know it.
            "{\(Self.user.replacing(",\"user_id\":\"u1\"", with: "")),\"time\":\(time),"
                + "\"items\":[\(items.joined(separator: ","))]}"
        )
        #expect(scored.status == 200, "\(scored.text)")
        let rows = try #require(try scored.json()["items"] as? [[String: Any]])
        var byID: [String: [String: Any]] = [:]
        for row in rows {
            byID[row["id"] as? String ?? ""] = row["scores"] as? [String: Any]
        }
        #expect(Set(again.ids) == Set(byID.keys))
        var distinct: Set<Double> = []
        for (place, id) in again.ids.enumerated() {
            let own = try #require(again.explanation(place)["scores"] as? [String: Any])
            let other = try #require(byID[id])
            #expect(own.keys.sorted() == ["channel", "click", "purchase"])
            let (click, purchase) = (
                try #require(own["click"] as? Double), try #require(own["purchase"] as? Double)
            )
            #expect(click == other["click"] as? Double, "\(id)")
            #expect(purchase == other["purchase"] as? Double, "\(id)")
            #expect(
                NSDictionary(dictionary: own["channel"] as? [String: Any] ?? [:])
                    == NSDictionary(dictionary: other["channel"] as? [String: Any] ?? ["": 0])
            )
            distinct.insert(click)
            // The formula over the scores as they are told.
            let price = RecommendShop.price(Int(id.dropFirst()) ?? 0)
            let expected = pow(click, 0.7) * (0.2 + purchase) * pow(price, 0.1)
            // The scores are told as 32-bit floats, and powers are computed by another library.
            #expect(abs(again.scores[place] - expected) < 1e-6 * expected, "\(id)")
        }
        #expect(distinct.count > 10)
        for (score, next) in zip(again.scores, again.scores.dropFirst()) { #expect(score >= next) }
    }

    @Test func theConsoleShowsAListAndWhereItsItemsCameFrom() async throws {
        let server = try await RecommendShop.server { $0.admin = ServingSettings.Admin(port: 0) }
        let port = try #require(server.adminPort)
        let answer = try await server.recommend(Self.user + ",\"limit\":3,\"explain\":true")
        #expect(answer.items.count == 3)
        let reply = try await server.request("GET", "/console/data", nil, at: port)
        let data = try reply.body.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
        let newest = try #require(data["decisions"]?.elements.first)
        #expect(newest["kind"] == "recommend")
        #expect(newest["scenario"] == "home")
        let items = newest["items"]?.elements ?? []
        #expect(items.map { $0["id"] } == answer.ids.map { .text($0) })
        for (place, item) in items.enumerated() {
            let value = try #require(item["value"]?.double)
            #expect(abs(value - answer.scores[place]) < 1e-6 * abs(value))
            #expect(item["scores"]?.elements.count == 3)
            #expect(item["sources"]?.elements.isEmpty == false)
        }
        let notes = newest["notes"]?.elements ?? []
        let isOrdered = notes.contains { note in
            if case .text(let words) = note { words.hasPrefix("ordered by ") } else { false }
        }
        #expect(isOrdered, "\(notes)")
        // Its scores count in those that are compared with training's.
        #expect(data["scores"]?.elements.isEmpty == false)
        #expect(!reply.text.contains("\"u1\""))
    }

    @Test func anAnswerNamesTheRequestTheModelAndTheVariant() async throws {
        let server = try await RecommendShop.server()
        let reply = try await server.post(
            "/v1/recommend",
            "{\(Self.user)}",
            fields: ["X-Request-Id": "asked-1"]
        )
        let answer = try Recommended(reply)
        #expect(answer.body["request_id"] as? String == "asked-1")
        #expect((answer.body["model"] as? String)?.hasPrefix("run-") == true)
        #expect(answer.body["variant"] as? String == "control")
        #expect(answer.body["degraded"] as? Bool == false)
        #expect(answer.items.count == 5)
        #expect(answer.body["explain"] == nil)
        #expect(answer.items[0].keys.sorted() == ["id", "score"])
        let short = try await server.recommend(Self.user + ",\"limit\":2")
        #expect(short.ids == Array(answer.ids.prefix(2)))
    }

    @Test func rulesRemoveAndSayWhy() async throws {
        let text = Self.with(
            """
              rules:
                in_stock: true
                blocked_items: [i1]
                blocked_categories: [bread]
                frequency_caps: [{ feature: seen, maximum: 1 }]

            """
        )
        let server = try await RecommendShop.server(text)
        let items = (0..<RecommendShop.itemCount).map { "{\"id\":\"i\($0)\"}" }
        let body =
            Self.user + ",\"limit\":40,\"explain\":true,\"items\":[\(items.joined(separator: ","))]"
        let answer = try await server.recommend(body + ",\"blocked_items\":[\"i4\"]")
        var seen: [Int: Int] = [:]
        for action in RecommendShop.actions where action.user == 1 && action.kind == "exposure" {
            seen[action.item, default: 0] += 1
        }
        var expected: [String: String] = [:]
        for item in 0..<RecommendShop.itemCount {
            let stock = RecommendShop.stock(item)
            if item == 1 || item == 4 {
                expected["i\(item)"] = "blocked_item"
            } else if RecommendShop.department(item) == "bread" {
                expected["i\(item)"] = "blocked_category"
            } else if let stock, stock <= 0 {
                expected["i\(item)"] = "out_of_stock"
            } else if seen[item, default: 0] >= 1 {
                expected["i\(item)"] = "frequency_cap"
            }
        }
        #expect(answer.removed == expected)
        #expect(Set(expected.values).count == 4)
        #expect(Set(answer.ids) == Set((0..<24).map { "i\($0)" }).subtracting(expected.keys))
        let outcomes = try #require(answer.explanation["outcomes"] as? [String: Int])
        #expect(outcomes["shown"] == answer.ids.count)
        for rule in Set(expected.values) {
            #expect(outcomes[rule] == expected.values.count { $0 == rule }, "\(rule)")
        }
        // Another user has seen other items.
        let other = try await server.recommend(
            body.replacing("\"id\":\"u1\"", with: "\"id\":\"u9\"")
        )
        #expect(!other.removed.values.contains("frequency_cap"))
        #expect(other.ids.contains { expected[$0] == "frequency_cap" })
        // The request may block more: a category, and nothing is left.
        let none = try await server.recommend(body + ",\"blocked_categories\":[\"tea\",\"wine\"]")
        #expect(none.items.isEmpty)
        #expect(none.removed.count == 24)
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("motet_recommend_removed_total{rule=\"blocked_category\"} "))
        #expect(metrics.contains("motet_recommend_empty_total 1\n"))
        #expect(metrics.contains("motet_recommend_stage_seconds_count{stage=\"retrieve\"} 3\n"))
        #expect(metrics.contains("motet_recommend_stage_seconds_count{stage=\"compute\"} 2\n"))
        #expect(metrics.contains("motet_recommend_stage_seconds_count{stage=\"rank\"} 3\n"))
        #expect(metrics.contains("motet_recommend_candidates_count{source=\"given\"} 3\n"))
    }

    @Test func aNumberThatIsNotKnownGivesNoScore() async throws {
        let text = RecommendShop.settings.replacing(
            "click^0.7 * (0.2 + purchase) * price^0.1",
            with: "click * (1 + margin)"
        )
        let server = try await RecommendShop.server(text)
        let items = "\"items\":[{\"id\":\"i3\"},{\"id\":\"i2\"},{\"id\":\"new\",\"price\":4}]"
        let answer = try await server.recommend(Self.user + ",\"explain\":true," + items)
        #expect(answer.ids == ["i2"])
        #expect(answer.removed == ["i3": "no_score", "new": "no_score"])
        // The request may tell it, of an item the catalogue has and of one it does not have.
        let told = try await server.recommend(
            Self.user + ",\"explain\":true,\"items\":[{\"id\":\"i3\",\"margin\":0.5},"
                + "{\"id\":\"new\",\"price\":4,\"margin\":1}]"
        )
        #expect(Set(told.ids) == ["i3", "new"])
        for (place, id) in told.ids.enumerated() {
            let scores = try #require(told.explanation(place)["scores"] as? [String: Any])
            let click = try #require(scores["click"] as? Double)
            let expected = click * (id == "i3" ? 1.5 : 2)
            #expect(abs(told.scores[place] - expected) < 1e-6 * expected)
        }
    }

    @Test func quotasHoldAndSayThatTheyMovedWhatFollows() async throws {
        let text = Self.with("  rules: { per_category: 2, categories: { wine: 1 } }\n")
        // At one time, for the interests of the user fade.
        let now = OnlineShop.now
        let server = try await RecommendShop.server(text, at: now)
        let items = (0..<24).map { "{\"id\":\"i\($0)\"}" }.joined(separator: ",")
        let body = Self.user + ",\"limit\":40,\"explain\":true,\"items\":[\(items)]"
        let free = try await RecommendShop.server(at: now).recommend(body)
        let answer = try await server.recommend(body)
        #expect(answer.items.count == 5)
        var expected: [String] = []
        var counts: [String: Int] = [:]
        for id in free.ids {
            let department = RecommendShop.department(Int(id.dropFirst()) ?? 0)
            guard counts[department, default: 0] < (department == "wine" ? 1 : 2) else { continue }
            counts[department, default: 0] += 1
            expected.append(id)
        }
        #expect(answer.ids == expected)
        for (place, id) in answer.ids.enumerated() {
            let byScore = try #require(answer.explanation(place)["place_by_score"] as? Int)
            #expect(byScore == free.ids.firstIndex(of: id))
            let moved = answer.explanation(place)["moved_by"] as? [String]
            #expect(moved == (byScore == place ? [] : ["category_quota"]), "\(id)")
        }
        #expect(answer.removed.values.allSatisfy { $0 == "category_full" })
        #expect(answer.removed.count == 19)
    }

    @Test(arguments: ["mmr", "dpp"])
    func diversityIsThatOfTheRankerOverTheItemsVectors(name: String) async throws {
        let shop = try RecommendShop.shared.get()
        let text = Self.with("  diversity: { name: \(name), relevance: 0.3 }\n")
        let server = try await RecommendShop.server(text)
        let items = (0..<24).map { "{\"id\":\"i\($0)\"}" } + ["{\"id\":\"new\",\"price\":4}"]
        let body =
            Self.user + ",\"explain\":true,\"time\":\(OnlineShop.now),"
            + "\"items\":[\(items.joined(separator: ","))],\"limit\":"
        let answer = try await server.recommend(body + "8")
        // The scores of all, to rank them apart.
        let all = try await server.recommend(body + "40")
        #expect(all.items.count == 25)
        let scores = Dictionary(uniqueKeysWithValues: zip(all.ids, all.scores))
        let catalogue = try Catalogue(
            CatalogueFiles(files: [shop.file("items.csv")], item: "item_id")
        )
        let vectors = try ItemVectors(
            [shop.file("vectors.parquet")],
            of: catalogue,
            method: .exact
        )
        let names = (0..<24).map { "i\($0)" } + ["new"]
        let ranker = Ranker(
            rules: try BusinessRules(),
            diversity: name == "mmr"
                ? try .maximalMarginalRelevance(relevance: 0.3)
                : try .determinantal(relevance: 0.3)
        )
        let list = ranker.list(
            names.map { RankingCandidate($0, score: scores[$0] ?? .nan) },
            similarity: Similarity(
                vectors: vectors.vectors(of: names.map { catalogue.place(of: $0) }),
                dimension: vectors.dimension
            ),
            limit: 8
        )
        #expect(answer.ids == list.shown.map { names[$0] })
        let order = names.indices.sorted { scores[names[$0]] ?? 0 > scores[names[$1]] ?? 0 }
        #expect(answer.ids != order.prefix(8).map { names[$0] })
        for (place, id) in answer.ids.enumerated() {
            let byScore = try #require(answer.explanation(place)["place_by_score"] as? Int)
            #expect(names[order[byScore]] == id)
            let moved = answer.explanation(place)["moved_by"] as? [String]
            #expect(moved == (byScore == place ? [] : ["diversity"]), "\(id)")
        }
    }

    @Test func categoriesTellTheLikenessWhereTheyAreChosen() async throws {
        let text = Self.with(
            "  diversity: { name: mmr, relevance: 0.1, similarity: category }\n"
        )
        let server = try await RecommendShop.server(text)
        let answer = try await server.recommend(Self.user + ",\"limit\":3")
        let departments = answer.ids.map { RecommendShop.department(Int($0.dropFirst()) ?? 0) }
        #expect(Set(departments).count == 3)
    }

    /// A source of features that cannot be asked about users.
    private struct Broken: FeatureSource {
        let fails: @Sendable (FeatureQuery) -> Bool

        func features(_ columns: [String], for request: FeatureQuery) throws -> SourcedFeatures {
            guard !fails(request) else {
                throw RequestError(.serviceUnavailable, "feature_store", message: "away")
            }
            return SourcedFeatures(columns: ["user_clicks": .same(.integer(2))])
        }
    }

    @Test func aSourceThatFailsLeavesTheOthersToAnswer() async throws {
        let shop = try RecommendShop.shared.get()
        let towers = RecommendShop.towers.replacing(
            "  - { name: item_id,",
            with: "  - { name: user_clicks, type: numeric }\n  - { name: item_id,"
        )
        try shop.train("needy", towers)
        _ = try ServedShop.runner.vectors(
            VectorsRequest(
                run: shop.file("needy"),
                side: .item,
                files: [shop.file("items.csv")],
                output: shop.file("needy.parquet")
            )
        )
        let text = """
            recommend:
              catalogue: { files: items.csv, item: item_id, numbers: [price] }
              sources:
                - { name: retrieval, run: needy, vectors: needy.parquet, candidates: 12 }
                - { name: popular, as: shelf, column: sold, candidates: 3 }
              formula: click

            """
        let read = try RecommendShop.read(text, shop)
        // Nothing knows the number of the user's clicks: the tower cannot be asked, the shelf can.
        let server = try await RunningServer(
            shop,
            features: Broken { $0.itemIDs.isEmpty && $0.userID == "away" }
        ) { $0.recommend = read.recommend }
        let carried =
            "\"context\":{\"item_ctr\":0.2,\"affinity\":1,\"recent\":[\"i1\"]},\"explain\":true"
        let fine = try await server.recommend("\"user\":{\"id\":\"u1\"}," + carried)
        #expect(fine.report(of: "retrieval")?["outcome"] as? String == "some")
        let answer = try await server.recommend("\"user\":{\"id\":\"away\"}," + carried)
        #expect(answer.report(of: "retrieval")?["outcome"] as? String == "failed")
        #expect(answer.report(of: "retrieval")?["error"] as? String == "feature_store")
        #expect(answer.report(of: "shelf")?["outcome"] as? String == "some")
        #expect(answer.items.count == 3)
        let metrics = try await server.get("/metrics").text
        let line = "motet_recommend_source_total{source=\"retrieval\",outcome=\"failed\"} 1\n"
        #expect(metrics.contains(line), "\(metrics)")
    }

    @Test func usersWhoseIdentitiesAreHashedKeepTheirItems() async throws {
        let shop = try RecommendShop.shared.get()
        try shop.write("salt", String(repeating: "3a91b2c4", count: 8))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: shop.file("salt")
        )
        let body = "\"user\":{\"id\":\"u1\"},\"explain\":true,\"sources\":[\"recently_viewed\"]"
        let plain = try await RecommendShop.server().recommend(body)
        let hashed = try await RecommendShop.server { $0.saltFile = shop.file("salt") }
            .recommend(body)
        #expect(!plain.items.isEmpty)
        let (one, other) = (
            plain.found(by: "recently_viewed"), hashed.found(by: "recently_viewed")
        )
        #expect(one.map(\.id) == other.map(\.id))
    }

    @Test func withoutACandidateTheListIsEmptyOrTheFallbacks() async throws {
        let body = "\"explain\":true,\"sources\":[\"recently_viewed\"]"
        let empty = try await RecommendShop.server().recommend(body)
        #expect(empty.items.isEmpty)
        #expect(empty.explanation["fallback"] as? Bool == false)
        let server = try await RecommendShop.server(Self.with("  fallback: shelf\n"))
        let answer = try await server.recommend(body)
        #expect(answer.found(by: "shelf").count == 3)
        #expect(answer.explanation["fallback"] as? Bool == true)
        // Who has candidates of their own gets no others.
        let own = try await server.recommend("\"user\":{\"id\":\"u1\"}," + body)
        #expect(own.explanation["fallback"] as? Bool == false)
        #expect(own.found(by: "shelf").isEmpty)
        #expect(
            try await server.get("/metrics").text.contains("motet_recommend_fallback_total 1\n")
        )
    }

    @Test func eachUserIsAnsweredByTheirPartOfTheExperiment() async throws {
        let shop = try RecommendShop.shared.get()
        let server = try await RecommendShop.server {
            $0.experiment = ServingSettings.Arm(run: shop.file("other"), share: 0.5, salt: "a")
        }
        let arm = Arm(models: ModelStore(), share: 0.5, salt: "a")
        var variants: Set<String> = []
        for user in 0..<8 {
            let answer = try await server.recommend(
                "\"user\":{\"id\":\"u\(user)\"},\"explain\":true,\"items\":[{\"id\":\"i1\"}]"
            )
            let isOther = arm.takes("u\(user)")
            #expect(answer.body["variant"] as? String == (isOther ? "experiment" : "control"))
            #expect(
                (answer.body["model"] as? String)?.hasPrefix(isOther ? "other-" : "run-") == true
            )
            variants.insert(answer.body["variant"] as? String ?? "")
            let scored = try await server.post(
                "/v1/score",
                "{\"user\":{\"id\":\"u\(user)\"},\"items\":[{\"id\":\"i1\",\"item_id\":\"i1\",\"price\":7.5,"
                    + "\"brand\":\"bolt\",\"tags\":[\"b\"],\"affinity\":0}]}"
            )
            #expect(scored.text.contains("\"model\":\"\(answer.body["model"] as? String ?? "")\""))
        }
        #expect(variants.count == 2)
    }

    @Test func aReloadBringsTheNewCatalogueAndARollbackTheOld() async throws {
        let shop = try RecommendShop.shared.get()
        let file = "items-\(UUID().uuidString).csv"
        try shop.write(file, RecommendShop.catalogue(without: [5]))
        let text = """
            recommend:
              catalogue: { files: \(file), item: item_id, numbers: [price] }
              sources: [{ name: popular, as: shelf, column: sold, candidates: 24 }]
              formula: click
              maximum_limit: 40

            """
        let server = try await RecommendShop.server(text, withEvents: false) {
            $0.admin = ServingSettings.Admin(port: 0)
        }
        func shown() async throws -> Set<String> {
            Set(try await server.recommend("\"limit\":40").ids)
        }
        func admin(_ path: String) async throws -> Int {
            try await server.request("POST", path, nil, at: server.adminPort).status
        }
        let first = try await shown()
        #expect(!first.contains("i5") && first.contains("i4"))
        try shop.write(file, RecommendShop.catalogue(without: [4]))
        #expect(try await shown() == first)
        #expect(try await admin("/admin/reload") == 200)
        let second = try await shown()
        #expect(second.contains("i5") && !second.contains("i4"))
        #expect(try await admin("/admin/rollback") == 200)
        #expect(try await shown() == first)
        // A catalogue that cannot be used leaves the one that answers.
        try shop.write(file, "item_id,price,sold\ni1,2,3\ni1,3,4\n")
        #expect(try await admin("/admin/reload") != 200)
        #expect(try await shown() == first)
    }
}
