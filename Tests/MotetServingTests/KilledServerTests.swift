import Foundation
import Testing

@testable import MotetServing

@Suite("A server that is killed", .serialized) struct KilledServerTests {
    /// How many times; `make soak` asks for more.
    private static let kills =
        ProcessInfo.processInfo.environment["MOTET_SOAK_KILLS"].flatMap(Int.init) ?? 3

    @Test func everyEventThatIsSentUntilItIsAcknowledgedCountsOnce() async throws {
        let counted = try CountedShop.shared.get()
        let (folder, settings) = try counted.store()
        let arguments = ["run", "--port", "0", "--config", settings]
        let traffic = EventTraffic()
        async let sending: Void = traffic.run(callers: 4)
        for round in 0..<Self.kills {
            let server = try ServeProcess(arguments, in: counted.shop.path)
            traffic.lead(to: try await server.port())
            let goal = traffic.acknowledged + 20 + 37 * round % 100
            for _ in 0..<6000 where traffic.acknowledged < goal {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(traffic.acknowledged >= goal, "round \(round)")
            server.send(SIGKILL)
            traffic.lead(to: nil)
            _ = try await server.status()
        }
        let last = try ServeProcess(arguments, in: counted.shop.path)
        traffic.lead(to: try await last.port())
        traffic.end()
        await sending
        last.send(SIGTERM)
        #expect(try await last.status() == 0)

        #expect(traffic.surprises.isEmpty, "\(traffic.surprises)")
        #expect(traffic.acknowledged == traffic.batches)
        let expected = traffic.expected()
        let counts = try await counted.counts(in: folder, of: EventTraffic.users)
        #expect(counts.users == expected)
        #expect(counts.all == expected.reduce(0, +))
        print(
            "\(Self.kills) kills over HTTP, \(counts.all) events, \(traffic.retries) batches sent again"
        )
    }

    @Test func theCountFindsAnEventTooManyAndOneTooFew() async throws {
        let counted = try CountedShop.shared.get()
        let (folder, settings) = try counted.store()
        let server = try ServeProcess(
            ["run", "--port", "0", "--config", settings],
            in: counted.shop.path
        )
        let port = try await server.port()
        let now = OnlineShop.now
        let events = ["a", "b", "a2"].map {
            OnlineShop.event($0, at: now, "view", user: $0 == "b" ? "u1" : "u0")
        }
        let reply = try await blocking {
            try Wire.post("/v1/events", "[\(events.joined(separator: ","))]", to: port)
        }
        #expect(reply.status == 200, "\(reply.text)")
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
        let counts = try await counted.counts(in: folder, of: ["u0", "u1", "u2"])
        #expect(counts.all == 3)
        #expect(counts.users == [2, 1, 0])
    }
}

extension ServeProcess {
    /// The port it listens at, once it does.
    func port() async throws -> Int {
        guard let port = try await event("listening")["port"] as? Int else {
            throw Wire.Failure(description: "the log tells no port")
        }
        return port
    }
}
