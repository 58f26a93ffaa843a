import Foundation
import MotetCore
import Synchronization
import Testing

@testable import MotetServing

/// Everything a shop does, at once, paced so that the server is busy but not flooded.
private final class MixedLoad: Sendable {
    /// What is asked, and how often a second.
    enum Kind: String, CaseIterable {
        case events, again, score, profile, forget

        var rate: Double {
            switch self {
            case .events: 60
            case .again: 2
            case .score: 120
            case .profile: 30
            case .forget: 0.5
            }
        }
    }

    static let batchSize = 20
    private static let users = 1_000
    private static let items = 300

    private struct State {
        var isOver = false
        var answers: [Kind: Int] = [:]
        var applied = 0
        var last: String?
        var problems: [String] = []
    }

    private let state = Mutex(State())
    private let port: Int

    init(port: Int) { self.port = port }

    /// How many events were acknowledged as new.
    var applied: Int { state.withLock { $0.applied } }
    /// How many answers of each kind there were.
    var answers: [Kind: Int] { state.withLock { $0.answers } }
    /// What went wrong.
    var problems: [String] { state.withLock { $0.problems } }

    func end() { state.withLock { $0.isOver = true } }

    /// Asks until ``end()``; each kind over a connection of its own, and two for the most frequent.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for kind in Kind.allCases {
                let callers = kind.rate > 50 ? 2 : 1
                for caller in 0..<callers {
                    group.addTask {
                        try? await blocking {
                            self.call(kind, caller, each: Double(callers) / kind.rate)
                        }
                    }
                }
            }
        }
    }

    private func call(_ kind: Kind, _ caller: Int, each seconds: Double) {
        var random = RandomKey(seed: 5).split(kind.rawValue).split(caller).generator()
        var due = ContinuousClock.now
        var number = 0
        do {
            let wire = try Wire(port: port)
            while !state.withLock({ $0.isOver }) {
                try ask(kind, "\(kind)-\(caller)-\(number)", wire, &random)
                state.withLock { $0.answers[kind, default: 0] += 1 }
                number += 1
                due += .seconds(seconds)
                Thread.sleep(forTimeInterval: max(0, (due - .now) / .seconds(1)))
            }
        } catch { note("\(kind): \(error)") }
    }

    private func note(_ problem: String) { state.withLock { $0.problems.append(problem) } }

    private func ask(
        _ kind: Kind,
        _ name: String,
        _ wire: Wire,
        _ random: inout RandomKeyGenerator
    ) throws {
        let user = "u\(Int.random(in: 0..<Self.users, using: &random))"
        switch kind {
        case .events:
            let body = Self.batch(name, &random)
            try send(body, wire, [Self.batchSize, 0])
            state.withLock { $0.last = body }
        case .again:
            guard let body = state.withLock({ $0.last }) else { return }
            try send(body, wire, [0, Self.batchSize])
        case .score:
            let items = (0..<12).map { _ in
                "{\"id\":\"i\(Int.random(in: 0..<Self.items, using: &random))\",\"price\":3,\"category\":\"c1\"}"
            }
            let body =
                "{\"user\":{\"id\":\"\(user)\"},\"context\":{\"market\":\"home\"},\"items\":[\(items.joined(separator: ","))]}"
            let reply = try wire.request("POST", "/v1/score", body)
            if reply.status != 200 { note("score: \(reply.status) \(reply.text)") }
        case .profile:
            let status = try wire.request("GET", "/v1/users/\(user)/profile").status
            if status != 200, status != 404 { note("profile: \(status)") }
        case .forget: try comeAndGo(name, wire)
        }
    }

    /// A user who comes, is known, is forgotten and stays so.
    private func comeAndGo(_ name: String, _ wire: Wire) throws {
        let path = "/v1/users/\(name)"
        let event = OnlineShop.event(name, at: OnlineShop.now, "view", user: name)
        try send(event, wire, [1, 0])
        let statuses = try [
            wire.request("GET", path + "/profile").status, wire.request("DELETE", path).status,
            wire.request("GET", path + "/profile").status,
        ]
        if statuses != [200, 204, 404] { note("forget: \(statuses)") }
    }

    private func send(_ body: String, _ wire: Wire, _ expected: [Int]) throws {
        let reply = try wire.request("POST", "/v1/events", body)
        guard reply.status == 200 else { return note("events: \(reply.status) \(reply.text)") }
        let counts = try reply.json()
        let found = ["applied", "duplicate", "late"].map { counts[$0] as? Int ?? -1 }
        if found != expected + [0] { note("events: \(reply.text)") }
        state.withLock { $0.applied += found[0] }
    }

    private static func batch(_ name: String, _ random: inout RandomKeyGenerator) -> String {
        let now = OnlineShop.now
        let kinds = ["view", "click", "exposure", "cart", "purchase", "return"]
        let events = (0..<batchSize).map { place in
            let item = Int.random(in: 0..<items, using: &random)
            return OnlineShop.event(
                "\(name)-\(place)",
                at: now - Int64.random(in: 0..<5_000, using: &random),
                kinds[Int.random(in: 0..<kinds.count, using: &random)],
                user: "u\(Int.random(in: 0..<users, using: &random))",
                item: "i\(item)",
                ",\"category\":\"c\(item % 12)\",\"scenario\":\"home\",\"price\":\(item).5"
            )
        }
        return "[\(events.joined(separator: ","))]"
    }
}

