import Foundation
import Motet
import MotetFeatures
import MotetTestSupport
import Synchronization
import Testing

@testable import MotetServing

@Suite("A server that starts again") struct RestartTests {
    @Test func itKnowsWhatItAcknowledgedBefore() async throws {
        let shop = try OnlineShop.shared.get()
        let folder = shop.file("state-\(UUID().uuidString)")
        let now = OnlineShop.now
        let events = OnlineShop.events(at: now)
        let body = """
            {"user":{"id":"u1"},"time":\(now),"items":[
             {"id":"i1","price":3,"category":"c1","market":"home"},
             {"id":"i2","price":3,"category":"c2","market":"search"}]}
            """
        func server() async throws -> RunningServer {
            try await RunningServer(shop) { $0.features = ServingSettings.Features(folder: folder) }
        }
        let first = try await server()
        let empty = try await first.post("/v1/score", body).text
        #expect(try await first.send(Array(events.prefix(40)))["applied"] == 40)
        let before = try await first.post("/v1/score", body)
        #expect(before.status == 200)
        #expect(before.text != empty)
        // Nobody else may have the folder open meanwhile.
        await #expect(throws: FeatureError.self) { _ = try await server() }
        try await first.stop()

        let second = try await server()
        #expect(try await second.post("/v1/score", body).text == before.text)
        let counts = try await second.send(events)
        #expect(counts == ["applied": 20, "duplicate": 40, "late": 0])
        #expect(try await second.request("DELETE", "/v1/users/u1", nil).status == 204)
        try await second.stop()

        let third = try await server()
        #expect(try await third.profile("u1").status == 404)
        #expect(try await third.profile("u2").status == 200)
    }

    @Test(arguments: RedisServer.isInstalled ? ["folder", "redis"] : ["folder"])
    func anEndWithoutWarningLosesNothingThatWasAcknowledged(store: String) async throws {
        let shop = try OnlineShop.shared.get()
        let name = "kill-\(UUID().uuidString)"
        let redis = store == "redis" ? try RedisServer() : nil
        let place =
            redis.map { "redis, redis: { port: \($0.port), timeout_ms: 10000, connect_ms: 10000 }" }
            ?? name
        try shop.write(
            "\(name).yaml",
            "features: { store: \(place) }\nlimits: { candidates: 16 }\n"
        )
        let arguments = ["run", "--port", "0", "--config", "\(name).yaml"]
        @Sendable func post(_ batch: String, to port: Int) throws -> Reply {
            let wire = try Wire(port: port)
            wire.send(
                "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: \(batch.utf8.count)\r\n\r\n"
            )
            wire.send(batch)
            return try wire.answer()
        }
        let now = OnlineShop.now
        @Sendable func batch(_ number: Int) -> String {
            let events = (0..<20).map {
                OnlineShop.event(
                    "b\(number)-\($0)",
                    at: now - Int64($0),
                    "view",
                    user: "u\(number % 7)"
                )
            }
            return "[\(events.joined(separator: ","))]"
        }
        let program = try ServeProcess(arguments, in: shop.path)
        let port = try #require(try await program.event("listening")["port"] as? Int)
        let identifier = program.identifier
        let acknowledged = Numbers()
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<4 {
                group.addTask {
                    // Until the server is gone.
                    for round in 0..<10_000 {
                        let number = 4 * round + caller
                        let reply = try? await blocking { try post(batch(number), to: port) }
                        guard reply?.status == 200 else { return }
                        acknowledged.add(number)
                    }
                }
            }
            group.addTask {
                for _ in 0..<2000 where acknowledged.all.count < 40 {
                    try? await Task.sleep(for: .milliseconds(5))
                }
                kill(identifier, SIGKILL)
            }
        }
        let kept = acknowledged.all
        #expect(kept.count >= 40)
        _ = try await program.status()
        let again = try ServeProcess(arguments, in: shop.path)
        let next = try #require(try await again.event("listening")["port"] as? Int)
        for number in kept {
            let reply = try await blocking { try post(batch(number), to: next) }
            #expect(reply.text == "{\"applied\":0,\"duplicate\":20,\"late\":0}", "\(number)")
        }
        // One that was never sent is new.
        let fresh = try await blocking { try post(batch(1_000_000), to: next) }
        #expect(fresh.text == "{\"applied\":20,\"duplicate\":0,\"late\":0}")
        again.send(SIGTERM)
        #expect(try await again.status() == 0)
        redis?.stop()
    }
}

/// Numbers that several tasks find.
private final class Numbers: Sendable {
    private let numbers = Mutex<Set<Int>>([])

    var all: Set<Int> { numbers.withLock { $0 } }

    func add(_ number: Int) { numbers.withLock { _ = $0.insert(number) } }
}
