import Foundation
import Motet
import MotetConfiguration
import MotetLedger
import Testing

@testable import MotetServing

@Suite("Requests of ads") struct AdRequestTests {
    private static let user = "\"user\":{\"user_id\":\"u1\"},\"context\":{\"market\":\"home\"}"
    private static let good = AdShop.item("a", campaign: "one")

    /// Bodies with a mistake: the code and the field told.
    static let mistakes: [(body: String, code: String, field: String)] = {
        func with(_ old: String, _ new: String) -> String {
            precondition(good.contains(old), old)
            return "{\(user),\"items\":[\(good.replacing(old, with: new))]}"
        }
        let amount = "\"amount\":1.0,\"currency\":\"EUR\"},\"budget\""
        func bid(_ value: String) -> String {
            with(amount, "\"amount\":\(value),\"currency\":\"EUR\"},\"budget\"")
        }
        return [
            (bid("-1"), "out_of_range", "items[0].bid.amount"),
            (bid("0"), "out_of_range", "items[0].bid.amount"),
            (bid("1e30"), "out_of_range", "items[0].bid.amount"),
            (bid("1000.01"), "out_of_range", "items[0].bid.amount"),
            (bid("\"1\""), "wrong_type", "items[0].bid.amount"),
            (
                with(amount, "\"currency\":\"EUR\"},\"budget\""), "missing_field",
                "items[0].bid.amount"
            ),
            (with(amount, "\"amount\":1},\"budget\""), "missing_field", "items[0].bid.currency"),
            (
                with(amount, "\"amount\":1,\"currency\":\"USD\"},\"budget\""), "unknown_currency",
                "items[0].bid.currency"
            ),
            (with("cpc", "cpm"), "unknown_value", "items[0].bid.type"),
            (with("1000.0", "-5"), "out_of_range", "items[0].budget.amount"),
            (with("1000.0", "1e12"), "out_of_range", "items[0].budget.amount"),
            (with("\"ad\":\"a\",", ""), "missing_field", "items[0].ad"),
            (with("\"campaign\":\"one\",", ""), "missing_field", "items[0].campaign"),
            (with("\"price\":5", "\"prise\":5"), "unknown_field", "items[0].prise"),
            ("{\(user),\"items\":[\(good),\(good)]}", "duplicate_ad", "items[1].ad"),
            (
                "{\(user),\"items\":[\(good),\(AdShop.item("b", campaign: "one", budget: 9))]}",
                "two_budgets", "items[1].budget"
            ),
            ("{\(user),\"items\":[]}", "too_few_items", "items"),
            ("{\(user)}", "missing_field", "items"),
            ("{\(user),\"places\":0,\"items\":[\(good)]}", "out_of_range", "places"),
            ("{\(user),\"places\":5,\"items\":[\(good)]}", "out_of_range", "places"),
            ("{\(user),\"sale\":\"\",\"items\":[\(good)]}", "out_of_range", "sale"),
            ("{\(user),\"explain\":1,\"items\":[\(good)]}", "wrong_type", "explain"),
            ("[]", "wrong_type", "body"), ("{", "malformed_json", ""),
        ]
    }()

    static let eventMistakes: [(body: String, code: String, field: String)] = {
        func event(_ fields: String) -> String { "{\"events\":[{\(fields)}]}" }
        let named = "\"sale\":\"s\",\"ad\":\"a\""
        return [
            (event(named), "missing_field", "events[0].type"),
            (event(named + ",\"type\":\"view\""), "unknown_value", "events[0].type"),
            (event("\"ad\":\"a\",\"type\":\"click\""), "missing_field", "events[0].sale"),
            (
                event(named + ",\"type\":\"click\",\"time\":4000000000000"), "out_of_range",
                "events[0].time"
            ),
            (event(named + ",\"type\":\"click\",\"time\":-1"), "out_of_range", "events[0].time"),
            (event(named + ",\"type\":\"click\",\"price\":1"), "unknown_field", "events[0].price"),
            ("{\"events\":[]}", "out_of_range", "events"), ("{}", "missing_field", "events"),
        ]
    }()

