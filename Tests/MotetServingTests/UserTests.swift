import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("Users over HTTP") struct UserTests {
    private func server(_ folder: String? = nil) async throws -> RunningServer {
        try await RunningServer(try OnlineShop.shared.get()) {
            $0.features = ServingSettings.Features(folder: folder)
        }
    }

    @Test func theProfileTellsInterestsAndTheVisit() async throws {
        let server = try await server()
        let now = OnlineShop.now
        _ = try await server.send([
            OnlineShop.event("1", at: now - 120_000, "view", item: "i1", ",\"category\":\"shoes\""),
            OnlineShop.event("2", at: now - 60_000, "cart", item: "i2", ",\"category\":\"hats\""),
            OnlineShop.event(
                "3",
                at: now,
                "view",
                user: "u2",
                item: "i3",
                ",\"category\":\"bags\""
            ),
        ])
        let reply = try await server.profile("u1")
        #expect(reply.status == 200)
        #expect(reply.fields["content-type"] == "application/json")
        let profile = try reply.json()
        #expect(profile["stage"] as? String == "basket")
        let interests = try #require(profile["interests"] as? [[String: Any]])
        #expect(interests.map { $0["category"] as? String } == ["hats", "shoes"])
        let visit = try #require(profile["visit"] as? [String: Any])
        #expect(visit["items"] as? [String] == ["i2", "i1"])
        #expect(visit["focus"] as? String == "hats")
        let changes = try #require(profile["changes"] as? [[String: Any]])
        #expect(changes.allSatisfy { $0["isNew"] as? Bool == true })
        #expect(changes.count == 2)
        let unknown = try await server.profile("u3")
        #expect(unknown.status == 404)
        #expect(try unknown.error().code == "unknown_user")
    }

    /// Events of a day long ago, asked for as they happened: what a replay does.
    @Test func aProfileIsThatOfTheTimeThatIsAskedFor() async throws {
        let server = try await server()
        let then: Int64 = 1_780_000_000_000
        _ = try await server.send([
            OnlineShop.event("1", at: then, "view", item: "i1", ",\"category\":\"shoes\""),
            OnlineShop.event("2", at: then + 60_000, "cart", item: "i2", ",\"category\":\"hats\""),
        ])
        let during = try await server.get("/v1/users/u1/profile?time=\(then + 90_000)").json()
        #expect(during["stage"] as? String == "basket")
        let visit = try #require(during["visit"] as? [String: Any])
        #expect(visit["start"] as? Int64 == then)
        #expect(visit["seconds"] as? Double == 90)
        let fortnight: Int64 = 14 * 86_400_000
        let later = try await server.get("/v1/users/u1/profile?time=\(then + fortnight)").json()
        #expect(later["stage"] as? String == "idle")
        let interests = try #require(later["interests"] as? [[String: Any]])
        #expect(interests.map { $0["category"] as? String } == ["hats", "shoes"])
        // Half of a view, and of what happened a minute after it.
        #expect(abs((interests[1]["affinity"] as? Double ?? 0) - 0.5) < 1e-4)
        // Without a time it is now, long after.
        let now = try await server.profile("u1").json()
        #expect(now["stage"] as? String == "idle")
        for (query, code) in [
            ("time=", "wrong_type"), ("time", "wrong_type"), ("time=now", "wrong_type"),
            ("time=1.5", "wrong_type"), ("time=+1780000000000", "wrong_type"),
            ("time=1780000000", "out_of_range"), ("time=99999999999999999999", "wrong_type"),
            ("time=1780000000000&time=1780000000000", "duplicate_field"),
            ("time=%FF", "malformed_query"),
        ] {
            let reply = try await server.get("/v1/users/u1/profile?\(query)")
            #expect(reply.status == 400, "\(query): \(reply.text)")
            let told = try reply.error()
            #expect(told.code == code, "\(query)")
            #expect(told.field == "time", "\(query)")
        }
        let other = try await server.get("/v1/users/u1/profile?tim%65=\(then)&more=1")
        #expect(other.status == 200)
    }

    @Test func aForgottenUserIsGoneAndOthersAreNot() async throws {
        let shop = try OnlineShop.shared.get()
        let server = try await server(shop.file("state-\(UUID().uuidString)"))
        let now = OnlineShop.now
        _ = try await server.send(OnlineShop.events(at: now))
        let body = """
            {"user":{"id":"u1"},"time":\(now),"items":[{"id":"i1","price":3,"category":"c1","market":"home"}]}
            """
        let nobody = body.replacing("u1", with: "nobody")
        #expect(
            try await server.post("/v1/score", body).text
                != (try await server.post("/v1/score", nobody).text)
        )
        let other = try await server.profile("u2").json()["interests"] as? [[String: Any]]
        let gone = try await server.request("DELETE", "/v1/users/u1", nil)
        #expect(gone.status == 204)
        #expect(gone.body.isEmpty)
        #expect(gone.fields["content-type"] == nil)
        #expect(gone.fields["content-length"] == nil)
        #expect(try await server.profile("u1").status == 404)
        #expect(
            try await server.post("/v1/score", body).text
                == (try await server.post("/v1/score", nobody).text)
        )
        let still = try await server.profile("u2").json()["interests"] as? [[String: Any]]
        #expect(
            still?.map { $0["category"] as? String } == other?.map { $0["category"] as? String }
        )
        #expect(still?.isEmpty == false)
        // Again, and of one that was never there.
        #expect(try await server.request("DELETE", "/v1/users/u1", nil).status == 204)
    }

    @Test func anyIdentityStandsInAPath() async throws {
        let server = try await server()
        let name = "a/b ü?%"
        _ = try await server.send([
            OnlineShop.event("1", at: OnlineShop.now, "view", user: name)
        ])
        let encoded = "a%2Fb%20%C3%BC%3F%25"
        #expect(try await server.profile(encoded).status == 200)
        #expect(try await server.request("DELETE", "/v1/users/\(encoded)", nil).status == 204)
        #expect(try await server.profile(encoded).status == 404)
        for (path, status, code) in [
            ("/v1/users/%FF/profile", 400, "malformed_path"),
            ("/v1/users/%zz/profile", 400, "malformed_path"),
            ("/v1/users/\(String(repeating: "a", count: 257))/profile", 400, "out_of_range"),
            ("/v1/users//profile", 404, "not_found"), ("/v1/users/u1/profil", 404, "not_found"),
            ("/v1/users/u1/profile/", 404, "not_found"),
            ("/v1/users/{id}/profile", 404, "unknown_user"),
        ] {
            let reply = try await server.get(path)
            #expect(reply.status == status, "\(path): \(reply.text)")
            #expect(try reply.error().code == code, "\(path): \(reply.text)")
        }
        let method = try await server.get("/v1/users/u1")
        #expect(method.status == 405)
        #expect(method.fields["allow"] == "DELETE")
    }

    @Test func aRunThatKeepsNoProfilesHasNoRouteForThem() async throws {
        let shop = try OnlineShop.shared.get()
        try shop.train(
            "unprofiled",
            OnlineShop.experiment.replacing(
                "lateness: 1h",
                with: "lateness: 1h\n  profile: { enabled: false }"
            )
        )
        let server = try await RunningServer(shop, run: "unprofiled") {
            $0.features = ServingSettings.Features()
        }
        _ = try await server.send([OnlineShop.event("1", at: OnlineShop.now, "view")])
        #expect(try await server.profile("u1").error().code == "not_found")
        #expect(try await server.request("DELETE", "/v1/users/u1", nil).status == 204)
    }
}
