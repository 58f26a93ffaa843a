import ExampleSupport
import Motet

/// Asks for the demand of the coming week, with what to order.
struct ForecastItems {
    /// What was forecast.
    struct Report {
        var items = 0
        var periods = 0
        /// The sums of the items' means, of the categories' and the total's.
        var (ofItems, ofTotal) = (0.0, 0.0)
        /// Items for which something is to be ordered, and how many units of all.
        var orders = 0
        var ordered = 0.0
        var times: [Double] = []
    }

    let shop: ShopClient
    let items: Int
    private static let batch = 50

    /// Asks about every item, and once about everything.
    func run() throws -> Report {
        var report = Report()
        for first in stride(from: 0, to: items, by: Self.batch) {
            let asked = first..<min(first + Self.batch, items)
            let body: [String: Any] = [
                "items": asked.map { item in
                    [
                        "id": "\(item)",
                        "reorder": ["price": 10, "cost": 6, "stock": 5, "on_order": 0, "pack": 6],
                    ] as [String: Any]
                }, "total": true, "horizon": 7,
            ]
            let start = ContinuousClock.now
            let answer = try shop.post("/v1/forecast", body)
            report.times.append((ContinuousClock.now - start) / .milliseconds(1))
            for item in answer["items"] as? [[String: Any]] ?? [] {
                report.items += 1
                let forecasts = item["forecasts"] as? [[String: Any]] ?? []
                report.periods = forecasts.count
                report.ofItems += forecasts.reduce(0) { $0 + ($1["mean"] as? Double ?? 0) }
                let order = item["reorder"] as? [String: Any] ?? [:]
                let quantity = order["quantity"] as? Double ?? 0
                if quantity > 0 { report.orders += 1 }
                report.ordered += quantity
            }
            let total = answer["total"] as? [String: Any] ?? [:]
            let forecasts = total["forecasts"] as? [[String: Any]] ?? []
            report.ofTotal = forecasts.reduce(0) { $0 + ($1["mean"] as? Double ?? 0) }
        }
        return report
    }
}
