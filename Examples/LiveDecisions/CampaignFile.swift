import ExampleSupport
import Foundation
import Motet

/// Writes the campaigns of a simulated shop as the server reads them.
struct CampaignFile {
    /// The folder that `motet simulate` wrote.
    let shop: String
    /// Where the file goes.
    let folder: String

    /// Writes them.
    ///
    /// - Parameter limit: the most campaigns.
    /// - Returns: how many campaigns there are.
    /// - Throws: what keeps the shop from being read, or the file from being written.
    func write(campaigns limit: Int) throws -> Int {
        let items = try RawRows(
            reading: TableSource(["\(shop)/items.parquet"]),
            columns: ["reference_price"]
        )
        let campaigns = try RawRows(
            reading: TableSource(["\(shop)/campaigns.parquet"]),
            columns: ["campaign", "item", "bid_type", "bid", "daily_budget"]
        )
        var lines = ["campaigns:"]
        let count = min(campaigns.count, limit)
        for row in 0..<count {
            func value(_ name: String) -> RawValue { campaigns.columns[name]?[row] ?? .missing }
            guard let item = value("item").number.map({ Int($0) }), let bid = value("bid").number,
                let budget = value("daily_budget").number, case .text(let type) = value("bid_type"),
                let price = items.columns["reference_price"]?[item].number
            else { throw ExampleError("\(shop)/campaigns.parquet: row \(row) is not whole.") }
            lines.append(
                "  - { id: c\(row), currency: EUR, pays: \(type), bid: \(max(bid, 0.01)), budget: \(budget), ads: [ { id: "
                    + "ad\(row), item: \"\(item)\", columns: { price: \(price) } } ] }"
            )
        }
        try AtomicFile.write(
            folder + "/campaigns.yaml",
            text: lines.joined(separator: "\n") + "\n"
        )
        return count
    }
}

extension RawValue {
    /// The number; nil for what is none.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value) where value.isFinite: value
        default: nil
        }
    }
}
