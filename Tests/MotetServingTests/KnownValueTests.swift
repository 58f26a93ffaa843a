import Foundation
import Motet
import MotetConfiguration
import Testing

@testable import MotetServing

@Suite("Values that must be known") struct KnownValueTests {
    /// Runs of the shop: `small` knows five users, `hashed` none, for it hashes them.
    private static let shop = Result {
        let shop = try ServedShop()
        let user = "{ name: user_id, type: categorical, vocabulary: 200000, dimension: 4 }"
        precondition(ServedShop.experiment.contains(user), "the experiment is another")
        for (run, more) in [("small", "vocabulary: 5"), ("hashed", "hash_buckets: 50")] {
            try shop.train(
                run,
                ServedShop.experiment.replacing(
                    user,
                    with: user.replacing("vocabulary: 200000", with: more)
                )
            )
        }
        return shop
    }

    private static func named(_ columns: String...) -> [ServingSettings.Recommend.Named] {
        columns.map { .init($0) }
    }

    private static let all = named("user_id", "brand", "history", "likes")

    /// Parts of a body, and the field of the refusal; nil where it is answered.
    private static let cases: [(body: String, field: String?)] = [
        (#""user":{"user_id":"u3"},"items":[{"id":1,"price":2}]"#, nil),
        (#""user":{"user_id":"u999"},"items":[{"id":1,"price":2}]"#, "user.user_id"),
        (#""context":{"user_id":"u999"},"items":[{"id":1,"price":2}]"#, "context.user_id"),
        (#""user":{"user_id":null},"items":[{"id":1,"price":2}]"#, nil),
        (#""user":{"user_id":""},"items":[{"id":1,"price":2}]"#, nil),
        (#""user":{"user_id":3},"items":[{"id":1,"price":2}]"#, "user.user_id"),
        // An identity is no column of this run.
        (#""user":{"id":"u999"},"items":[{"id":"new","item_id":"new","price":2}]"#, nil),
        // Values are repaired before they are looked up.
        (#""items":[{"id":1,"price":2,"brand":" ACME "},{"id":2,"price":2,"brand":"core"}]"#, nil),
        (
            #""items":[{"id":1,"price":2,"brand":"acme"},{"id":2,"price":2,"brand":"acne"}]"#,
            "items[1].brand"
        ),
        (#""items":[{"id":1,"price":2,"brand":true}]"#, "items[0].brand"),
        // What holds for all items is told where it stands, though an item has its own.
        (
            #""user":{"brand":"acne"},"items":[{"id":1,"price":2,"brand":"acme"},{"id":2,"price":2}]"#,
            "user.brand"
        ),
        (#""user":{"history":[3,"7",null]},"items":[{"id":1,"price":2}]"#, nil),
        (#""user":{"history":[3,"99"]},"items":[{"id":1,"price":2}]"#, "user.history"),
        (#""items":[{"id":1,"price":2,"likes":["acme","bolt"]}]"#, nil),
        (#""items":[{"id":1,"price":2,"likes":["acme","acne"]}]"#, "items[0].likes"),
    ]

    @Test func aValueThatNobodyKnowsIsRefusedWithItsField() async throws {
        let shop = try Self.shop.get()
        let server = try await RunningServer(shop) { $0.knownValues = Self.all }
        let open = try await RunningServer(shop)
        for (body, field) in Self.cases {
            let reply = try await server.post("/v1/score", "{\(body)}")
            // Without the setting it is one that the model has not seen.
            let answered = try await open.post("/v1/score", "{\(body)}")
            #expect(answered.status == 200, "\(body): \(answered.text)")
            guard let field else {
                #expect(reply.text == answered.text, "\(body)")
                continue
            }
            #expect(reply.status == 400, "\(body): \(reply.text)")
            let error = try reply.error()
            #expect(error.code == "unknown_value", "\(body)")
            #expect(error.field == field, "\(body)")
            #expect(error.message.hasPrefix("\(field): "), "\(error.message)")
            #expect(error.message.contains("received `"), "\(error.message)")
        }
    }

    @Test func whatTheShopListsIsKnownAndWhatItDoesNotListIsNoItem() async throws {
        let shop = try Self.shop.get()
        try shop.write("listed.csv", "sku,brand,likes,price\na, Novel ,fresh acme,3\nb,acme,,4\n")
        let server = try await RunningServer(shop) {
            $0.items = ServingSettings.ItemFiles(files: [shop.file("listed.csv")], item: "sku")
            $0.knownValues = Self.named("brand", "likes")
        }
        for (items, code, field) in [
            (#"{"id":"a"},{"id":"b"}"#, nil, nil),
            (#"{"id":"b","brand":"novel","likes":["fresh"]}"#, nil, nil),
            (#"{"id":"b","brand":"nov"}"#, "unknown_value", "items[0].brand"),
            (#"{"id":"a"},{"id":"c","price":1}"#, "unknown_item", "items[1].id"),
            (#"{"id":"a"},{"id":"c","price":1,"brand":"acme"}"#, "unknown_item", "items[1].id"),
            (#"{"id":"a"},{"id":"c","price":1,"brand":"acme","likes":[]}"#, nil, nil),
        ] as [(String, String?, String?)] {
            let reply = try await server.post("/v1/score", "{\"items\":[\(items)]}")
            #expect(reply.status == (code == nil ? 200 : 400), "\(items): \(reply.text)")
            guard let code else { continue }
            #expect(try reply.error().code == code, "\(items)")
            #expect(try reply.error().field == field, "\(items)")
        }
    }

    @Test func theRunThatAnswersMustKnowIt() async throws {
        let shop = try Self.shop.get()
        let server = try await RunningServer(shop) {
            $0.knownValues = Self.named("user_id")
            $0.experiment = ServingSettings.Arm(run: shop.file("small"), share: 0.5, salt: "a")
        }
        let arm = Arm(models: ModelStore(), share: 0.5, salt: "a")
        let ids = (0..<100).map { "visitor-\($0)" }
        let (own, other) = try (
            #require(ids.first { !arm.takes($0) }), #require(ids.first { arm.takes($0) })
        )
        var known: [String: Int] = [:]
        for user in (0..<20).map({ "u\($0)" }) {
            for id in [own, other] {
                let reply = try await server.post(
                    "/v1/score",
                    #"{"user":{"id":"\#(id)","user_id":"\#(user)"},"items":[{"id":1,"price":2}]}"#
                )
                if reply.status == 200 { known[id, default: 0] += 1 }
            }
        }
        #expect(known[own] == 20)
        let fitted = try RowEncoder(TrainedRun(shop.file("small")).fitted)
        let few = (0..<20).count { fitted.knows(.text("u\($0)"), in: "user_id") }
        #expect((1..<20).contains(few))
        #expect(known[other] == few)
    }

    @Test func aShadowRefusesNothing() async throws {
        let shop = try Self.shop.get()
        let server = try await RunningServer(shop) {
            $0.knownValues = Self.named("user_id")
            $0.shadow = ServingSettings.Arm(run: shop.file("hashed"), share: 1)
        }
        let body = #"{"user":{"id":"a","user_id":"u3"},"items":[{"id":1,"price":2}]}"#
        #expect(try await server.post("/v1/score", body).status == 200)
        var text = ""
        for _ in 0..<400 where !text.contains("motet_shadow_total{outcome=\"done\"} 1") {
            try await Task.sleep(for: .milliseconds(10))
            text = try await server.get("/metrics").text
        }
        #expect(text.contains("motet_shadow_total{outcome=\"done\"} 1"))
        #expect(text.contains("motet_shadow_total{outcome=\"failed\"} 0"))
    }

    @Test func aRunThatCannotKnowItIsNotServed() async throws {
        let shop = try Self.shop.get()
        for (column, problem) in [
            ("item_id", "hashes the column"), ("price", "reads numbers from the column"),
            ("user", "reads no feature from such a column"),
        ] {
            let error = #expect(throws: ConfigurationError.self) {
                _ = try ServedModel(
                    shop.file("run"),
                    engine: .oneDNN,
                    workers: 1,
                    known: Self.named(column)
                )
            }
            let text = "\(try #require(error))"
            #expect(text.contains(problem), "\(text)")
            #expect(text.contains("expected one of user_id, brand, history, likes"), "\(text)")
        }
        let server = try await RunningServer(shop) {
            $0.knownValues = Self.named("user_id")
            $0.admin = ServingSettings.Admin(port: 0)
        }
        let before = try await server.get("/readyz").text
        let port = try #require(server.adminPort)
        let body = Array("{\"run\":\"\(shop.file("hashed"))\"}".utf8)
        let reply = try await server.request("POST", "/admin/reload", body, at: port)
        #expect(reply.status == 422)
        #expect(try reply.error().code == "known_values_unusable", "\(reply.text)")
        #expect(try await server.get("/readyz").text == before)
    }

    @Test func itHoldsForOrdersThatAreJudged() async throws {
        let server = try await RiskShop.server { $0.knownValues = Self.named("user_id") }
        let known = RiskShop.order("o1")
        #expect(try await server.post("/v1/risk", known).status == 200)
        let unknown = known.replacing("\"user_id\":\"u1\"", with: "\"user_id\":\"u999\"")
            .replacing("o1", with: "o2")
        let reply = try await server.post("/v1/risk", unknown)
        #expect(reply.status == 400)
        #expect(try reply.error().field == "user.user_id")
        #expect(try reply.error().code == "unknown_value")
    }

    @Test func itHoldsForAdsOfARequestAndNotForThoseOfCampaigns() async throws {
        let shop = try AdShop.shared.get()
        try shop.write(
            "strange.yaml",
            AdShop.campaigns.replacing("item_id: i1,", with: "item_id: i1, user_id: u999,")
        )
        let server = try await AdShop.server("campaigns: strange.yaml") {
            $0.knownValues = Self.named("user_id")
        }
        let context = #""context":{"market":"home"}"#
        let own = try await server.post("/v1/ads", "{\(context)}")
        #expect(own.status == 200, "\(own.text)")
        let user = try await server.post("/v1/ads", "{\"user\":{\"user_id\":\"u999\"},\(context)}")
        #expect(try user.error().field == "user.user_id")
        let item = AdShop.item("a", campaign: "one")
        let good = try await server.post("/v1/ads", "{\(context),\"items\":[\(item)]}")
        #expect(good.status == 200, "\(good.text)")
        let strange = item.replacing("\"price\"", with: "\"user_id\":\"u999\",\"price\"")
        let bad = try await server.post("/v1/ads", "{\(context),\"items\":[\(strange)]}")
        #expect(try bad.error().code == "unknown_value", "\(bad.text)")
        #expect(try bad.error().field == "items[0].user_id")
    }

    @Test func itHoldsForPricesButForWhatTheyNeverUse() async throws {
        let personal = try await PriceShop.server { $0.knownValues = Self.named("user_id") }
        let blind = try await personal.post("/v1/price", PriceShop.body(user: "u999"))
        #expect(blind.status == 200, "\(blind.text)")
        let text = PriceShop.settings.replacing("never_use: [ age, user_id, clicks ]", with: "")
        let server = try await PriceShop.server(text) { $0.knownValues = Self.named("user_id") }
        #expect(try await server.post("/v1/price", PriceShop.body()).status == 200)
        let reply = try await server.post("/v1/price", PriceShop.body(user: "u999"))
        #expect(try reply.error().code == "unknown_value", "\(reply.text)")
        #expect(try reply.error().field == "user.user_id")
    }

    @Test func itHoldsForCandidatesThatARequestBrings() async throws {
        let server = try await RecommendShop.server { $0.knownValues = Self.named("brand") }
        let user = #""user":{"id":"u1"},"context":{"market":"home"}"#
        for (items, code, field) in [
            ("", nil, nil),
            (#","items":[{"id":"i3"},{"id":"i5","brand":"core"}]"#, nil, nil),
            (
                #","items":[{"id":"i3"},{"id":"i5","brand":"cord"}]"#, "unknown_value",
                "items[1].brand"
            ),
            (#","items":[{"id":"i3"},{"id":"i999"}]"#, "unknown_item", "items[1].id"),
            (#","items":[{"id":"i3"},{"id":"i999","brand":"acme","price":2}]"#, nil, nil),
        ] as [(String, String?, String?)] {
            let reply = try await server.post("/v1/recommend", "{\(user)\(items)}")
            #expect(reply.status == (code == nil ? 200 : 400), "\(items): \(reply.text)")
            guard let code else { continue }
            #expect(try reply.error().code == code, "\(items)")
            #expect(try reply.error().field == field, "\(items)")
        }
    }

    @Test func columnsAreNamedOnce() throws {
        func read(_ text: String) throws -> [String] {
            try ServingSettings(
                ConfigurationDocument(parsing: text, name: "serve.yaml"),
                folder: "/etc/shop"
            ).knownValues.map(\.text)
        }
        #expect(try read("known_values: [item_id, brand]") == ["item_id", "brand"])
        #expect(try read("port: 1").isEmpty)
        let error = #expect(throws: ConfigurationError.self) {
            try read("known_values: [brand, brand]")
        }
        #expect("\(try #require(error))".contains("there twice"))
    }
}
