import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("What prices do not depend on", .serialized) struct PriceFairnessTests {
    private static let names = (0..<18).map { "i\($0)" }

    /// Who asks, one way and another.
    private static let people: [(user: String, age: Int, clicks: Int?)] = [
        ("u1", 18, 0), ("u2", 95, 5), ("u19", 40, 2), ("stranger", 61, nil), ("u7", 18, nil),
    ]

    private static func asked(
        _ server: RunningServer,
        _ person: (user: String, age: Int, clicks: Int?)
    ) async throws -> Priced {
        try await server.price(
            PriceShop.body(
                names,
                user: person.user,
                age: person.age,
                clicks: person.clicks,
                item: ",\"present\":20"
            ).adding("\"explain\":true")
        )
    }

    /// Each person asks a server of their own, which nobody asked before: prices, propensities and everything expected are the same,
    /// bit for bit.
    @Test func noPersonalAttributeMovesAPriceOrAPropensity() async throws {
        var first: Priced?
        for person in Self.people {
            let server = try await PriceShop.server()
            let priced = try await Self.asked(server, person)
            #expect(priced.repeated.allSatisfy { !$0 })
            first = first ?? priced
            #expect(priced.constant == first?.constant, "\(person)")
            let told = priced.body["explain"] as? [String: Any]
            #expect(
                Set(told?["never_used"] as? [String] ?? []) == ["age", "user_id", "clicks"]
            )
            try await server.stop()
        }
    }

    /// The planted fault: the same run without the guard gives other prices, so that the test above can fail.
    @Test func withoutTheGuardTheyWould() async throws {
        let open = PriceShop.settings.replacing("[ age, user_id, clicks ]", with: "[]")
        var all: [Priced] = []
        for person in Self.people.prefix(2) {
            let server = try await PriceShop.server(open)
            all.append(try await Self.asked(server, person))
            try await server.stop()
        }
        #expect(all[0].constant != all[1].constant)
    }

    /// A feature is named by the column it is made of, or by its own name.
    @Test func theNameOfAFeatureStandsForItsColumn() async throws {
        let text = PriceShop.settings.replacing("[ age, user_id", with: "[ years, user_id")
        var all: [Priced] = []
        for person in Self.people.prefix(2) {
            let server = try await PriceShop.server(text)
            all.append(try await Self.asked(server, person))
            try await server.stop()
        }
        #expect(all[0].constant == all[1].constant)
    }

    /// A guard that is misspelt guards nothing, and nobody would notice.
    @Test func aNameThatTheRunDoesNotReadIsWarnedOf() throws {
        let shop = try PriceShop.shared.get()
        let model = try ServedModel(shop.file("run"), engine: .oneDNN, workers: 1)
        func unread(_ names: String) throws -> [String] {
            let text = PriceShop.settings.replacing("[ age, user_id, clicks ]", with: names)
            return PersonalColumns.unread(
                try #require(try PriceShop.settings(text, in: shop).price),
                model
            )
        }
        // Columns, and features by their own names.
        #expect(try unread("[ age, years, user_id, clicks, market ]") == [])
        #expect(
            try unread("[ ages, user_id, postcode ]")
                == ["`ages`. Did you mean `age`?", "`postcode`."]
        )
    }

    /// What a store knows of a user does not reach a price either, though no column of the request names it.
    @Test func whatAStoreKnowsOfAUserDoesNotCount() async throws {
        let text =
            PriceShop.settings.replacing("user_id, clicks ]", with: "user_id ]")
            + "features: { store: memory }\n"
        var all: [Priced] = []
        for user in ["u1", "u2"] {
            let server = try await PriceShop.server(text)
            let events = (0..<5).map { number in
                OnlineShop.event("e\(number)", at: OnlineShop.epoch - 60_000, "click", user: "u2")
            }
            _ = try await server.send(events)
            let body = PriceShop.body(Self.names, user: user, clicks: nil)
            all.append(try await server.price(body.adding("\"explain\":true")))
            // The scores of the two users differ: the store does know it.
            let scores = try await server.post(
                "/v1/score",
                "{\"user\":{\"id\":\"u2\",\"user_id\":\"u1\",\"age\":40},\"context\":{\"market\":\"home\",\"hour\":12},"
                    + "\"items\":[{\"id\":\"i1\",\"price\":20}]}"
            )
            let other = try await server.post(
                "/v1/score",
                "{\"user\":{\"id\":\"u1\",\"user_id\":\"u1\",\"age\":40},\"context\":{\"market\":\"home\",\"hour\":12},"
                    + "\"items\":[{\"id\":\"i1\",\"price\":20}]}"
            )
            #expect(scores.text != other.text)
            try await server.stop()
        }
        #expect(all[0].constant == all[1].constant)
    }

    /// Nor does the run that a share of the users is answered by.
    @Test func anExperimentOfUsersDoesNotMoveAPrice() async throws {
        let shop = try PriceShop.shared.get()
        try shop.train("other", PriceShop.experiment.replacing("seed: 7", with: "seed: 8"))
        var all: [Priced] = []
        for share in [0.0, 1] {
            let server = try await PriceShop.server {
                $0.experiment = ServingSettings.Arm(run: shop.file("other"), share: share, salt: "")
            }
            let priced = try await Self.asked(server, Self.people[0])
            #expect(priced.body["variant"] as? String == "control")
            all.append(priced)
            try await server.stop()
        }
        #expect(all[0].constant == all[1].constant)
    }

    /// Where the user may be used, and nothing else is guarded, the store is asked about them.
    @Test func theUserCountsWhereItIsAllowed() async throws {
        let text =
            PriceShop.settings.replacing(
                "never_use: [ age, user_id, clicks ]",
                with: "uses_user: true"
            )
            + "features: { store: memory }\n"
        var all: [Priced] = []
        for user in ["u1", "u2"] {
            let server = try await PriceShop.server(text)
            let events = (0..<5).map { number in
                OnlineShop.event("e\(number)", at: OnlineShop.epoch - 60_000, "click", user: "u2")
            }
            _ = try await server.send(events)
            let body = PriceShop.body(Self.names, user: user, clicks: nil)
                .replacing("\"user_id\":\"\(user)\"", with: "\"user_id\":\"u1\"")
            all.append(try await server.price(body))
            try await server.stop()
        }
        #expect(all[0].constant != all[1].constant)
    }
}
