import Foundation
import Motet
import MotetTestSupport
import Testing

@testable import MotetServing

@Suite(
    "Servers with a store in Redis",
    .serialized,
    .enabled(if: RedisServer.isInstalled, Comment(rawValue: RedisServer.missing))
)
struct RedisServingTests {
    private func server(
        _ redis: RedisServer,
        _ change: (inout ServingSettings) -> Void = { _ in }
    ) async throws -> RunningServer {
        try await RunningServer(try OnlineShop.shared.get()) { settings in
            var features = ServingSettings.Features()
            var options = ServingSettings.Features.Redis()
            options.port = redis.port
            // Nothing of a test may depend on how busy the machine is.
            options.timeoutMilliseconds = 10_000
            options.connectMilliseconds = 10_000
            features.redis = options
            settings.features = features
            change(&settings)
        }
    }

    private func body(_ user: String, at time: Int64) -> String {
        """
        {"user":{"id":"\(user)"},"time":\(time),"items":[
         {"id":"i1","price":3,"category":"c1","market":"home"},
         {"id":"i2","price":3,"category":"c2","market":"search"}]}
        """
    }

    private func wait(
        _ what: String,
        until isDone: () async throws -> Bool
    ) async throws {
        for _ in 0..<1_500 {
            if try await isDone() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("waited 15 s for \(what)")
    }

    @Test func twoServersAnswerAsOneWithAStoreOfItsOwn() async throws {
        let redis = try RedisServer()
        let first = try await server(redis)
        let second = try await server(redis)
        let alone = try await RunningServer(try OnlineShop.shared.get()) {
            $0.features = ServingSettings.Features()
        }
        let now = OnlineShop.now
        let events = OnlineShop.events(at: now)
        #expect(try await alone.send(events)["applied"] == 60)
        // A balancer sends half of them here and half there, and some to both.
        #expect(try await first.send(Array(events.prefix(35)))["applied"] == 35)
        #expect(
            try await second.send(Array(events.suffix(30)))
                == ["applied": 25, "duplicate": 5, "late": 0]
        )
        for user in ["u1", "u2", "nobody"] {
            let expected = try await alone.post("/v1/score", body(user, at: now)).text
            for server in [first, second] {
                #expect(try await server.post("/v1/score", body(user, at: now)).text == expected)
            }
        }
        #expect(try await second.request("DELETE", "/v1/users/u1", nil).status == 204)
        #expect(try await first.profile("u1").status == 404)
        #expect(try await first.profile("u2").status == 200)
        // Another server with the same Redis knows it all.
        try await first.stop()
        let third = try await server(redis)
        #expect(try await third.send(events) == ["applied": 0, "duplicate": 60, "late": 0])
    }

