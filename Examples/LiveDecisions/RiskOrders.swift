import ExampleSupport
import Motet

/// Asks what to do with the orders of the log, in the order of time, and holds the decisions against who cheated.
struct RiskOrders {
    /// What came of the orders.
    struct Report {
        var orders = 0
        var fake = 0
        /// For each decision how many honest and how many fake orders got it.
        var decisions: [String: (honest: Int, fake: Int)] = [:]
        /// What the decisions cost by the truth, and what to let everything through costs.
        var cost = 0.0
        var costOfAllowing = 0.0
        var times: [Double] = []
    }

    /// The costs of `serve.yaml`.
    private static let (fraud, goodShare, goodFixed, review, catches) = (15.0, 0.25, 5.0, 3.0, 0.9)

    let rows: ImpressionRows
    let shop: ShopClient

    /// Asks about the orders among rows.
    func run(_ range: Range<Int>) throws -> Report {
        var report = Report()
        for row in range where rows.number("pay", row) == 1 {
            let amount = rows.number("price", row) ?? 0
            var item = rows.fields(ImpressionRows.item + ["position"], row)
            item["id"] = "\(rows.integer("item", row))"
            let body: [String: Any] = [
                "id": "order-\(row)", "amount": amount, "currency": "EUR",
                "time": rows.integer("timestamp", row) * 1000,
                "user": rows.fields(ImpressionRows.user, row).merging(
                    ["id": "u\(rows.integer("user", row))"]
                ) { own, _ in own },
                "context": rows.fields(ImpressionRows.visit, row), "items": [item],
                "device": "d\(rows.integer("device", row))",
                "address": "a\(rows.integer("address", row))",
            ]
            let start = ContinuousClock.now
            let answer = try shop.post("/v1/risk", body)
            report.times.append((ContinuousClock.now - start) / .milliseconds(1))
            let decision = answer["decision"] as? String ?? ""
            let isFake = rows.number("fake_order", row) == 1
            report.add(decision, isFake, amount)
        }
        return report
    }
}

extension RiskOrders.Report {
    fileprivate mutating func add(_ decision: String, _ isFake: Bool, _ amount: Double) {
        orders += 1
        if isFake { fake += 1 }
        var counts = decisions[decision] ?? (0, 0)
        if isFake { counts.fake += 1 } else { counts.honest += 1 }
        decisions[decision] = counts
        let missed = isFake ? RiskOrders.missed(amount) : 0
        costOfAllowing += missed
        switch decision {
        case "allow": cost += missed
        case "review": cost += RiskOrders.reviewed(missed)
        default: cost += isFake ? 0 : RiskOrders.refused(amount)
        }
    }
}

extension RiskOrders {
    fileprivate static func missed(_ amount: Double) -> Double { fraud + amount }
    fileprivate static func refused(_ amount: Double) -> Double { goodFixed + goodShare * amount }
    fileprivate static func reviewed(_ missed: Double) -> Double {
        review + (1 - catches) * missed
    }
}
