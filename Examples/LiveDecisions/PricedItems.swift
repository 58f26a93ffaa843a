import ExampleSupport
import Foundation
import Motet

/// Asks for the prices of items, and holds them against the demand they were drawn from.
struct PricedItems {
    /// What came of the prices.
    struct Report {
        var items = 0
        var reasons: [String: Int] = [:]
        var propensity = 0.0
        /// The mean of the prices over the present ones.
        var change = 0.0
        /// The margins of a day by the truth: at the present prices, and at those that were answered.
        var (before, after) = (0.0, 0.0)
        var times: [Double] = []
    }

    /// What a unit costs, in parts of its list price, as the simulator has it.
    private static let costShare = 0.6
    private static let batch = 50

    private let shop: ShopClient
    private let list: [Double]
    private let elasticity: [Double]
    private let units: [Double]

    init(_ folder: String, _ shop: ShopClient) throws {
        self.shop = shop
        let items = try RawRows(
            reading: TableSource(["\(folder)/items.parquet"]),
            columns: ["reference_price"]
        )
        let truth = try RawRows(
            reading: TableSource(["\(folder)/truth/items.parquet"]),
            columns: ["elasticity", "mean_units"]
        )
        func numbers(_ rows: RawRows, _ name: String) -> [Double] {
            (0..<rows.count).map { rows.columns[name]?[$0].number ?? .nan }
        }
        list = numbers(items, "reference_price")
        elasticity = numbers(truth, "elasticity")
        units = numbers(truth, "mean_units")
    }

    /// How many items there are.
    var count: Int { list.count }

    /// Asks about every item once.
    func run() throws -> Report {
        var report = Report()
        for first in stride(from: 0, to: list.count, by: Self.batch) {
            let asked = first..<min(first + Self.batch, list.count)
            let body: [String: Any] = [
                "currency": "EUR", "context": ["scenario": "home", "hour": 12, "weekday": 2],
                "items": asked.map { item in
                    [
                        "id": "\(item)", "present": (100 * list[item]).rounded() / 100,
                        "cost": (100 * Self.costShare * list[item]).rounded() / 100,
                    ] as [String: Any]
                },
            ]
            let start = ContinuousClock.now
            let answer = try shop.post("/v1/price", body)
            report.times.append((ContinuousClock.now - start) / .milliseconds(1))
            let priced = answer["items"] as? [[String: Any]] ?? []
            guard priced.count == asked.count else {
                throw ExampleError(
                    "POST /v1/price: the answer has not as many items as were asked about."
                )
            }
            for (item, one) in zip(asked, priced) {
                let price = one["price"] as? Double ?? .nan
                report.items += 1
                report.reasons[one["reason"] as? String ?? "", default: 0] += 1
                report.propensity += one["propensity"] as? Double ?? 0
                report.change += price / list[item]
                report.before += margin(item, list[item])
                report.after += margin(item, price)
            }
        }
        report.propensity /= Double(max(report.items, 1))
        report.change /= Double(max(report.items, 1))
        return report
    }

    /// The margin of a day that an item has at a price, by the truth.
    private func margin(_ item: Int, _ price: Double) -> Double {
        units[item] * pow(price / list[item], elasticity[item])
            * (price - Self.costShare * list[item])
    }
}
