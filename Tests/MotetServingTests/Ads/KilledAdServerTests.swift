import Foundation
import Synchronization
import Testing

@testable import MotetServing

@Suite("A server of ads that is killed", .serialized) struct KilledAdServerTests {
    /// Sales and their clicks, each sent until it is answered.
    private final class Traffic: Sendable {
        struct State {
            var port: Int?
            /// Sales begin while fewer clicks than this were charged, so that the budget lasts for every round.
            var limit = 0
            var isOver = false
            var next = 0
            /// What each sale was told to pay, whenever it was asked for.
            var prices: [Int: Double] = [:]
            /// What each click cost.
            var charged: [Int: Double] = [:]
            var surprises: [String] = []
        }
        let state = Mutex(State())
        /// Enough for load in every round.
        static let budget = 300.0

        func run(callers: Int) async {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<callers { group.addTask { try? await blocking { self.call() } } }
            }
        }

        private func call() {
            while true {
                let number = state.withLock { state -> Int? in
                    guard !state.isOver, state.charged.count < state.limit else { return nil }
                    defer { state.next += 1 }
                    return state.next
                }
                guard let number else {
                    if state.withLock({ $0.isOver }) { return }
                    Thread.sleep(forTimeInterval: 0.001)
                    continue
                }
                let items = [
                    AdShop.item(
                        "a",
                        campaign: "one",
                        item: number % 20,
                        bid: 2,
                        budget: Self.budget
                    ),
                    AdShop.item("b", campaign: "two", item: 3, bid: 1, budget: 10_000),
                ]
                let sale =
                    "{\"user\":{\"user_id\":\"u1\"},\"context\":{\"market\":\"home\"},\"sale\":\"s\(number)\","
                    + "\"items\":[\(items.joined(separator: ","))]}"
                let sold = answer("/v1/ads", sale)
                guard let ad = (sold["ads"] as? [[String: Any]])?.first, ad["ad"] as? String == "a"
                else { continue }
                state.withLock { $0.prices[number] = ad["price"] as? Double }
                let click =
                    "{\"events\":[{\"sale\":\"s\(number)\",\"ad\":\"a\",\"type\":\"click\"}]}"
                let made = answer("/v1/ads/events", click)
                guard let event = (made["events"] as? [[String: Any]])?.first,
                    let amount = event["amount"] as? Double,
                    let outcome = event["outcome"] as? String
                else { continue }
                state.withLock { state in
                    state.charged[number] = amount
                    // Sent again after a kill it may have counted before.
                    if !["charged", "repeated", "exhausted"].contains(outcome) {
                        state.surprises.append("\(outcome) of s\(number)")
                    }
                    if amount != 0, amount != state.prices[number] {
                        state.surprises.append("s\(number) cost \(amount)")
                    }
                }
            }
        }

        /// Sends a body until it is answered.
        private func answer(_ path: String, _ body: String) -> [String: Any] {
            while true {
                if let port = state.withLock({ $0.port }),
                    let reply = try? Wire.post(path, body, to: port)
                {
                    if reply.status == 200, let json = try? reply.json() { return json }
                    if reply.status != 503, reply.status != 429 {
                        state.withLock { $0.surprises.append("\(reply.status) \(reply.text)") }
                        return [:]
                    }
                }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }

    @Test func whatWasSoldIsChargedOnceAndNoMoreThanTheBudgetAndOnePrice() async throws {
        let shop = try AdShop.shared.get()
        let name = "killed-\(UUID().uuidString)"
        try shop.write(
            "\(name).yaml",
            "ads: { folder: \(name), currency: EUR, click: click, pacing: { gain: 0 } }\nlimits: { candidates: 16 }\n"
        )
        let arguments = ["run", "--port", "0", "--config", "\(name).yaml"]
        let traffic = Traffic()
        async let running: Void = traffic.run(callers: 8)
        for round in 0..<3 {
            let server = try ServeProcess(arguments, in: shop.path)
            let port = try await server.port()
            let goal = traffic.state.withLock { state in
                let goal = state.charged.count + 8 + 5 * round
                (state.port, state.limit) = (port, goal + 40)
                return goal
            }
            for _ in 0..<6000 where traffic.state.withLock({ $0.charged.count }) < goal {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(
                traffic.state.withLock { $0.charged.count } >= goal,
                "round \(round) had no load"
            )
            server.send(SIGKILL)
            traffic.state.withLock { $0.port = nil }
            _ = try await server.status()
        }
        let last = try ServeProcess(arguments, in: shop.path)
        let port = try await last.port()
        traffic.state.withLock { ($0.port, $0.limit) = (port, .max) }
        // Until the budget is spent.
        for _ in 0..<6000
        where traffic.state.withLock({ $0.charged.values.reduce(0, +) }) < Traffic.budget {
            try await Task.sleep(for: .milliseconds(5))
        }
        traffic.state.withLock { $0.isOver = true }
        await running
        let text = try await blocking { try Wire.get("/metrics", from: port).text }
        let (charged, surprises) = traffic.state.withLock { ($0.charged, $0.surprises) }
        #expect(surprises.isEmpty, "\(surprises)")
        let total = charged.values.reduce(0, +)
        let greatest = try #require(charged.values.max())
        #expect(total >= Traffic.budget - 1e-6)
        #expect(total < Traffic.budget + greatest)
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("motet_ads_spent{campaign=\"one\"}")
        }
        let spent = try #require(line?.split(separator: " ").last.flatMap { Double($0) })
        #expect(abs(spent - total) < 1e-6, "the ledger says \(spent), the clients paid \(total)")
        last.send(SIGTERM)
        #expect(try await last.status() == 0)
        print("3 kills, \(charged.count) clicks, \(spent) of \(Traffic.budget) spent")
    }
}

extension Wire {
    /// Gets a path over a connection of its own.
    static func get(_ path: String, from port: Int) throws -> Reply {
        let wire = try Wire(port: port)
        wire.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return try wire.answer()
    }
}
