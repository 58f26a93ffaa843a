import ExampleSupport
import Foundation
import Motet

/// Replays visits against a server: its scores are asked for before a visit, and the visit's purchases sent after it.
struct Replay {
    private let log: PurchaseLog
    private let shop: ShopClient
    private let options: LiveOptions
    private var candidates = Candidates()
    private var report = ReplayReport()
    /// Whether the server recommends.
    private var recommends = false

    init(_ log: PurchaseLog, _ shop: ShopClient, _ options: LiveOptions) {
        self.log = log
        self.shop = shop
        self.options = options
    }

    /// Sends the history, then the hours, each visit when it is due.
    mutating func run() throws -> ReplayReport {
        let start = options.day
        let end = start + Int64(options.hours) * 3_600_000
        let visits = log.visits(start..<end)
        guard let first = visits.first, let last = visits.last else {
            throw ExampleError(
                "--day: nobody bought anything then; expected a day from 2017-04-02 to 2017-12-30."
            )
        }
        let paths = try shop.get("/openapi.json")["paths"] as? [String: Any]
        recommends = paths?["/v1/recommend"] != nil
        try sendHistory(log.visits((start - Candidates.ownTime)..<start))
        let span = Double(max(1, last.time - first.time))
        let clock = ContinuousClock()
        let began = clock.now
        var hour: Int64 = -1
        for visit in visits {
            let share = Double(visit.time - first.time) / span
            let due = began + .seconds(options.seconds * share)
            let early = clock.now.duration(to: due)
            if early > .zero { Thread.sleep(forTimeInterval: early / .seconds(1)) }
            if visit.time / 3_600_000 != hour {
                hour = visit.time / 3_600_000
                Self.tell("\(Self.clock(visit.time)): \(report.line)")
            }
            try ask(visit, due: max(due, began))
            try send([visit])
            candidates.add(visit)
        }
        report.seconds = (clock.now - began) / .seconds(1)
        report.hours = options.hours
        return report
    }

    private mutating func sendHistory(_ visits: ArraySlice<PurchaseLog.Visit>) throws {
        let total = visits.reduce(0) { $0 + $1.lines.count }
        var (batch, count, sent, told) = ([PurchaseLog.Visit](), 0, 0, 0)
        let clock = ContinuousClock()
        let began = clock.now
        for (index, visit) in visits.enumerated() {
            candidates.add(visit)
            batch.append(visit)
            count += visit.lines.count
            let next = visits.index(visits.startIndex, offsetBy: index + 1)
            let more = next < visits.endIndex ? visits[next].lines.count : Int.max / 2
            guard count + more > Self.batchEvents else { continue }
            try post(batch)
            sent += count
            (batch, count) = ([], 0)
            if sent - told >= 100_000 || next == visits.endIndex {
                told = sent
                Self.tell("history: \(sent) of \(total) events")
            }
        }
        report.history = total
        report.historySeconds = (clock.now - began) / .seconds(1)
    }

    private static let batchEvents = 1000

    /// Asks for the scores of a household's candidates, and counts what of the best ten it bought.
    private mutating func ask(
        _ visit: PurchaseLog.Visit,
        due: ContinuousClock.Instant
    ) throws {
        let items = candidates.items(of: visit.user, at: visit.time)
        guard !items.isEmpty else { return }
        let body: [String: Any] = [
            "user": ["id": "\(visit.user)"],
            "context": ["moment": visit.moment], "time": visit.time,
            "items": items.map { id in
                let item = log.item(id)
                return [
                    "id": "\(id)", "item": Int(id), "category": item.category,
                    "department": item.department, "brand": item.brand,
                ] as [String: Any]
            },
        ]
        let answer = try shop.post("/v1/score", body)
        report.scoreTimes.append((ContinuousClock.now - due) / .milliseconds(1))
        let scored = answer["items"] as? [[String: Any]] ?? []
        let scores = scored.map { ($0["scores"] as? [String: Double])?["bought"] ?? -1 }
        guard scores.count == items.count else {
            throw ExampleError(
                "POST /v1/score: the answer has not as many items as were asked about."
            )
        }
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        let bought = visit.items
        report.items += items.count
        report.add(.model, order.prefix(ReplayReport.length).map { items[$0] }, bought)
        report.add(.own, candidates.own(of: visit.user, at: visit.time), bought)
        report.add(.popular, candidates.popular(at: visit.time), bought)
        if recommends { try askForList(visit) }
        report.visits += 1
    }

    /// Asks for ten items of the whole catalogue.
    private mutating func askForList(_ visit: PurchaseLog.Visit) throws {
        let start = ContinuousClock.now
        let body: [String: Any] = [
            "user": ["id": "\(visit.user)"],
            "context": ["moment": visit.moment], "time": visit.time,
            "limit": ReplayReport.length,
        ]
        let answer = try shop.post("/v1/recommend", body)
        report.listTimes.append((ContinuousClock.now - start) / .milliseconds(1))
        let items = answer["items"] as? [[String: Any]] ?? []
        let list = items.compactMap { ($0["id"] as? String).flatMap { Int32($0) } }
        report.add(.list, list, visit.items)
    }

    private mutating func send(_ visits: [PurchaseLog.Visit]) throws {
        let start = ContinuousClock.now
        try post(visits)
        report.eventTimes.append((ContinuousClock.now - start) / .milliseconds(1))
    }

    private func post(_ visits: [PurchaseLog.Visit]) throws {
        let events = visits.flatMap { visit in
            visit.lines.map { line in
                [
                    "id": "\(line.number)", "time": visit.time, "kind": "purchase",
                    "user": "\(visit.user)", "item": "\(line.item)",
                    "category": log.item(line.item).category,
                ] as [String: Any]
            }
        }
        var rest = events[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.batchEvents)
            rest = rest.dropFirst(part.count)
            _ = try shop.post("/v1/events", Array(part))
        }
    }

    private static func tell(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// The day and the hour of a time.
    private static func clock(_ time: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(time / 3_600_000 * 3600))
        return date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
            .replacing("T", with: " ").prefix(16).description
    }
}
