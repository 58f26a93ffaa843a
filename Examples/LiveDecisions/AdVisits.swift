import ExampleSupport
import Motet

/// Sells the places of visits to the simulated shop's campaigns, and sends what is clicked and bought.
///
/// Whether an ad is clicked is drawn with the probability the model gives: the log has no truth of what it did not show.
struct AdVisits {
    /// What came of the visits.
    struct Report {
        var visits = 0
        var shown = 0
        var empty = 0
        var charges = 0
        var charged = 0.0
        var times: [Double] = []
    }

    let rows: ImpressionRows
    let shop: ShopClient

    /// Replays visits.
    ///
    /// - Parameters:
    ///   - visits: the rows.
    ///   - key: what clicks are drawn with.
    /// - Returns: what came of them.
    /// - Throws: `ExampleError` where the server refuses.
    func run(_ visits: Range<Int>, _ key: RandomKey) throws -> Report {
        var report = Report()
        var random = key.generator()
        for row in visits {
            let body: [String: Any] = [
                "user": rows.fields(ImpressionRows.user, row).merging(
                    ["id": "u\(rows.integer("user", row))"]
                ) { own, _ in own },
                "context": rows.fields(ImpressionRows.visit, row), "sale": "visit-\(row)",
                "explain": true,
            ]
            let start = ContinuousClock.now
            let answer = try shop.post("/v1/ads", body)
            report.times.append((ContinuousClock.now - start) / .milliseconds(1))
            report.visits += 1
            let ads = answer["ads"] as? [[String: Any]] ?? []
            if ads.isEmpty { report.empty += 1 }
            var events: [[String: Any]] = []
            for ad in ads {
                report.shown += 1
                let explained = ad["explain"] as? [String: Any] ?? [:]
                let isClick = ad["charged_for"] as? String == "click"
                let click = explained["click"] as? Double ?? 0
                let conversion = explained["conversion"] as? Double ?? 0
                let clicked = random.nextUniform() < click
                guard clicked, isClick || random.nextUniform() < conversion else { continue }
                events.append([
                    "sale": "visit-\(row)", "ad": ad["ad"] as? String ?? "",
                    "type": isClick ? "click" : "conversion",
                ])
            }
            guard !events.isEmpty else { continue }
            let made = try shop.post("/v1/ads/events", ["events": events])
            for event in made["events"] as? [[String: Any]] ?? []
            where event["outcome"] as? String == "charged" {
                report.charges += 1
                report.charged += event["amount"] as? Double ?? 0
            }
        }
        return report
    }
}
