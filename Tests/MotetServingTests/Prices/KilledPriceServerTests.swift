import Foundation
import MotetDecisions
import Synchronization
import Testing

@testable import MotetServing

@Suite("A server of prices that is killed", .serialized) struct KilledPriceServerTests {
    /// Prices that are asked for until the server goes, with what was told.
    private final class Traffic: Sendable {
        private let state = Mutex(
            (next: 0, told: [String: (price: Double, propensity: Double)](), surprises: [String]())
        )

        var told: [String: (price: Double, propensity: Double)] { state.withLock { $0.told } }
        var surprises: [String] { state.withLock { $0.surprises } }

        /// Asks for prices until the server answers no more.
        func ask(_ port: Int) async {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try? await blocking {
                            while true {
                                let number = self.state.withLock { state in
                                    defer { state.next += 1 }
                                    return state.next
                                }
                                let items = ["x\(number / 3)", "i\(number % 18)", "x\(number / 5)"]
                                let body = PriceShop.body(
                                    Array(Set(items)).sorted(),
                                    item: ",\"present\":20,\"cost\":9,\"item_id\":\"i1\""
                                )
                                let reply = try Wire.post("/v1/price", body, to: port)
                                try self.note(Priced(reply))
                            }
                        }
                    }
                }
            }
        }

        func note(_ priced: Priced) {
            state.withLock { state in
                for (row, decision) in priced.decisions.enumerated() {
                    let new = (price: priced.prices[row], propensity: priced.propensities[row])
                    if let old = state.told[decision], old != new {
                        state.surprises.append("\(decision): \(old), then \(new)")
                    }
                    state.told[decision] = new
                }
            }
        }
    }

    @Test func whatWasToldIsThePriceAfterEveryKill() async throws {
        let shop = try PriceShop.shared.get()
        let name = "killed-\(UUID().uuidString)"
        // A period that does not end within the test.
        let text = PriceShop.settings
            .replacing("store: memory", with: "store: \(name)\n  period: 520w")
            .replacing(
                "items: { files: items.csv, item: item }",
                with: "limits: { candidates: 16 }"
            )
            .replacing("    - { category: hats, ceiling: 30 }\n", with: "")
            .replacing(
                "  columns: { cost: cost, list: list_price, category: category, history: days }\n  history: 5\n",
                with: ""
            )
        try shop.write("\(name).yaml", text)
        let arguments = ["run", "--port", "0", "--config", "\(name).yaml"]
        let traffic = Traffic()
        for round in 0..<3 {
            let server = try ServeProcess(arguments, in: shop.path)
            let port = try await server.port()
            _ = try await server.event("ready")
            async let asking: Void = traffic.ask(port)
            let goal = traffic.told.count + 40 + 17 * round
            for _ in 0..<6000 where traffic.told.count < goal {
                try await Task.sleep(for: .milliseconds(2))
            }
            server.send(SIGKILL)
            _ = try await server.status()
            await asking
            #expect(traffic.told.count >= goal, "round \(round)")
        }
        let last = try ServeProcess(arguments, in: shop.path)
        let port = try await last.port()
        _ = try await last.event("ready")
        // Everything that was told is told again, whatever is said of the items now.
        let told = traffic.told
        for decision in told.keys.sorted() {
            let item = String(decision.split(separator: "@")[1])
            let body = PriceShop.body([item], item: ",\"present\":21,\"cost\":3,\"item_id\":\"i2\"")
            let priced = try Priced(
                try await blocking { try Wire.post("/v1/price", body, to: port) }
            )
            #expect(priced.repeated == [true] && priced.decisions == [decision])
            traffic.note(priced)
        }
        #expect(traffic.surprises.isEmpty, "\(traffic.surprises)")
        last.send(SIGTERM)
        #expect(try await last.status() == 0)
        let log = try PriceLog(files: [shop.file(name) + "/prices-00000001.jsonl"])
        let logged = Dictionary(log.prices.map { ($0.decision, $0.price) }) { $1 }
        for (decision, price) in told { #expect(logged[decision] == price.price, "\(decision)") }
        // And the few whose answer was lost on its way.
        #expect(logged.count <= told.count + 3 * 4 * 3)
        print("3 kills, \(told.count) prices, \(log.prices.count) lines")
    }

    /// A limit on the size of files, which needs no rights: a write fails as on a full disk.
    @Test func aDiskThatIsFullIsToldAndPricesAreChosenAgainLater() async throws {
        let shop = try PriceShop.shared.get()
        let name = "full-\(UUID().uuidString)"
        try shop.write(
            "\(name).yaml",
            PriceShop.settings.replacing("store: memory", with: "store: \(name)\n  period: 520w")
                + "limits: { candidates: 16 }\n"
        )
        let server = try ServeProcess(
            ["run", "--port", "0", "--config", "\(name).yaml"],
            in: shop.path,
            // The signal of the limit would end the program.
            through: ["/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]
        )
        let port = try await server.port()
        _ = try await server.event("ready")
        func price(_ items: [String]) async throws -> Reply {
            try await blocking { try Wire.post("/v1/price", PriceShop.body(items), to: port) }
        }
        let before = try Priced(try await price(["i1", "i2"]))
        func limit(_ bytes: String) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
            process.arguments = ["--pid", "\(server.identifier)", "--fsize=\(bytes)"]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        let file = shop.file(name) + "/prices-00000001.jsonl"
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
        )
        // Room for half a line.
        try limit("\(size + 200):unlimited")
        for _ in 0..<3 {
            let refused = try await price(["i3", "i4"])
            #expect(refused.status == 503, "\(refused.text)")
            #expect(refused.fields["retry-after"] == "1")
            let told = try refused.error()
            #expect(told.code == "price_journal")
            #expect(told.message.contains("None was chosen"), "\(told.message)")
            // What is known needs no room.
            #expect(try Priced(try await price(["i1", "i2"])).constant == before.constant)
        }
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int == size)
        try limit("unlimited:unlimited")
        let after = try Priced(try await price(["i3", "i4"]))
        #expect(after.repeated == [false, false])
        server.send(SIGKILL)
        _ = try await server.status()
        let log = try PriceLog(files: [file])
        #expect(log.prices.map(\.decision) == before.decisions + after.decisions)
    }
}