@Suite("A server under mixed load") struct SoakTests {
    /// For how long; `make soak` asks for ten minutes.
    private static let seconds =
        ProcessInfo.processInfo.environment["MOTET_SOAK_SECONDS"].flatMap(Double.init) ?? 4
    /// By how much the resident memory may be greater at the end than after the warm-up: what the allocator keeps in
    /// pieces, and one snapshot that is being written.
    private static let growth = (share: 0.1, bytes: 16 << 20)

    /// The memory of a process that is resident, in bytes.
    private static func memory(_ process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test func memoryDoesNotGrowNothingFailsAndNoEventIsLost() async throws {
        let counted = try CountedShop.shared.get()
        let (folder, settings) = try counted.store()
        let server = try ServeProcess(
            ["run", "--port", "0", "--config", settings],
            in: counted.shop.path
        )
        let port = try await server.port()
        _ = try await server.event("ready")
        let load = MixedLoad(port: port)
        async let running: Void = load.run()
        // The ids of events are kept for a minute, and every user and item is met: then memory is to stay.
        let samples = 40
        var memory: [Int] = []
        for _ in 0..<samples {
            try await Task.sleep(for: .seconds(Self.seconds / Double(samples)))
            memory.append(try Self.memory(server.identifier))
        }
        load.end()
        await running
        server.send(SIGTERM)
        #expect(try await server.status() == 0)

        #expect(load.problems.isEmpty, "\(load.problems.prefix(10))")
        #expect(!server.lines.contains { $0.contains("\"level\":\"error\"") })
        for kind in MixedLoad.Kind.allCases { #expect((load.answers[kind] ?? 0) > 0, "\(kind)") }
        let counts = try await counted.counts(in: folder, of: [])
        #expect(counts.all == load.applied)

        // The greatest of the second fifth, against the greatest of the last.
        let warm = memory[8..<16].max() ?? 0
        let end = memory[32...].max() ?? 0
        if Self.seconds >= 150 {
            #expect(
                Double(end) <= Double(warm) * (1 + Self.growth.share) + Double(Self.growth.bytes)
            )
        }
        let answers = MixedLoad.Kind.allCases.map { "\(load.answers[$0] ?? 0) \($0.rawValue)" }
        let mebibytes = memory.map { "\($0 >> 20)" }.joined(separator: " ")
        print(
            "mixed load for \(Self.seconds) s: \(answers.joined(separator: ", ")), "
                + "\(load.applied) events; resident MiB \(mebibytes)"
        )
    }
}
