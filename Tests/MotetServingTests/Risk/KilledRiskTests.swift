import Foundation
import MotetDecisions
import Synchronization
import Testing

@testable import MotetServing

/// Orders that are sent until the server goes, with the answers they got.
private final class OrderTraffic: Sendable {
    private let state = Mutex((next: 0, answers: [Int: Data]()))

    /// The answers by number of the order.
    var answers: [Int: Data] { state.withLock { $0.answers } }

    static func body(_ number: Int) -> String {
        RiskShop.order(
            "k\(number)",
            amount: Double(1 + number % 400),
            ",\"device\":\"d\(number % 5)\""
        )
    }

    /// Sends orders, each once, until the server answers no more.
    func send(to port: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try? await blocking {
                        while true {
                            let number = self.state.withLock { state in
                                defer { state.next += 1 }
                                return state.next
                            }
                            let reply = try Wire.post("/v1/risk", Self.body(number), to: port)
                            guard reply.status == 200 else { continue }
                            self.state.withLock { $0.answers[number] = Data(reply.body) }
                        }
                    }
                }
            }
        }
    }
}

@Suite("Risk on a server that is killed", .serialized) struct KilledRiskTests {
    @Test func whatWasAnsweredIsKnownAfterEveryKill() async throws {
        let shop = try ServedShop.shared.get()
        let name = "killed-\(UUID().uuidString)"
        try shop.write(
            "\(name).yaml",
            RiskShop.settings.replacing("store: memory", with: "store: \(name)")
        )
        let arguments = ["run", "--port", "0", "--config", "\(name).yaml"]
        let traffic = OrderTraffic()
        for round in 0..<3 {
            let server = try ServeProcess(arguments, in: shop.path)
            let port = try await server.port()
            _ = try await server.event("ready")
            async let orders: Void = traffic.send(to: port)
            let goal = traffic.answers.count + 30 + 17 * round
            for _ in 0..<6000 where traffic.answers.count < goal {
                try await Task.sleep(for: .milliseconds(2))
            }
            server.send(SIGKILL)
            _ = try await server.status()
            await orders
            #expect(traffic.answers.count >= goal, "round \(round)")
        }
        let last = try ServeProcess(arguments, in: shop.path)
        let port = try await last.port()
        _ = try await last.event("ready")
        let answers = traffic.answers
        for (number, data) in answers {
            let first = try Judged(Reply(status: 200, fields: [:], body: Array(data)))
            let again = try Judged(
                try await blocking {
                    try Wire.post("/v1/risk", OrderTraffic.body(number), to: port)
                }
            )
            #expect(first.isRepeated == false && again.isRepeated == true)
            #expect(again.constant == first.constant, "order \(number)")
        }
        last.send(SIGTERM)
        #expect(try await last.status() == 0)
        // Those that were answered, and the few whose answer was lost on its way.
        let ledger = try RiskLedger(folder: shop.file(name))
        #expect(ledger.orders >= answers.count && ledger.orders <= answers.count + 3 * 4)
    }
}
