import Foundation
import Motet
import MotetFeatures
import Testing

@testable import MotetServing

@Suite("Scores with features of the store") struct StoreFeatureTests {
    private static let items: [(id: String, category: String, market: String)] = (0..<9).map {
        ("i\($0)", "c\($0 % 3)", $0 % 4 == 1 ? "search" : "home")
    }

    /// A request with what the store does not know, and fields of each item beside.
    private static func body(
        _ user: String?,
        at time: Int64?,
        _ more: (Int) -> String = { _ in "" }
    ) -> String {
        let items = Self.items.enumerated().map { row, item in
            "{\"id\":\"\(item.id)\",\"item_id\":\"\(item.id)\",\"price\":\(row + 2),"
                + "\"market\":\"\(item.market)\"\(more(row))}"
        }
        let user = user.map { "\"user\":{\"id\":\"\($0)\"}," } ?? ""
        let time = time.map { "\"time\":\($0)," } ?? ""
        return "{\(user)\(time)\"items\":[\(items.joined(separator: ","))]}"
    }

    private static func category(_ row: Int) -> String {
        ",\"category\":\"\(items[row].category)\""
    }

    /// The columns the run reads, of a store of the test's own, as fields of an item.
    private static func carried(
        _ store: MemoryFeatureStore,
        _ user: String?,
        at time: Int64,
        _ row: Int
    ) -> String {
        let item = items[row]
        let table = store.features(
            FeatureRequest(
                user: user,
                scenario: item.market,
                items: [FeatureCandidate(item: item.id, category: item.category)],
                time: time
            )
        )
        return table.columns.filter { $0.name != "unread" }.map { column in
            let value =
                switch column[0] {
                case .number(let number):
                    number.isNaN ? "null" : "\(Double(number))"
                case .text(let text):
                    "[" + text.split(separator: "|").map { "\"\($0)\"" }.joined(separator: ",")
                        + "]"
                }
            return ",\"\(column.name)\":\(value)"
        }.joined()
    }

    @Test func theyEqualThoseOfTheSameFeaturesInTheRequestBitForBit() async throws {
        let shop = try OnlineShop.shared.get()
        let now = OnlineShop.now
        let events = OnlineShop.events(at: now)
        // One asks with columns that hold for all items, the other with the same of each.
        let online = try await RunningServer(shop) {
            $0.features = ServingSettings.Features()
            $0.isExact = true
        }
        #expect(try await online.send(events)["applied"] == 60)
        let plain = try await RunningServer(shop) { $0.isExact = true }
        let definitions = try FeatureDefinitions(
            contentsOf: URL(fileURLWithPath: shop.file("run/configuration.yaml"))
        )
        let store = MemoryFeatureStore(definitions)
        let text = "[\(events.joined(separator: ","))]"
        _ = store.apply(try EventDecoder().events(in: Data(text.utf8)))
        var answers: Set<String> = []
        for (user, time) in [
            ("u1", now), ("u2", now), ("u1", now + 1_800_000), ("nobody", now), (nil, now),
        ] as [(String?, Int64)] {
            let sourced = try await online.post(
                "/v1/score",
                Self.body(user, at: time, Self.category)
            )
            let carried = try await plain.post(
                "/v1/score",
                Self.body(user, at: nil) { Self.carried(store, user, at: time, $0) }
            )
            #expect(sourced.status == 200, "\(sourced.text)")
            #expect(carried.status == 200, "\(carried.text)")
            #expect(sourced.text == carried.text, "\(user ?? "none") at \(time)")
            answers.insert(sourced.text)
        }
        // What users did, and the time, make a difference; who is not known is as good as nobody.
        #expect(answers.count == 4)
        let later = try await online.post("/v1/score", Self.body("u1", at: nil, Self.category))
        #expect(later.status == 200)
    }

    @Test func theRequestsOwnValueComesFirst() async throws {
        let shop = try OnlineShop.shared.get()
        let now = OnlineShop.now
        let online = try await RunningServer(shop) { $0.features = ServingSettings.Features() }
        _ = try await online.send(OnlineShop.events(at: now))
        func text(_ more: String) async throws -> String {
            let reply = try await online.post(
                "/v1/score",
                Self.body("u1", at: now) { Self.category($0) + more }
            )
            #expect(reply.status == 200, "\(reply.text)")
            return reply.text
        }
        let (own, other) = (
            try await text(",\"user_clicks\":3"), try await text(",\"user_clicks\":0")
        )
        #expect(own != other)
        #expect(try await text("") != other)
        // A missing value is a value of its own.
        #expect(try await text(",\"idle\":null") != (try await text("")))
    }

    @Test func theTimeAndTheFieldsOfTheStoreAreChecked() async throws {
        let online = try await RunningServer(try OnlineShop.shared.get()) {
            $0.features = ServingSettings.Features()
        }
        let item = "{\"id\":\"i1\",\"price\":1}"
        for (body, code, field) in [
            ("{\"time\":\"now\",\"items\":[\(item)]}", "wrong_type", "time"),
            ("{\"time\":1.5,\"items\":[\(item)]}", "wrong_type", "time"),
            ("{\"time\":1780000000,\"items\":[\(item)]}", "out_of_range", "time"),
            (
                "{\"items\":[{\"id\":\"i1\",\"price\":1,\"category\":[1]}]}", "wrong_type",
                "items[0].category"
            ),
            (
                "{\"context\":{\"category\":true},\"items\":[\(item)]}", "wrong_type",
                "context.category"
            ),
            ("{\"tim\":3,\"items\":[\(item)]}", "unknown_field", "tim"),
            ("{\"items\":[{\"id\":\"i1\"}]}", "missing_value", "items[0].price"),
        ] {
            let reply = try await online.post("/v1/score", body)
            #expect(reply.status == 400, "\(body): \(reply.text)")
            #expect(try reply.error().code == code, "\(body): \(reply.text)")
            #expect(try reply.error().field == field, "\(body): \(reply.text)")
        }
    }

    @Test func categoriesComeFromAFileWhereNobodyTellsThem() async throws {
        let shop = try OnlineShop.shared.get()
        let name = "items-\(UUID().uuidString).csv"
        try shop.write(
            name,
            "product,kind\n" + (0..<9).map { "i\($0),c\($0 % 3)\n" }.joined()
        )
        let now = OnlineShop.now
        let told = try await RunningServer(shop) { $0.features = ServingSettings.Features() }
        _ = try await told.send(OnlineShop.events(at: now))
        let known = try await RunningServer(shop) {
            $0.features = ServingSettings.Features()
            $0.features?.items = ServingSettings.Features.Items(
                files: [shop.file(name)],
                item: "product",
                category: "kind"
            )
        }
        let silent = OnlineShop.events(at: now).map { event in
            (0..<3).reduce(event) { $0.replacing(",\"category\":\"c\($1)\"", with: "") }
        }
        _ = try await known.send(silent)
        let first = try await told.post("/v1/score", Self.body("u1", at: now, Self.category))
        let second = try await known.post("/v1/score", Self.body("u1", at: now))
        #expect(first.status == 200)
        #expect(first.text == second.text)
        let without = try await told.post("/v1/score", Self.body("u1", at: now))
        #expect(without.text != first.text)
    }
}