    @Test func withoutRedisAnswersAreDegradedAndItComesBackByItself() async throws {
        let redis = try RedisServer()
        let server = try await self.server(redis) { $0.limits.retryAfterSeconds = 7 }
        let now = OnlineShop.now
        _ = try await server.send(OnlineShop.events(at: now))
        let before = try await server.post("/v1/score", body("u1", at: now))
        #expect(try before.json()["degraded"] as? Bool == false)
        #expect(try await server.profile("u1").json()["degraded"] as? Bool == false)
        #expect(try await server.get("/readyz").json()["features"] as? String == "available")
        #expect(try await server.get("/metrics").text.contains("\nmotet_feature_store_up 1"))

        redis.stop(.kill)
        let away = try await server.post("/v1/score", body("u1", at: now))
        #expect(away.status == 200)
        #expect(try away.json()["degraded"] as? Bool == true)
        #expect(
            away.text
                == before.text.replacing("\"degraded\":false", with: "\"degraded\":true")
        )
        let stranger = try await server.post("/v1/score", body("stranger", at: now))
        #expect(try stranger.json()["degraded"] as? Bool == true)
        let profile = try await server.profile("u1")
        #expect(profile.status == 200)
        #expect(try profile.json()["degraded"] as? Bool == true)
        let event = OnlineShop.event("later", at: now, "click")
        for reply in [
            try await server.post("/v1/events", event), try await server.profile("stranger"),
            try await server.request("DELETE", "/v1/users/u1", nil),
        ] {
            #expect(reply.status == 503)
            #expect(try reply.error().code == "feature_store")
            #expect(reply.fields["retry-after"] == "7")
            #expect(!reply.text.contains("127.0.0.1"))
        }
        let ready = try await server.get("/readyz")
        #expect(ready.status == 200)
        #expect(try ready.json()["features"] as? String == "away")
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("\nmotet_feature_store_up 0"))
        #expect(metrics.contains("\nmotet_degraded_total 3\n"))
        #expect(metrics.contains("\nmotet_feature_store_failures_total 3\n"))

        try redis.start()
        try await wait("the server to notice") {
            try await server.get("/readyz").json()["features"] as? String == "available"
        }
        #expect(try await server.post("/v1/score", body("u1", at: now)).text == before.text)
        #expect(try await server.send([event]) == ["applied": 1, "duplicate": 0, "late": 0])
        #expect(try await server.get("/metrics").text.contains("\nmotet_feature_store_up 1"))
    }

    @Test func aServerStartsWithoutRedisAndAWrongPasswordEndsIt() async throws {
        let redis = try RedisServer(settings: ["--requirepass", "open sesame"])
        let shop = try OnlineShop.shared.get()
        try shop.write("redis-password", "open sesame\n")
        try shop.write("wrong-password", "open barley\n")
        let error = await #expect(throws: FeatureError.self) {
            _ = try await self.server(redis) {
                $0.features?.redis?.passwordFile = shop.file("wrong-password")
            }
        }
        #expect(error?.description.contains("WRONGPASS") == true)
        let missing = await #expect(throws: ServingError.self) {
            _ = try await self.server(redis) {
                $0.features?.redis?.passwordFile = "/nowhere/at all"
            }
        }
        #expect(missing?.description.contains("features.redis.password_file") == true)
        redis.stop()
        let server = try await self.server(redis) {
            $0.features?.redis?.passwordFile = shop.file("redis-password")
        }
        #expect(try await server.get("/readyz").json()["features"] as? String == "away")
        let reply = try await server.post("/v1/score", body("u1", at: OnlineShop.now))
        #expect(try reply.json()["degraded"] as? Bool == true)
        try redis.start()
        try await wait("the server to notice") {
            try await server.get("/readyz").json()["features"] as? String == "available"
        }
        #expect(
            try await server.send([OnlineShop.event("a", at: OnlineShop.now, "click")])["applied"]
                == 1
        )
    }

    @Test func whatItAnswersIsInItsDocument() async throws {
        let redis = try RedisServer()
        let server = try await self.server(redis)
        _ = try await server.send(OnlineShop.events(at: OnlineShop.now))
        let text = try await server.get("/openapi.json").body
        let document = try text.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
        let check = SchemaCheck(document: document)
        _ = try await server.profile("u1")
        redis.stop(.kill)
        for (method, route, path, content) in [
            ("GET", "/readyz", "/readyz", nil),
            ("GET", "/v1/users/{id}/profile", "/v1/users/u1/profile", nil),
            ("GET", "/v1/users/{id}/profile", "/v1/users/stranger/profile", nil),
            ("POST", "/v1/events", "/v1/events", OnlineShop.event("a", at: OnlineShop.now, "view")),
            ("POST", "/v1/score", "/v1/score", body("u1", at: OnlineShop.now)),
            ("DELETE", "/v1/users/{id}", "/v1/users/u1", nil),
        ] as [(String, String, String, String?)] {
            let reply = try await server.request(method, path, content.map { Array($0.utf8) })
            #expect(check.problems(reply, method, route) == [], "\(method) \(path): \(reply.text)")
        }
    }
}
