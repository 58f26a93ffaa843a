import Foundation
import Motet
import MotetDecisions
import Testing

@testable import MotetServing

@Suite("Prices", .serialized) struct PriceTests {
    private static let day: Int64 = 86_400_000

    /// The demand that is expected is the one the run predicts at the price.
    @Test func whatIsExpectedIsWhatTheRunPredicts() async throws {
        let server = try await PriceShop.server(
            PriceShop.settings.replacing(
                "never_use: [ age, user_id, clicks ]",
                with: "never_use: []"
            )
        )
        let priced = try await server.price(
            PriceShop.body(["i1", "i2", "i7", "i8"]).adding(
                "\"explain\":true"
            )
        )
        for (row, item) in ["i1", "i2", "i7", "i8"].enumerated() {
            for option in priced.options(row) {
                let price = try #require(option["price"])
                let scores = try await server.post(
                    "/v1/score",
                    "{\"user\":{\"user_id\":\"u1\",\"age\":40,\"clicks\":3},\"context\":{\"market\":\"home\",\"hour\":12},"
                        + "\"items\":[{\"id\":\"\(item)\",\"price\":\(price)}]}"
                )
                // The server's own feature of the user is left out: the user of the price is not named.
                let value = try #require(
                    ((try scores.json()["items"] as? [[String: Any]])?.first?["scores"]
                        as? [String: Any])?["units"] as? Double
                )
                let units = try #require(option["units"])
                // Scores are of single precision.
                #expect(abs(units / value - 1) < 1e-4, "\(item) at \(price): \(units), \(value)")
            }
            let own = priced.options(row).first { $0["price"] == priced.prices[row] }
            // Both by one reader of JSON.
            #expect(own?["propensity"] == priced.items[row]["propensity"] as? Double)
            #expect(own?["units"] == priced.items[row]["expected_units"] as? Double)
            #expect(own?["value"] == priced.items[row]["expected_value"] as? Double)
            let sum = priced.options(row).compactMap { $0["propensity"] }.reduce(0, +)
            #expect(abs(sum - 1) < 1e-9)
        }
        #expect(Set(priced.reasons) == ["explored"])
    }

    @Test func pricesObeyTheRulesOfTheirItem() async throws {
        let server = try await PriceShop.server()
        let names = (0..<18).map { "i\($0)" }
        let priced = try await server.price(PriceShop.body(names))
        for (row, price) in priced.prices.enumerated() {
            #expect(price >= 16 && price <= 24, "\(names[row]): \(price)")
            let cents = Int((price * 100).rounded())
            if row == 7 {
                #expect(cents % 50 == 0)
            } else {
                #expect([99, 49].contains(cents % 100))
            }
        }
        // Hats end at 30, and a request may narrow that.
        let high = try await server.price(
            PriceShop.body(["i9", "i11"], item: ",\"present\":29,\"ceiling\":28")
        )
        #expect(high.prices.allSatisfy { $0 <= 28 })
    }

    @Test func everybodyGetsTheSamePriceInAPeriodAndAfterARestart() async throws {
        let clock = TestClock(OnlineShop.epoch)
        let shop = try PriceShop.shared.get()
        let folder = "prices-\(UUID().uuidString)"
        let text = PriceShop.settings.replacing("store: memory", with: "store: \(folder)")
        var first: Priced?
        for restart in 0..<3 {
            let server = try await PriceShop.server(text, clock: clock)
            for (user, hour) in [("u1", 3), ("u2", 20), ("u3", 12)] {
                let priced = try await server.price(
                    PriceShop.body(user: user, age: 20 + hour, hour: hour, market: "search")
                )
                if let first {
                    #expect(priced.constant == first.constant)
                    #expect(priced.repeated == [true, true, true])
                } else {
                    #expect(priced.repeated == [false, false, false])
                    first = priced
                }
                clock.time += 60_000
            }
            try await server.stop()
            // One line of each price, whoever asked and however often.
            let log = try PriceLog(files: [shop.file(folder) + "/prices-00000001.jsonl"])
            #expect(log.prices.count == 3, "restart \(restart)")
            #expect(log.prices.map(\.decision) == first?.decisions)
            #expect(log.prices.map(\.price) == first?.prices)
            #expect(log.prices.map(\.propensity) == first?.propensities)
            #expect(log.prices.allSatisfy { $0.currency == "EUR" && $0.objective == "margin" })
        }
        clock.time += Self.day
        let server = try await PriceShop.server(text, clock: clock)
        let next = try await server.price(PriceShop.body())
        #expect(next.repeated == [false, false, false])
        #expect(Set(next.decisions).isDisjoint(with: first?.decisions ?? []))
    }

    /// What an evaluation reads of the journal is what was told.
    @Test func theJournalIsALogForPolicies() async throws {
        let clock = TestClock(OnlineShop.epoch)
        let shop = try PriceShop.shared.get()
        let folder = "prices-\(UUID().uuidString)"
        let server = try await PriceShop.server(
            PriceShop.settings.replacing("store: memory", with: "store: \(folder)"),
            clock: clock
        )
        var outcomes: [String: Double] = [:]
        var fallbacks = 0
        for _ in 0..<20 {
            let priced = try await server.price(
                PriceShop.body((0..<20).map { "i\($0)" }, item: ",\"present\":20,\"cost\":9")
            )
            for (row, decision) in priced.decisions.enumerated() {
                outcomes[decision] = priced.items[row]["expected_units"] as? Double ?? 0
            }
            fallbacks += priced.fallbacks.count { $0 }
            clock.time += Self.day
        }
        try await server.stop()
        let log = try PriceLog(files: [shop.file(folder) + "/prices-00000001.jsonl"])
        let (decisions, counts) = try log.decisions(outcomes: outcomes, candidate: .best)
        #expect(counts.logged == 400 && counts.withoutDemand == fallbacks && fallbacks == 20)
        let evaluation = try PolicyEvaluation(decisions)
        // Outcomes are what was expected: the model has no surprise, and the best policy is no worse.
        let direct = try #require(evaluation.estimate(.direct)?.value)
        let robust = try #require(evaluation.estimate(.doublyRobust)?.value)
        #expect(abs(robust / direct - 1) < 1e-6)
        #expect(direct > evaluation.logged.value)
        #expect(evaluation.weights.mean > 0.5 && evaluation.weights.mean < 1.5)
    }

    @Test func aPriceChangesNoMoreOftenThanItMayAcrossRestarts() async throws {
        let clock = TestClock(OnlineShop.epoch)
        let folder = "prices-\(UUID().uuidString)"
        let text = PriceShop.settings.replacing(
            "store: memory",
            with: "store: \(folder)\n  changes: { most: 2, window: 7d }"
        )
        var present = 20.0
        var changes: [Int64] = []
        var limited = 0
        for _ in 0..<10 {
            let server = try await PriceShop.server(text, clock: clock)
            for _ in 0..<2 {
                let priced = try await server.price(
                    PriceShop.body(["i4"], item: ",\"present\":\(present)")
                )
                let recent = changes.count { $0 > clock.time - 7 * Self.day }
                if priced.reasons == ["limited"] {
                    #expect(recent == 2 && priced.prices == [present])
                    #expect(priced.propensities == [1])
                    limited += 1
                } else {
                    #expect(recent < 2)
                }
                if priced.prices != [present] { changes.append(clock.time) }
                present = priced.prices[0]
                clock.time += Self.day
            }
            try await server.stop()
        }
        #expect(limited > 5 && changes.count > 3)
    }

    @Test func whatIsNotKnownFallsBackAndIsFlagged() async throws {
        let server = try await PriceShop.server()
        // Of no table, never sold, and known.
        let priced = try await server.price(
            PriceShop.body(
                ["x1", "i19", "i2"],
                item: ",\"present\":19.99,\"cost\":5,\"item_id\":\"x\""
            )
        )
        #expect(priced.fallbacks == [true, true, false])
        #expect(priced.reasons == ["fallback", "fallback", "explored"])
        #expect(priced.prices[0] == 19.99 && priced.prices[1] == 19.99)
        #expect(priced.propensities[0] == 1)
        #expect(priced.items[0]["expected_units"] is NSNull)
        let list = try await PriceShop.server(
            PriceShop.settings.replacing("  history: 5", with: "  history: 5\n  fallback: list")
        )
        // 25.99 is out of reach: 23.99 is the nearest that is allowed.
        let listed = try await list.price(PriceShop.body(["i19"], item: ",\"present\":20"))
        #expect(listed.prices == [23.99] && listed.reasons == ["fallback"])
        // Without a present price the list price is the one it has.
        let new = try await list.price(PriceShop.body(["i3", "i17"], item: ""))
        #expect(new.fallbacks == [false, false])
        let missing = try await list.post("/v1/price", PriceShop.body(["x9"], item: ",\"cost\":1"))
        #expect(missing.status == 400)
        #expect(try missing.error().field == "items[0].present")
    }

    @Test func costsAboveEveryPriceAndStocksAreHeeded() async throws {
        let server = try await PriceShop.server()
        let dear = try await server.price(
            PriceShop.body(["i1", "i2"], item: ",\"present\":20,\"cost\":90")
        )
        #expect(dear.reasons == ["no_margin", "no_margin"])
        // The greatest price that is allowed loses least of each unit.
        #expect(dear.prices == [23.99, 23.99])
        let few = try await server.price(
            PriceShop.body(["i12", "i14", "i16"], item: ",\"present\":20,\"stock\":1")
        )
        for row in few.items.indices {
            #expect(try #require(few.items[row]["expected_units"] as? Double) <= 1)
        }
        let none = try await server.price(
            PriceShop.body(["i10"], item: ",\"present\":20,\"stock\":0")
        )
        #expect(none.items[0]["expected_value"] as? Double == 0)
    }

    @Test func objectivesDiffer() async throws {
        var prices: [String: Double] = [:]
        for objective in ["margin", "revenue", "units"] {
            let server = try await PriceShop.server(
                PriceShop.settings.replacing(
                    "currency: EUR",
                    with: "currency: EUR\n  objective: \(objective)\n  exploration: none"
                )
            )
            let priced = try await server.price(
                PriceShop.body(["i16"], item: ",\"present\":20,\"cost\":15")
            )
            #expect(priced.reasons == ["best"] && priced.propensities == [1])
            #expect(priced.body["objective"] as? String == objective)
            prices[objective] = priced.prices[0]
        }
        // With an elasticity near -2.5 the margin over a cost of 15 wants a price near 25; revenue and units want few.
        #expect(try #require(prices["margin"]) > 20)
        #expect(prices["units"] == 16.49 && prices["revenue"] == 16.49)
    }

    @Test func aProbabilityOfBuyingIsADemandToo() async throws {
        let server = try await PriceShop.server(
            PriceShop.settings.replacing("task: units", with: "task: buys")
        )
        let priced = try await server.price(
            PriceShop.body(["i1", "i5"]).adding("\"explain\":true")
        )
        for row in 0..<2 {
            let units = try #require(priced.items[row]["expected_units"] as? Double)
            #expect(units > 0 && units < 1.5)
            let demand = try #require(priced.explained(row)["demand"] as? [String: Any])
            #expect(try #require(demand["elasticity"] as? Double) < 0)
        }
    }

    @Test func eachPlaceMayHavePricesOfItsOwn() async throws {
        let server = try await PriceShop.server(
            PriceShop.settings.replacing("task: units", with: "task: units\n  per_scenario: true")
        )
        let names = (0..<10).map { "i\($0)" }
        let home = try await server.price(PriceShop.body(names, market: "home"))
        let search = try await server.price(PriceShop.body(names, market: "search"))
        #expect(search.repeated.allSatisfy { !$0 } && home.prices != search.prices)
        let again = try await server.price(PriceShop.body(names, market: "home"))
        #expect(again.constant == home.constant)
    }

    @Test func manyCallersAtOnceAreToldOnePrice() async throws {
        let folder = "prices-\(UUID().uuidString)"
        let shop = try PriceShop.shared.get()
        let server = try await PriceShop.server(
            PriceShop.settings.replacing("store: memory", with: "store: \(folder)")
        )
        let all = try await withThrowingTaskGroup(of: [Reply].self) { group in
            for caller in 0..<8 {
                group.addTask {
                    var replies: [Reply] = []
                    for number in 0..<9 {
                        let items = ["i\(number)", "i\(number + 1)"]
                        replies.append(
                            try await server.post(
                                "/v1/price",
                                PriceShop.body(items, user: "u\(caller)")
                            )
                        )
                    }
                    return replies
                }
            }
            return try await group.reduce(into: [[Reply]]()) { $0.append($1) }
        }
        for number in 0..<9 {
            let told = try all.map { try Priced($0[number]).constant }
            #expect(Set(told).count == 1)
        }
        try await server.stop()
        let log = try PriceLog(files: [shop.file(folder) + "/prices-00000001.jsonl"])
        // A line may be there twice where two asked before it was written; never two prices.
        #expect(Set(log.prices.map(\.decision)).count == 10)
        #expect(Set(log.prices).count == 10)
    }

    /// Where all prices of a period are known the model is not run; what is wrong with a body is told all the same.
    @Test func knownPricesNeedNoModel() async throws {
        let server = try await PriceShop.server()
        func computed() async throws -> [String] {
            try await server.get("/metrics").text.split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("motet_price_stage_seconds_count{stage=\"compute\"") }
        }
        let first = try await server.price(PriceShop.body(["i1", "i2"]))
        let once = try await computed()
        #expect(once == ["motet_price_stage_seconds_count{stage=\"compute\"} 1"])
        let again = try await server.price(PriceShop.body(["i2", "i1"], user: "u9"))
        #expect(again.repeated == [true, true])
        #expect(again.prices == first.prices.reversed())
        #expect(again.propensities == first.propensities.reversed())
        #expect(try await computed() == once)
        // One that is not known is asked of the model, and with it the others.
        let more = try await server.price(PriceShop.body(["i1", "i3"]))
        #expect(more.repeated == [true, false] && more.prices[0] == first.prices[0])
        #expect(try await computed() == ["motet_price_stage_seconds_count{stage=\"compute\"} 2"])
        for (right, wrong) in [
            ("\"context\":", "\"contexts\":"), ("\"hour\":12", "\"hour\":[]"),
        ] {
            let body = PriceShop.body(["i1", "i2"]).replacing(right, with: wrong)
            #expect(try await server.post("/v1/price", body).status == 400, "\(body)")
        }
    }

    @Test func metricsAndConsoleTellOfPrices() async throws {
        let server = try await PriceShop.server { $0.admin = ServingSettings.Admin(port: 0) }
        let port = try #require(server.adminPort)
        let priced = try await server.price(PriceShop.body(["i1", "i2", "i19"]))
        _ = try await server.price(PriceShop.body(["i1", "i2"]))
        let metrics = try await server.get("/metrics").text
        for line in [
            "motet_price_chosen_total{reason=\"explored\"} 2",
            "motet_price_chosen_total{reason=\"fallback\"} 1", "motet_price_repeated_total 2",
            "motet_price_items 3", "motet_price_propensity_count 3",
            "motet_price_stage_seconds_count{stage=\"keep\"} 2", "motet_price_failures_total 0",
            "motet_variant_total{variant=\"control\"} 2",
        ] { #expect(metrics.contains(line + "\n"), "\(line)") }
        let reply = try await server.request("GET", "/console/data", nil, at: port)
        let data = try reply.body.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
        let decisions = data["decisions"]?.elements ?? []
        #expect(decisions.count == 2)
        #expect(decisions.first?["kind"] == "price")
        #expect(decisions.first?["notes"]?.elements == ["2 of the period as before"])
        #expect(decisions.last?["notes"]?.elements == ["2 explored", "1 fallback"])
        let item = decisions.last?["items"]?.elements.first
        #expect(item?["value"]?.double == priced.prices[0])
        #expect(data["scores"]?.elements.isEmpty == false)
    }

    @Test(arguments: [
        (
            "task: units", "task: demand",
            "has no task with the name; expected one of `units`, `buys`"
        ),
        ("task: units", "task: click", "has no head of demand of the task with the name"),
    ])
    func aRunThatLacksTheTaskIsRefusedAtTheStart(
        old: String,
        new: String,
        told: String
    ) async throws {
        let text = try await PriceShop.refusal(PriceShop.settings.replacing(old, with: new))
        #expect(text.contains("serve.yaml:4, price.task: the run \""), "\(text)")
        #expect(text.contains(told), "\(text)")
    }

    @Test func aRunThatLacksTheTaskIsRefusedAtAReload() async throws {
        let shop = try PriceShop.shared.get()
        try shop.train(
            "without",
            PriceShop.experiment.replacing(", demand: { price: price, reference: 20 }", with: "")
        )
        let server = try await PriceShop.server { $0.admin = ServingSettings.Admin(port: 0) }
        let before = try await server.price(PriceShop.body())
        let reply = try await server.request(
            "POST",
            "/admin/reload",
            Array("{\"run\":\"\(shop.file("without"))\"}".utf8),
            at: try #require(server.adminPort)
        )
        #expect(reply.status >= 400, "\(reply.text)")
        #expect(reply.text.contains("price.task: the run"), "\(reply.text)")
        // The run that answered goes on.
        #expect(try await server.price(PriceShop.body()).constant == before.constant)
    }

    @Test func aTableWithoutTheColumnsIsRefused() async throws {
        let text = try await PriceShop.refusal(
            PriceShop.settings.replacing("cost: cost", with: "cost: costs")
        )
        #expect(text.contains("no such column; expected one of"), "\(text)")
        let without = try await PriceShop.refusal(
            PriceShop.settings.replacing("items: { files: items.csv, item: item }", with: "")
        )
        #expect(without.contains("there is no table that has the column \"cost\""), "\(without)")
    }

    @Test func withoutTheSectionThereIsNoRoute() async throws {
        let server = try await RunningServer(try PriceShop.shared.get())
        #expect(try await server.post("/v1/price", PriceShop.body()).status == 404)
    }
}

extension String {
    /// A JSON object with one more field.
    func adding(_ field: String) -> String { dropLast() + ",\(field)}" }
}
