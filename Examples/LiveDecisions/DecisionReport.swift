import Foundation

/// What came of decisions, for a terminal.
struct DecisionReport {
    func text(_ report: AdVisits.Report) -> String {
        """
        ads: \(report.visits) visits of two places, \(report.shown) ads shown, \(report.empty) visits without one
          \(report.charges) clicks and conversions charged, \(money(report.charged)) EUR; \(times(report.times))
        """
    }

    func text(_ report: RiskOrders.Report) -> String {
        let decisions = ["allow", "review", "block"].map { name in
            let counts = report.decisions[name] ?? (0, 0)
            return "\(name) \(counts.honest) honest and \(counts.fake) fake"
        }
        return """
            risk: \(report.orders) orders, \(report.fake) of them fake
              \(decisions.joined(separator: ", "))
              they cost \(money(report.cost)) EUR by the truth, to allow all \(money(report.costOfAllowing)) EUR; \
            \(times(report.times))
            """
    }

    func text(_ report: PricedItems.Report) -> String {
        let reasons = report.reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return """
            prices: \(report.items) items (\(reasons.joined(separator: ", "))), \
            \(number(100 * report.change, 1)) % of the list price and a propensity of \(number(report.propensity, 2)) in the mean
              by the truth a day's margin is \(money(report.after)) EUR, at list prices \(money(report.before)) EUR; \
            \(times(report.times)) for 50 items
            """
    }

    func text(_ report: ForecastItems.Report) -> String {
        """
        forecasts: \(report.items) items for \(report.periods) days, \(number(report.ofItems, 3)) units together; \
        the total is \(number(report.ofTotal, 3))
          orders for \(report.orders) items, \(number(report.ordered, 0)) units; \(times(report.times)) for 50 items
        """
    }

    private func money(_ value: Double) -> String { number(value, 2) }

    private func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private func times(_ times: [Double]) -> String {
        let sorted = times.sorted()
        func share(_ share: Double) -> String {
            guard !sorted.isEmpty else { return "-" }
            let place = Int((share * Double(sorted.count)).rounded(.up)) - 1
            return number(sorted[min(max(place, 0), sorted.count - 1)], 1)
        }
        return "an answer took \(share(0.5)) ms, the slowest hundredth \(share(0.99)) ms"
    }
}
