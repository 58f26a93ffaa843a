import Foundation
import HTTPTypes
import Logging
import Motet
import NIOCore
import Synchronization
import Testing

@testable import MotetServing

@Suite("Readiness, identities and the log") struct ReadinessTests {
    @Test func aServerIsAliveBeforeItIsReady() async throws {
        let shop = try ServedShop.shared.get()
        let server = try await RunningServer(shop, waitsForReady: false)
        #expect(try await server.get("/healthz").text == "{\"status\":\"alive\"}")
        var statuses: [Int] = []
        for _ in 0..<600 {
            let reply = try await server.get("/readyz")
            let isReady = reply.status == 200
            #expect(reply.text.contains(isReady ? "\"ready\"" : "\"warming\""))
            statuses.append(reply.status)
            if isReady { break }
            let early = try await server.post("/v1/score", "{\"items\":[{\"id\":1,\"price\":2}]}")
            // The model may have become warm in between.
            if early.status != 200 {
                #expect(early.status == 503)
                #expect(try early.error().code == "not_ready")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(statuses.last == 200)
        #expect(Set(statuses).isSubset(of: [200, 503]))
    }

    @Test func theIdentityOfARequestIsTakenOverOrMade() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let own = ["X-Request-Id": "shop-17.a:b"]
        let kept = try await server.request("GET", "/healthz", nil, fields: own)
        #expect(kept.fields["x-request-id"] == "shop-17.a:b")
        let first = try await server.get("/healthz").fields["x-request-id"]
        let second = try await server.get("/healthz").fields["x-request-id"]
        #expect(first?.count == 16)
        #expect(first != second)
        // What could break a line of the log is not taken over.
        for bad in ["a b", "\"x\"", String(repeating: "a", count: 129)] {
            let reply = try await server.request(
                "GET",
                "/healthz",
                nil,
                fields: ["X-Request-Id": bad]
            )
            #expect(reply.fields["x-request-id"]?.count == 16, "\(bad)")
        }
        let wrong = try await server.request("POST", "/v1/score", [], fields: own)
        #expect(wrong.fields["x-request-id"] == "shop-17.a:b")
        #expect(wrong.status == 400)
    }

    @Test func theLogHasALineOfJSONForEachRequestAndNoIdentityOfAUser() async throws {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in
            JSONLogHandler(level: .info) { line in
                lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        let server = try await RunningServer(try ServedShop.shared.get(), logger: logger)
        let body =
            "{\"user\":{\"id\":\"ann@example.org\",\"user_id\":\"ann-77\"},\"items\":[{\"id\":1,\"price\":2}]}"
        for text in [body, body + "}", body.replacing("price", with: "ann-77")] {
            _ = try await server.post("/v1/score", text, fields: ["X-Request-Id": "r1"])
        }
        try await server.stop()
        let all = lines.withLock { $0 }
        var requests: [[String: Any]] = []
        for line in all {
            #expect(line.hasSuffix("\n"))
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let event = try #require(value)
            for key in ["time", "level", "message"] { #expect(event[key] is String) }
            if event["request_id"] as? String == "r1" { requests.append(event) }
            #expect(!line.contains("ann@") && !line.contains("ann-77"), "\(line)")
        }
        #expect(requests.map { $0["status"] as? Int } == [200, 400, 400])
        #expect(requests.map { $0["route"] as? String } == ["score", "score", "score"])
        #expect(requests[1]["error"] as? String == "malformed_json")
        #expect(requests[2]["error"] as? String == "unknown_field")
        #expect(requests.allSatisfy { ($0["milliseconds"] as? Double ?? -1) >= 0 })
        for message in ["starting", "listening", "ready", "stopped"] {
            #expect(all.contains { $0.contains("\"message\":\"\(message)\"") }, "\(message)")
        }
    }

    @Test func whatIsNoRunIsRefusedBeforeAnythingListens() throws {
        let shop = try ServedShop.shared.get()
        for path in [shop.file("nowhere"), shop.path] {
            #expect(throws: ExperimentError.self) {
                _ = try ModelServer(run: path, settings: ServingSettings(), engine: .oneDNN)
            }
        }
    }

    @Test func aPortThatIsTakenIsASentence() async throws {
        let shop = try ServedShop.shared.get()
        let first = try await RunningServer(shop)
        var settings = ServingSettings()
        settings.port = first.port
        settings.logLevel = .error
        let second = try ModelServer(
            run: shop.file("run"),
            settings: settings,
            engine: .oneDNN,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let error = await #expect(throws: ServingError.self) {
            try await second.run(handlesSignals: false)
        }
        #expect(error?.code == .cannotListen)
        #expect(error?.description.contains("port \(first.port)") == true)
    }

    @Test func anAdminPortThatIsTakenIsNamed() async throws {
        let shop = try ServedShop.shared.get()
        let first = try await RunningServer(shop)
        var settings = ServingSettings()
        settings.port = 0
        settings.admin = ServingSettings.Admin(port: first.port)
        settings.logLevel = .error
        let second = try ModelServer(
            run: shop.file("run"),
            settings: settings,
            engine: .oneDNN,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let error = await #expect(throws: ServingError.self) {
            try await second.run(handlesSignals: false)
        }
        #expect(error?.code == .cannotListen)
        #expect(error?.description.contains("port \(first.port) (`admin.port`)") == true)
    }

    /// The routes before any model is there.
    @Test func beforeAModelIsWarmNothingIsScored() async throws {
        let pool = WorkerPool(threads: 1, limit: 4)
        defer { pool.stop() }
        let metrics = ServerMetrics()
        let routes = ServingRoutes(
            rollout: Rollout(models: ModelStore(), experiment: nil, shadow: nil),
            pool: pool,
            batcher: MicroBatcher(rows: 0, pool: pool, metrics: metrics),
            features: RequestFeatures(),
            online: nil,
            metrics: metrics,
            limits: ServingSettings.Limits(),
            logger: Logger(label: "none") { _ in SwiftLogNoOpLogHandler() }
        ).routes
        func answer(_ name: String, _ body: String) async throws -> Answer {
            let route = try #require(routes.first { $0.name == name })
            let head = HTTPRequest(
                method: route.method,
                scheme: nil,
                authority: nil,
                path: route.path
            )
            return try await route.answer(
                IncomingRequest(
                    id: "1",
                    head: head,
                    parameters: [:],
                    body: ByteBuffer(string: body)
                )
            )
        }
        let ready = try await answer("readyz", "")
        #expect(ready.status == .serviceUnavailable)
        #expect(String(decoding: ready.body, as: UTF8.self).contains("\"warming\""))
        let error = await #expect(throws: RequestError.self) {
            try await answer("score", "{\"items\":[{\"id\":1,\"price\":2}]}")
        }
        #expect(error?.code == "not_ready")
        #expect(error?.status == .serviceUnavailable)
    }
}
