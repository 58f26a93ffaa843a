import ExampleSupport
import Foundation
import Motet

/// Writes what the servers read of a simulated shop: its items with their list prices, its campaigns, and its sales.
struct ShopFiles {
    /// The folder that `motet simulate` wrote.
    let shop: String
    /// Where the files go.
    let folder: String
    static let itemColumns = ["seller", "category", "item_0", "item_1", "item_2", "item_3"]

    /// Writes them.
    ///
    /// - Parameter limit: the most campaigns.
    /// - Returns: how many campaigns there are.
    /// - Throws: what keeps the shop from being read, or a file from being written.
    func write(campaigns limit: Int) throws -> Int {
        let items = try RawRows(
            reading: TableSource(["\(shop)/items.parquet"]),
            columns: ["item", "reference_price"] + Self.itemColumns
        )
        try writeItems(items)
        try writeSales(items)
        return try writeCampaigns(items, limit)
    }

    private func writeItems(_ items: RawRows) throws {
        func numbers(_ name: String) -> [Double] {
            (0..<items.count).map { items.columns[name]?[$0].number ?? .nan }
        }
        func integers(_ name: String) -> [Int64] { numbers(name).map { Int64($0) } }
        var columns: [(String, TableValues)] = [
            ("item", .string(integers("item").map(String.init)))
        ]
        for name in Self.itemColumns {
            columns.append(
                (
                    name,
                    name.hasPrefix("item_") ? .float64(numbers(name)) : .int64(integers(name))
                )
            )
        }
        columns.append(("list_price", .float64(numbers("reference_price"))))
        try Self.write(columns, to: folder + "/items.parquet")
    }

    /// Units by item and day, as a log of sales has them.
    private func writeSales(_ items: RawRows) throws {
        let days = try RawRows(
            reading: TableSource(["\(shop)/item_days.parquet"]),
            columns: ["item", "day", "price", "units_sold"]
        )
        func integers(_ name: String) -> [Int64] {
            (0..<days.count).map { Int64(days.columns[name]?[$0].number ?? 0) }
        }
        let (item, category) = (integers("item"), items.columns["category"])
        try Self.write(
            [
                ("time", .int64(integers("day").map { Self.start + $0 * 86_400_000 + 43_200_000 })),
                ("item", .string(item.map(String.init))),
                (
                    "category",
                    .string(item.map { "c\(Int(category?[Int($0)].number ?? -1))" })
                ), ("units", .int64(integers("units_sold"))),
                (
                    "price",
                    .float64((0..<days.count).map { days.columns["price"]?[$0].number ?? .nan })
                ),
            ],
            to: folder + "/sales.parquet"
        )
    }

    private static func write(_ columns: [(String, TableValues)], to path: String) throws {
        let writer = try TableWriter(
            path: path,
            columns: columns.map { ColumnDescription(name: $0.0, type: $0.1.type) }
        )
        try writer.append(columns.map(\.1))
        try writer.finish()
    }

    /// The first day of `shop.yaml`, in milliseconds since 1970.
    static let start: Int64 = 1_767_225_600_000

    private func writeCampaigns(_ items: RawRows, _ limit: Int) throws -> Int {
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
