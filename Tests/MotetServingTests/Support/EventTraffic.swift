import Foundation
import MotetCore
import Synchronization

@testable import MotetServing

/// Batches of events that are sent until each is acknowledged, whatever becomes of the server meanwhile.
final class EventTraffic: Sendable {
    /// The events of a batch.
    static let batchSize = 20
    /// The users of the events; a batch is of one user.
    static let users = (0..<97).map { "u\($0)" }

    private struct State {
        /// Where the server listens; nil while there is none.
        var port: Int?
        var isOver = false
        var next = 0
        var acknowledged = 0
        var retries = 0
        var surprises: [String] = []
    }

    private let state = Mutex(State())

    /// How many batches were taken up; all of them are acknowledged once ``run(callers:)`` has returned.
    var batches: Int { state.withLock { $0.next } }
    /// How many batches are acknowledged.
    var acknowledged: Int { state.withLock { $0.acknowledged } }
    /// How often a batch was sent again, for nobody said what became of it.
    var retries: Int { state.withLock { $0.retries } }
    /// Answers that no server should give.
    var surprises: [String] { state.withLock { $0.surprises } }

    /// A server listens, or none does.
    func lead(to port: Int?) { state.withLock { $0.port = port } }

    /// Takes up no more batches.
    func end() { state.withLock { $0.isOver = true } }

    /// Sends batches until ``end()``, each to its acknowledgement.
    func run(callers: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask { try? await blocking { self.call() } }
            }
        }
    }

    private func call() {
        while true {
            let number = state.withLock { state -> Int? in
                guard !state.isOver else { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let number else { return }
            let body = Self.body(number)
            while !isAcknowledged(body) {
                state.withLock { $0.retries += 1 }
                Thread.sleep(forTimeInterval: 0.01)
            }
            state.withLock { $0.acknowledged += 1 }
        }
    }

    /// Sends a batch once; whether the answer says that all of it counts, now or before.
    private func isAcknowledged(_ body: String) -> Bool {
        guard let port = state.withLock({ $0.port }) else { return false }
        do {
            let reply = try Wire.post("/v1/events", body, to: port)
            if reply.status == 200 {
                let counts = try reply.json()
                let (applied, duplicate) = (counts["applied"] as? Int, counts["duplicate"] as? Int)
                // All or none, for a batch is one entry of the log.
                if [applied, duplicate] == [Self.batchSize, 0]
                    || [applied, duplicate] == [0, Self.batchSize]
                {
                    return true
                }
            }
            // A store that cannot write now says so, and the client comes again.
            if reply.status == 503 || reply.status == 429 { return false }
            state.withLock { $0.surprises.append("\(reply.status) \(reply.text)") }
            return true
        } catch { return false }
    }

    /// The events of a batch: the same ids, times and users whenever it is sent.
    private static func body(_ number: Int) -> String {
        let events = (0..<batchSize).map { place in
            OnlineShop.event(
                "b\(number)-\(place)",
                at: epoch + Int64(number % 1000) * 10 + Int64(place),
                ["view", "click", "exposure"][(number + place) % 3],
                user: user(of: number),
                item: "i\((number + place) % 20)",
                ",\"category\":\"c\(number % 5)\",\"scenario\":\"home\""
            )
        }
        return "[\(events.joined(separator: ","))]"
    }

    /// When this process began: no event is late within the minute that ids are kept.
    private static let epoch = OnlineShop.now - 15_000

    private static func user(of number: Int) -> String { users[number * 31 % users.count] }

    /// How many events each user has once every batch counts exactly once.
    func expected() -> [Int] {
        let batches = batches
        var counts = [Int](repeating: 0, count: Self.users.count)
        for number in 0..<batches { counts[number * 31 % counts.count] += Self.batchSize }
        return counts
    }
}

extension Wire {
    /// Posts JSON over a connection of its own.
    static func post(_ path: String, _ body: String, to port: Int) throws -> Reply {
        let wire = try Wire(port: port)
        return try wire.request("POST", path, body, closing: true)
    }

    /// Sends a request over this connection, and reads the answer.
    func request(
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        closing: Bool = false
    ) throws -> Reply {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        if closing { head += "Connection: close\r\n" }
        if let body {
            head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        }
        send(head + "\r\n" + (body ?? ""))
        return try answer()
    }
}
