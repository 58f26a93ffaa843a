import Foundation
import Motet
import Synchronization
import Testing

@testable import MotetServing

/// A source that answers when it is told to.
final class Gate: FeatureSource {
    private let isOpen = Mutex(false)
    private let asked = Mutex(0)

    func open() { isOpen.withLock { $0 = true } }

    func features(
        _ columns: [String],
        for request: FeatureQuery
    ) throws -> SourcedFeatures {
        asked.withLock { $0 += 1 }
        while !isOpen.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.002) }
        return SourcedFeatures(columns: ["price": .same(.integer(3))])
    }

    /// Waits until as many requests wait in the source.
    func waits(for count: Int) async throws {
        for _ in 0..<5000 {
            if asked.withLock({ $0 }) == count { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("\(asked.withLock { $0 }) requests wait in the source instead of \(count)")
    }
}

@Suite("Limits of the server") struct LimitTests {
    private static let body = "{\"items\":[{\"id\":1}]}"
    private static let head =
        "POST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"

    @Test func aFullQueueIsToldAtOnceAndWhatWaitsIsAnswered() async throws {
        let gate = Gate()
        let server = try await RunningServer(try ServedShop.shared.get(), features: gate) {
            $0.limits.queue = 3
            $0.limits.retryAfterSeconds = 7
        }
        try await withThrowingTaskGroup(of: Reply.self) { group in
            for _ in 0..<2 { group.addTask { try await server.post("/v1/score", Self.body) } }
            try await gate.waits(for: 2)
            // Two are computed. Of ten more three wait, and the others are told at once.
            for _ in 0..<10 { group.addTask { try await server.post("/v1/score", Self.body) } }
            for _ in 0..<7 {
                let refused = try #require(try await group.next())
                #expect(refused.status == 429)
                #expect(refused.fields["retry-after"] == "7")
                #expect(try refused.error().code == "queue_full")
            }
            // The server is alive and says so while it is full.
            #expect(try await server.get("/healthz").status == 200)
            #expect(try await server.get("/readyz").status == 200)
            gate.open()
            for _ in 0..<5 {
                let answered = try #require(try await group.next())
                #expect(answered.status == 200)
            }
        }
        #expect(try await server.post("/v1/score", Self.body).status == 200)
    }

    @Test func aBodyThatIsTooLargeIsRefused() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.bodyBytes = 2048
        }
        let announced = try await server.post("/v1/score", String(repeating: " ", count: 2049))
        #expect(announced.status == 413)
        #expect(try announced.error().code == "body_too_large")
        // Without a length, in chunks.
        let chunked = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send("POST /v1/score HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<5 { wire.send("200\r\n" + String(repeating: " ", count: 512) + "\r\n") }
            return try wire.answer()
        }
        #expect(chunked.status == 413)
        #expect(chunked.fields["connection"] == "close")
        let fits = String(repeating: " ", count: 1000) + "{\"items\":[{\"id\":1,\"price\":2}]}"
        #expect(try await server.post("/v1/score", fits).status == 200)
    }

    /// What a client does wrong, or does not finish, is no failure of the server.
    @Test(arguments: [
        ("Content-Length: 100\r\n\r\n{\"items\"", true),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\n{\"it", true),
        ("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", false),
    ])
    func aBodyThatIsBrokenOffIsTheClients(rest: String, hangsUp: Bool) async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let reply = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send("POST /v1/score HTTP/1.1\r\nHost: a\r\n" + rest)
            if hangsUp { wire.finish() }
            return try wire.answer()
        }
        #expect(reply.status == 400)
        #expect(reply.fields["connection"] == "close")
        let error = try reply.error()
        #expect(error.code == "unreadable_body" && error.field == nil)
        #expect(error.message.hasPrefix("body: it does not come to its end; expected "))
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("motet_requests_total{route=\"score\",status=\"400\"} 1"))
        #expect(!metrics.contains("status=\"500\""))
    }

    @Test func aCompressedBodyIsRefused() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let body = "{\"items\":[{\"id\":1,\"price\":2}]}"
        let coded = try await server.post(
            "/v1/score",
            body,
            fields: ["Content-Encoding": "gzip"]
        )
        #expect(coded.status == 415)
        #expect(try coded.error().message.contains("received gzip"))
        let plain = try await server.post(
            "/v1/score",
            body,
            fields: ["Content-Encoding": "Identity"]
        )
        #expect(plain.status == 200)
    }

    @Test func aBodyThatComesTooSlowlyTimesOut() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.requestSeconds = 0.5
        }
        let (reply, seconds) = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send("POST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{")
            let start = ContinuousClock.now
            // A byte now and then keeps the connection from being silent, but not the request from its end.
            for _ in 0..<12 {
                wire.send(" ")
                Thread.sleep(forTimeInterval: 0.06)
            }
            return (try wire.answer(), (ContinuousClock.now - start) / .seconds(1))
        }
        #expect(reply.status == 408)
        #expect(try reply.error().code == "request_timeout")
        #expect((0.4..<10).contains(seconds))
    }

    @Test func aSilentConnectionIsClosed() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.idleSeconds = 0.3
        }
        // One that says nothing, and one that stops in its head.
        for text in ["", "POST /v1/score HT", "PRI * HTTP/2.0\r\n\r\nSM"] {
            let seconds = try await blocking {
                let wire = try Wire(port: server.port)
                wire.send(text)
                let start = ContinuousClock.now
                _ = wire.readToEnd()
                return (ContinuousClock.now - start) / .seconds(1)
            }
            #expect(seconds < 10, "\(text)")
        }
        // One between two requests.
        let (status, rest) = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            return (try wire.answer().status, wire.readToEnd())
        }
        #expect(status == 200)
        #expect(rest.isEmpty)
    }

    /// Clients that ask and never read the answers hold no connection for ever.
    @Test func aClientThatTakesNothingIsClosed() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.connections = 1
            $0.limits.idleSeconds = 0.5
        }
        let document = try await server.get("/openapi.json").body.count
        // More than the buffers of both sides hold.
        let count = 64_000_000 / document
        let wire = try await blocking {
            let wire = try Wire(port: server.port)
            for _ in 0..<count {
                guard wire.send("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n") else { break }
            }
            return SendableWire(wire: wire)
        }
        // There is one place, and it becomes free.
        #expect(try await server.get("/healthz").status == 200)
        wire.close()
    }

    @Test func aHeadThatIsTooLargeIsRefused() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.headerBytes = 4096
        }
        let long = String(repeating: "a", count: 9000)
        let reply = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: \(long)\r\n\r\n")
            return String(decoding: wire.readToEnd(), as: UTF8.self)
        }
        #expect(reply.hasPrefix("HTTP/1.1 4"), "\(reply)")
        #expect(try await server.get("/healthz").status == 200)
    }

    @Test func aClientThatGoesAwayHarmsNobody() async throws {
        let gate = Gate()
        let server = try await RunningServer(try ServedShop.shared.get(), features: gate)
        let wire = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send(Self.head + Self.body)
            return SendableWire(wire: wire)
        }
        try await gate.waits(for: 1)
        wire.close()
        gate.open()
        #expect(try await server.post("/v1/score", Self.body).status == 200)
    }

    @Test func moreConnectionsThanAllowedWaitForOneThatCloses() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.connections = 1
        }
        let first = try await blocking { SendableWire(wire: try Wire(port: server.port)) }
        let isAnswered = Mutex(false)
        async let second = {
            let status = try await server.get("/healthz").status
            isAnswered.withLock { $0 = true }
            return status
        }()
        try await Task.sleep(for: .milliseconds(300))
        #expect(!isAnswered.withLock { $0 })
        first.close()
        #expect(try await second == 200)
    }

    @Test func aBodyNobodyReadsClosesItsConnection() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        for (path, type, status) in [
            ("/v1/score", "text/plain", 415), ("/nowhere", "application/json", 404),
            ("/healthz", "application/json", 405),
        ] {
            let reply = try await blocking {
                let wire = try Wire(port: server.port)
                wire.send(
                    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\n"
                        + "Content-Length: 1000000000000\r\n\r\n{"
                )
                // Ends only because the server closes: the body is never sent.
                return String(decoding: wire.readToEnd(), as: UTF8.self)
            }
            #expect(reply.hasPrefix("HTTP/1.1 \(status)"), "\(reply)")
            #expect(reply.lowercased().contains("connection: close"), "\(reply)")
        }
    }
}

/// A connection that one thread opens and another closes.
final class SendableWire: Sendable {
    private let wire: Mutex<Wire?>

    init(wire: sending Wire) { self.wire = Mutex(wire) }

    func close() { wire.withLock { $0 = nil } }
}