    @Test func aMisspeltFieldIsToldWithThoseThatThereAre() async throws {
        let server = try await AdShop.server("places: 1")
        let reply = try await server.post(
            "/v1/ads",
            "{\(Self.user),\"plces\":1,\"items\":[\(Self.good)]}"
        )
        #expect(reply.status == 400)
        #expect(
            try reply.error().message
                == "plces: there is no such field; expected `user`, `context`, `items`, `sale`, `places` and `explain`; "
                + "received `plces`. Did you mean `places`?"
        )
        let none = try await server.post("/v1/ads", "{\(Self.user)}")
        #expect(try none.error().message.contains("for there is no file of campaigns"))
    }

    @Test func everyMistakeIsToldWithCodeFieldAndSentence() async throws {
        let server = try await AdShop.server("places: 1")
        for (path, mistakes) in [
            ("/v1/ads", Self.mistakes), ("/v1/ads/events", Self.eventMistakes),
        ] {
            for mistake in mistakes {
                let reply = try await server.post(path, mistake.body)
                #expect(reply.status == 400, "\(mistake.body): \(reply.text)")
                let error = try reply.error()
                #expect(error.code == mistake.code, "\(mistake.body): \(reply.text)")
                #expect(error.field ?? "" == mistake.field, "\(mistake.body): \(reply.text)")
                #expect(error.message.count > 20)
            }
        }
    }

    @Test func answersAreThoseThatTheDocumentSays() async throws {
        for more in ["places: 2", "campaigns: campaigns.yaml"] {
            let server = try await AdShop.server(more) {
                $0.admin = ServingSettings.Admin(port: 0)
            }
            let reply = try await server.get("/openapi.json")
            let document = try reply.body.withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 64)
            }
            let check = SchemaCheck(document: document)
            let good = "{\(Self.user),\"explain\":true,\"sale\":\"s\",\"items\":[\(Self.good)]}"
            let click = "{\"events\":[{\"sale\":\"s\",\"ad\":\"a\",\"type\":\"click\"}]}"
            for (path, bodies) in [
                ("/v1/ads", [good, good, "{\(Self.user)}"] + Self.mistakes.map(\.body)),
                ("/v1/ads/events", [click, click] + Self.eventMistakes.map(\.body)),
            ] {
                for body in bodies {
                    let reply = try await server.post(path, body)
                    #expect(check.problems(reply, "POST", path) == [], "\(body): \(reply.text)")
                }
            }
            let properties = document["paths"]?["/v1/ads"]?["post"]?["requestBody"]?["content"]?[
                "application/json"
            ]?["schema"]?["properties"]
            #expect(properties?["places"]?["maximum"] == 4)
            #expect(properties?["items"]?["items"]?["properties"]?["bid"] != nil)
        }
    }

    /// Settings that a server does not start with, and what it says.
    static let refusals: [(settings: String, campaigns: String, sentence: String)] = [
        (
            "click: clicks", "",
            "no task of yes or no with the name; expected one of click, purchase; received `clicks`"
        ),
        ("click: stars", "", "received `stars`. Name one of them by `ads.click`"),
        ("conversion: order", "", "Name one of them by `ads.conversion`"),
        ("", "currency: USD", "another currency than the server's; expected `EUR`; received `USD`"),
        ("", "bid: -1", "bid"), ("", "bid: 100000", "bid"), ("", "budget: -2", "budget"),
        ("", "pays: cpm", "pays"), ("", "id: hats", "the campaign \"hats\" is there twice"),
        ("", "scenarios: [moon]", "has no scenario with the name; expected one of"),
        ("", "colour: red", "colour"),
    ]

    @Test(arguments: refusals.indices)
    func aServerThatCouldNotSellDoesNotStart(index: Int) async throws {
        let refusal = Self.refusals[index]
        let shop = try AdShop.shared.get()
        var campaign = "id: shoes, currency: EUR, bid: 1, budget: 10, ads: [ { id: a, item: i1 } ]"
        if !refusal.campaigns.isEmpty {
            let key = refusal.campaigns.prefix { $0 != ":" }
            let parts = campaign.split(separator: ", ").filter { !$0.hasPrefix("\(key):") }
            campaign = (parts.map(String.init) + [refusal.campaigns]).joined(separator: ", ")
        }
        let file = "campaigns-\(index).yaml"
        try shop.write(
            file,
            "campaigns:\n  - { \(campaign) }\n  - { id: hats, currency: EUR, bid: 1, budget: 1, ads: [ { id: b, item: i2 } ] }\n"
        )
        var settings = try AdShop.settings(shop, "campaigns: \(file)").ads
        if refusal.settings.hasPrefix("click") {
            settings?.click = .init(String(refusal.settings.dropFirst(7)), path: "ads.click")
        } else if refusal.settings.hasPrefix("conversion") {
            settings?.conversion = .init(
                String(refusal.settings.dropFirst(12)),
                path: "ads.conversion"
            )
        }
        let ads = settings
        let server = try ModelServer(
            run: shop.file("run"),
            settings: {
                var settings = ServingSettings()
                settings.port = 0
                settings.workers = 1
                settings.logLevel = .error
                settings.ads = ads
                return settings
            }(),
            engine: .oneDNN
        )
        let error = await #expect(throws: (any Error).self) {
            try await server.run(handlesSignals: false)
        }
        #expect(
            "\(try #require(error))".contains(refusal.sentence),
            "\(refusal): \(error.map { "\($0)" } ?? "")"
        )
    }

    @Test func everyKeyIsReadAndThePageNamesIt() throws {
        let text = """
            ads:
              folder: here
              currency: SEK
              click: click
              conversion: purchase
              campaigns: all.yaml
              places: 2
              maximum_places: 5
              reserve: 0.5
              maximum_bid: 20
              maximum_budget: 5000
              ahead_seconds: 5
              durability: process
              keep_days: 30
              utc_offset: -2.5
              pacing: { seconds: 30, gain: 0.4, memory: 0.1, share: 0.2, traffic: [1, 3] }

            """
        let settings = try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: "/shop"
        )
        let ads = try #require(settings.ads)
        #expect(ads.folder == "/shop/here" && ads.campaigns == "/shop/all.yaml")
        #expect(ads.currency == "SEK" && ads.click.text == "click")
        #expect(ads.conversion?.text == "purchase")
        #expect((ads.places, ads.maximumPlaces) == (2, 5))
        #expect((ads.reserve, ads.maximumBid, ads.maximumBudget) == (0.5, 20, 5000))
        #expect(ads.aheadSeconds == 5)
        #expect(ads.ledger.durability == .process && ads.ledger.keepDays == 30)
        #expect(ads.ledger.dayOffset == -9_000_000 && ads.ledger.pacingInterval == 30_000)
        #expect(
            (ads.ledger.pacingGain, ads.ledger.pacingMemory, ads.ledger.firstShare) == (
                0.4, 0.1, 0.2
            )
        )
        #expect(ads.plan.share(at: 0.5) == 0.25)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "docs/serving/configuration.md"),
            encoding: .utf8
        )
        let keys = text.matches(of: /([a-z_]+):/).map { String($0.1) }
        for key in Set(keys) { #expect(page.contains("`\(key)"), "\(key)") }
    }
}
