import MotetData
import MotetFeatures

/// Prices that a shop had planned, and when it was known.
public struct PlannedPrices: Sendable {
    private struct Plan {
        var from: Int
        var until: Int
        var announced: Int
        var price: Double
    }

    private var plans: [String: [Plan]] = [:]

    /// No plans.
    public init() {}

    /// Adds a plan.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - price: the price of a unit.
    ///   - from: the first day, as days since 1970-01-01.
    ///   - until: the last day.
    ///   - announced: the day since which the plan is known.
    /// - Throws: ``ForecastError`` for a price below 0 or days in no order.
    public mutating func add(
        _ item: String,
        price: Double,
        from: Int,
        until: Int,
        announced: Int
    ) throws(ForecastError) {
        guard price >= 0, price <= UnitCount.greatest, from <= until else {
            throw ForecastError(
                .salesPanel,
                "planned price of \"\(item)\": it cannot hold; expected a price of at least 0, and a last day that is "
                    + "not before the first; received \(price) from \(CalendarDay(from)) to \(CalendarDay(until))."
            )
        }
        plans[item, default: []].append(
            Plan(from: from, until: until, announced: announced, price: price)
        )
    }

    /// The mean price planned for the days of a period, as it was known at the end of another one.
    ///
    /// Of plans for one day the one announced last holds. Days without a plan do not count.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - days: the days of the period.
    ///   - known: the last day whose announcements are known.
    /// - Returns: the price; nil where nothing was planned.
    public func price(_ item: String, days: ClosedRange<Int>, known: Int) -> Double? {
        guard let plans = plans[item] else { return nil }
        var (sum, count) = (0.0, 0)
        for day in days {
            var best: Plan?
            for plan in plans
            where plan.announced <= known && (plan.from...plan.until).contains(day) {
                if plan.announced >= best?.announced ?? .min { best = plan }
            }
            guard let best else { continue }
            sum += best.price
            count += 1
        }
        return count > 0 ? sum / Double(count) : nil
    }

    /// Reads the table of plans.
    ///
    /// - Parameters:
    ///   - settings: where it is.
    ///   - offset: milliseconds that the shop's clock is ahead of the table's.
    /// - Throws: ``ForecastError`` for a plan without an item, a price, its days or the day of its announcement: a price of
    ///   which nobody knows since when it was known would tell the future.
    public init(_ settings: PanelSettings.Plans, offset: Int64 = 0) throws {
        self.init()
        let columns = [
            settings.item, settings.price, settings.from, settings.until, settings.announced,
        ]
        let reader = try TableSource(settings.files).reader(of: columns)
        let names = NameReader()
        while let batch = try reader.next() {
            let items = try names.names(batch.column(settings.item))
            let prices = try numbers(batch.column(settings.price))
            let days = try [settings.from, settings.until, settings.announced].map { name in
                try times(batch.column(name), settings.unit).map { time in
                    time.map { SalesPeriod.day(of: $0, offset: offset) }
                }
            }
            for row in 0..<batch.rowCount {
                guard let item = items[row], let from = days[0][row], let until = days[1][row],
                    let announced = days[2][row]
                else {
                    throw ForecastError(
                        .salesPanel,
                        "\(reader.place(ofRow: row, in: batch)): a planned price lacks something; expected an item, "
                            + "its days, and the day it was announced."
                    )
                }
                try add(item, price: prices[row], from: from, until: until, announced: announced)
            }
        }
    }
}
