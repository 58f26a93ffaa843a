import ExampleSupport
import Foundation
import Motet

/// A simulated shop as one table that a model of all tasks learns from, and what is true of its test rows.
///
/// A row is an impression, with labels of behaviour, returns and fraud, or an item on a day in the scenario `catalogue`, with
/// the units it sold outside of the log. Labels a row does not have are missing. Of the days two thirds are for
/// training, the next ninth chooses epochs, and the rest is judged.
struct ShopLog {
    /// The scenario of items on days.
    static let catalogue = "catalogue"
    /// The parts, in the order of time.
    static let parts = ["train", "validation", "test"]

    /// The columns of all rows, impressions first.
    private(set) var columns: [(name: String, values: TableValues)] = []
    /// For each part the numbers of its rows.
    let rows: [[Int]]
    let truth: ShopTruth

    /// Simulates a shop.
    ///
    /// - Parameter settings: what the shop is like.
    /// - Throws: where it cannot be simulated.
    init(_ settings: SimulationSettings) throws {
        let log = try SimulatedLog(settings)
        let days = try ItemDays(settings)
        let width = settings.latents.dimension
        let names = settings.scenarios + [Self.catalogue]
        let place = Int32(settings.scenarios.count)
        func ids(_ name: String, _ other: [Float]) throws -> TableValues {
            .int32((try log.column(name) + other).map { Int32($0) })
        }
        func numbers(_ name: String, _ other: [Float]? = nil) throws -> TableValues {
            .float32(try log.column(name) + (other ?? days.none))
        }
        let scenario = log.scenario + days.none.map { _ in place }
        columns.append(("scenario", .category(scenario, of: names)))
        columns.append(("item", try ids("item", days.item)))
        columns.append(("category", try ids("category", days.ofItem("category"))))
        columns.append(("seller", try ids("seller", days.ofItem("seller"))))
        columns.append(("weekday", try ids("weekday", days.column("weekday"))))
        // No hour: an id of its own.
        columns.append(("hour", try ids("hour", days.none.map { _ in -1 })))
        for name in ["account_age_days", "device_accounts", "address_accounts", "position"] {
            columns.append((name, try numbers(name)))
        }
        for index in 0..<width { columns.append(("user_\(index)", try numbers("user_\(index)"))) }
        for index in 0..<width {
            columns.append(
                ("item_\(index)", try numbers("item_\(index)", days.ofItem("item_\(index)")))
            )
        }
        // Items cost a few or hundreds: what moves is the price over the item's list price.
        let price = try log.column("price") + days.column("price")
        let list = try days.listPrices
        let item = try log.column("item") + days.item
        columns.append(("price_ratio", .float32(zip(price, item).map { $0 / list[Int($1)] })))
        for label in ["click", "cart", "pay", "returned", "reported_fraud"] {
            columns.append((label, try numbers(label)))
        }
        let units = log.scenario.map { _ in Float.nan } + (try days.unitsElsewhere)
        columns.append(("units", .float32(units)))

        let day = try log.column("day") + days.column("day")
        let (validation, test) = (settings.days * 2 / 3, settings.days * 7 / 9)
        let part = day.map { Int($0) < validation ? 0 : Int($0) < test ? 1 : 2 }
        rows = Self.parts.indices.map { number in part.indices.filter { part[$0] == number } }
        truth = try ShopTruth(log, days, scenario: scenario, names: names).of(rows[2])
    }

    /// Writes a file for each part; files that are there are replaced.
    ///
    /// - Parameter folder: the folder, which is made where there is none.
    /// - Throws: where a file cannot be written.
    func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (part, rows) in zip(Self.parts, rows) {
            let writer = try TableWriter(
                path: "\(folder)/\(part).parquet",
                columns: columns.map { ColumnDescription(name: $0.name, type: $0.values.type) }
            )
            try writer.append(columns.map { $0.values.picked(rows) })
            try writer.finish()
        }
    }
}

extension TableValues {
    /// Some of the values; lists and texts are none of a shop's columns.
    fileprivate func picked(_ rows: [Int]) -> TableValues {
        switch self {
        case .int32(let values): .int32(rows.map { values[$0] })
        case .float32(let values): .float32(rows.map { values[$0] })
        case .category(let codes, let names): .category(rows.map { codes[$0] }, of: names)
        default: self
        }
    }
}

/// What a simulated shop's items sold on its days, and what is true of them.
struct ItemDays {
    private let days: ShopColumns
    private let trueDays: ShopColumns
    private let items: ShopColumns
    private let trueItems: ShopColumns

    /// Simulates a shop in a folder that is removed.
    init(_ settings: SimulationSettings) throws {
        let folder = NSTemporaryDirectory() + "/motet-shop-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try Simulation(settings, version: MotetVersion.current).write(to: folder)
        days = try ShopColumns("\(folder)/item_days.parquet")
        trueDays = try ShopColumns("\(folder)/truth/item_days.parquet")
        items = try ShopColumns("\(folder)/items.parquet")
        trueItems = try ShopColumns("\(folder)/truth/items.parquet")
    }

    /// A column of the table of days.
    func column(_ name: String) throws -> [Float] { try days(name) }

    var item: [Float] { get throws { try days("item") } }

    /// A number for each row that has none.
    var none: [Float] { [Float](repeating: .nan, count: days.rowCount) }

    /// What is known of the item of each row.
    func ofItem(_ name: String) throws -> [Float] {
        let values = try items(name)
        return try item.map { values[Int($0)] }
    }

    /// The list price of each item, by its number.
    var listPrices: [Float] { get throws { try items("reference_price") } }

    /// The units that did not come from the log's rows.
    var unitsElsewhere: [Float] {
        get throws { zip(try days("units_sold"), try days("units_in_log")).map { $0 - $1 } }
    }

    /// The mean of the units elsewhere.
    var expectedUnits: [Float] { get throws { try trueDays("expected_units") } }

    /// The true elasticity of each item, by its number.
    var elasticities: [Float] { get throws { try trueItems("elasticity") } }
}
