import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("Ads") struct AdTests {
    private static let home =
        "\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"context\":{\"market\":\"home\"}"
    private static let search = home.replacing("home", with: "search")

    @Test func theyAreSoldByTheModelsProbabilities() async throws {
        let server = try await AdShop.server()
        let sold = try await server.ads(Self.search + ",\"places\":3,\"explain\":true")
        let items = [(1, 3), (2, 9), (3, 4), (4, 4)].map { item, price in
            "{\"id\":\"i\(item)\",\"item_id\":\"i\(item)\",\"price\":\(price)}"
        }
        let reply = try await server.post(
            "/v1/score",
            "{\(Self.search),\"items\":[\(items.joined(separator: ","))]}"
        )
        let rows = try #require(try reply.json()["items"] as? [[String: Any]], "\(reply.text)")
        let scores = rows.map { $0["scores"] as? [String: Double] ?? [:] }
        func click(_ row: Int) -> Double { scores[row]["click"] ?? .nan }
        func conversion(_ row: Int) -> Double { scores[row]["purchase"] ?? .nan }
        // Of a campaign its best ad.
        let shoes = click(0) >= click(1) ? 0 : 1
        let worth = [
            (1.5 * click(shoes), ["shoes-1", "shoes-2"][shoes], click(shoes), "click"),
            (4 * click(2) * conversion(2), "hats-1", click(2) * conversion(2), "conversion"),
            (9 * click(3) * conversion(3), "gloves-1", click(3), "click"),
        ].sorted { $0.0 > $1.0 }
        #expect(sold.names == worth.map(\.1))
        for (place, ad) in worth.enumerated() {
            let next = place < 2 ? worth[place + 1].0 : 0
            // Down to millionths.
            #expect(abs(sold.price(place) - next / ad.2) < 2e-6, "\(ad.1)")
            #expect(sold.ads[place]["charged_for"] as? String == ad.3)
            // Probabilities are rounded to a Float, in sums that were taken apart in another way.
            let ecpm = sold.ads[place]["ecpm"] as? Double ?? 0
            #expect(abs(ecpm - 1000 * ad.0) < 1e-6 * max(1000 * ad.0, 1))
            #expect(sold.explained(place, "share") == 1)
        }
        #expect(sold.outcomes["shown"] == 3)
        #expect(sold.outcomes["behind_own"] == 1)
        let elsewhere = try await server.ads(Self.home + ",\"places\":3,\"explain\":true")
        #expect(elsewhere.names.count == 2)
        #expect(elsewhere.outcomes["other_scenario"] == 1)
        #expect(
            elsewhere.answer["model"] as? String
                == (try await server.get("/readyz").json()["model"] as? String)
        )
    }

    @Test func aReserveAndCapsHold() async throws {
        let server = try await AdShop.server("campaigns: campaigns.yaml\n  reserve: 100000")
        #expect(
            try await server.ads(Self.search + ",\"explain\":true").outcomes["below_reserve"] == 3
        )
        let capped = try await AdShop.server()
        for round in 0..<3 {
            let sold = try await capped.ads(Self.home + ",\"places\":4,\"explain\":true")
            #expect(sold.names.contains("hats-1") == (round < 2), "round \(round)")
            #expect(sold.outcomes["capped"] == (round < 2 ? 0 : 1))
        }
        let other = Self.home.replacing("\"id\":\"u1\"", with: "\"id\":\"u2\"")
        #expect(try await capped.ads(other + ",\"places\":4").names.contains("hats-1"))
    }

    @Test func clientsAtOnceAndReplaysChargeNothingTwice() async throws {
        let server = try await AdShop.server("places: 1")
        let budget = 6.0
        let ads = [
            AdShop.item("a", campaign: "one", bid: 2, budget: budget),
            AdShop.item("b", campaign: "two", bid: 1),
        ]
        let body = Self.home + ",\"items\":[\(ads.joined(separator: ","))]"
        // Eight clients ask for the same sales, and send the clicks of all of them.
        let charged = try await withThrowingTaskGroup(of: [(String, Double)].self) { group in
            for client in 0..<8 {
                group.addTask {
                    var made: [(String, Double)] = []
                    for step in 0..<30 {
                        let number = (step * (2 * client + 1)) % 30
                        let sold = try await server.ads(body + ",\"sale\":\"s\(number)\"")
                        guard sold.names == ["a"] else { continue }
                        let event = (sale: "s\(number)", ad: "a", type: "click")
                        for charge in try await server.charge([event, event]) {
                            made.append((charge.outcome, charge.amount))
                        }
                    }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let amounts = charged.filter { $0.0 == "charged" }.map(\.1)
        let total = amounts.reduce(0, +)
        #expect(total >= budget)
        #expect(total < budget + (amounts.max() ?? 0))
        #expect(amounts.count < 30)
        let text = try await server.get("/metrics").text
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("motet_ads_spent{campaign=\"one\"}")
        }
        let spent = try #require(line?.split(separator: " ").last.flatMap { Double($0) })
        #expect(abs(spent - total) < 1e-9)
        #expect(text.contains("motet_ads_events_total{outcome=\"charged\"} \(amounts.count)"))
        let late = try await server.ads(body + ",\"explain\":true")
        #expect(late.names == ["b"])
        #expect(late.outcomes["spent"] == 1)
        let again = try await server.ads(body + ",\"sale\":\"s0\"")
        #expect(again.answer["repeated"] as? Bool == true)
    }

    @Test func aReplayedDayIsSpentAsPlanned() async throws {
        let midnight: Int64 = 19_700 * 86_400_000
        let clock = TestClock(midnight)
        let server = try await AdShop.server(
            "reserve: 20",
            pacing: "{ seconds: 300, share: 0.3 }",
            clock: clock
        )
        var random = RandomKey(seed: 3).generator()
        let (budget, steps) = (110.0, 3600)
        var (spent, greatest) = (0.0, 0.0)
        for step in 0..<steps {
            clock.time = midnight + Int64(step) * 86_400_000 / Int64(steps)
            let rival = 0.05 + 0.7 * random.nextUniform()
            let user = "u\(Int(10 * random.nextUniform()))"
            let body =
                "\"user\":{\"user_id\":\"\(user)\"},\"context\":{\"market\":\"home\"},\"explain\":true,\"items\":["
                + AdShop.item("own", campaign: "own", item: step % 20, bid: 1, budget: budget) + ","
                + AdShop.item("rival", campaign: "rival", item: 7, bid: rival) + "]"
            let sold = try await server.ads(body)
            if sold.names == ["own"], random.nextUniform() < sold.explained(0, "click") {
                let sale = try #require(sold.answer["sale"] as? String)
                spent += try await server.charge([(sale, "own", "click")])[0].amount
            }
            let planned = budget * Double(step + 1) / Double(steps)
            greatest = max(greatest, abs(spent - planned) / budget)
        }
        print(
            "a day over HTTP: spent \(spent / budget) of the budget, at most \(greatest) from the plan"
        )
        #expect(greatest < 0.05)
        #expect(spent <= budget + 1)
        #expect(spent > 0.95 * budget)
    }

    @Test func theConsoleShowsSalesAndHowBudgetsAreSpent() async throws {
        let clock = TestClock(19_700 * 86_400_000)
        let server = try await AdShop.server(clock: clock) {
            $0.admin = ServingSettings.Admin(port: 0)
        }
        let sold = try await server.ads(Self.search + ",\"places\":3,\"sale\":\"first\"")
        clock.time += 6 * 3_600_000
        let ad = try #require(sold.names.first { $0.hasPrefix("shoes") })
        #expect(try await server.charge([("first", ad, "click")]).map(\.outcome) == ["charged"])
        _ = try await server.ads(Self.search)
        let reply = try await server.request("GET", "/console/data", nil, at: server.adminPort)
        let data = try reply.json()
        let ads = try #require(data["ads"] as? [String: Any])
        #expect(ads["currency"] as? String == "EUR")
        let campaigns = try #require(ads["campaigns"] as? [[String: Any]])
        let shoes = try #require(campaigns.first { $0["campaign"] as? String == "shoes" })
        #expect(shoes["planned"] as? Double == 250)
        let place = try #require(sold.names.firstIndex(of: ad))
        #expect(shoes["spent"] as? Double == sold.price(place))
        #expect((shoes["points"] as? [[Double]])?.last?[0] == 0.25)
        let decisions = try #require(data["decisions"] as? [[String: Any]])
        #expect(!decisions.isEmpty && decisions.allSatisfy { $0["kind"] as? String == "ads" })
    }

    @Test func whatAClientCallsItsRequestIsNoSale() async throws {
        let server = try await AdShop.server()
        var sales: Set<String> = []
        for _ in 0..<3 {
            let reply = try await server.request(
                "POST",
                "/v1/ads",
                Array("{\(Self.home)}".utf8),
                fields: ["X-Request-Id": "same"]
            )
            let answer = try reply.json()
            #expect(answer["request_id"] as? String == "same")
            #expect(answer["repeated"] as? Bool == false)
            sales.insert(try #require(answer["sale"] as? String))
        }
        #expect(sales.count == 3)
    }

    @Test func scoresOfAdsAreCountedAsOthers() async throws {
        let server = try await AdShop.server()
        for _ in 0..<2 { _ = try await server.ads(Self.search) }
        let text = try await server.get("/metrics").text
        #expect(text.contains("motet_variant_total{variant=\"control\"} 2"))
        // Four ads, twice.
        #expect(text.contains("motet_score_count{task=\"click\"} 8"))
    }

    @Test func aUserIsForgottenWithoutAStoreOfFeatures() async throws {
        let server = try await AdShop.server()
        func hats() async throws -> Bool {
            try await server.ads(Self.home + ",\"places\":4").names.contains("hats-1")
        }
        #expect(try await [hats(), hats(), hats()] == [true, true, false])
        let reply = try await server.request("DELETE", "/v1/users/u1", nil)
        #expect(reply.status == 204, "\(reply.text)")
        #expect(try await hats())
    }
}
