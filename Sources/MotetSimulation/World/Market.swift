import MotetCore

/// Prices, demand and stock of every item on every day.
///
/// With the shock `x` of an item's demand, a stationary autoregression that no observed column shows, and the
/// shock `c` of its costs:
///
///     log price  = log reference + endogeneity x + c + log(1 - discount) promotion
///     log demand = log units + elasticity (log price - log reference) + calendar + x
///
/// Units wanted elsewhere are a Poisson number of that mean; the log's orders come on top. All take from one stock,
/// which is filled up to `cover` mean demands every few days: see `StockedDay`.
struct Market: Sendable {
    let days: Int
    /// `[N, days]`, as everything here.
    let price: [Float]
    let cost: [Float]
    let promotion: [Bool]
    let shock: [Float]
    /// The mean of the units wanted elsewhere.
    let expectedUnits: [Float]
    /// The units wanted elsewhere.
    let wantedElsewhere: [Int32]
    /// The orders that the log's rows would place, were everything in stock.
    private(set) var ordered: [Int32]
    /// The orders that they place.
    private(set) var soldInLog: [Int32]
    /// The units sold, elsewhere and in the log.
    private(set) var sold: [Int32]
    /// The units in stock in the morning, -1 for stock without end.
    private(set) var stock: [Int32]
    /// The share of the day's rows up to which the item is in stock; see `StockedDay`.
    private(set) var soldOutAt: [Double]

    /// The units wanted, elsewhere and in the log.
    func wanted(_ row: Int) -> Int32 {
        Int32(clamping: Int(wantedElsewhere[row]) + Int(ordered[row]))
    }

    /// What an ordinary item costs, in parts of its reference price.
    static let costShare = 0.6

    init(
        _ settings: SimulationSettings,
        catalogue: Catalogue,
        traffic: Traffic,
        key: RandomKey
    ) {
        days = settings.days
        var rows = Rows(capacity: catalogue.count * settings.days)
        for item in 0..<catalogue.count {
            rows.append(
                item: item,
                settings: settings,
                catalogue: catalogue,
                traffic: traffic,
                key: key.split(item)
            )
        }
        price = rows.price
        cost = rows.cost
        promotion = rows.promotion
        shock = rows.shock
        expectedUnits = rows.expectedUnits
        wantedElsewhere = rows.wanted
        ordered = rows.wanted.map { _ in 0 }
        soldInLog = ordered
        sold = rows.wanted
        stock = rows.wanted.map { _ in -1 }
        soldOutAt = rows.wanted.map { _ in 1 }
    }

    /// Sells what the stock allows, day by day, elsewhere and to the log's orders; before, there is stock without end.
    ///
    /// The mean demand by which stock is filled up is that of an ordinary day elsewhere and the log's mean orders a day.
    mutating func sell(to orders: LogOrders, _ settings: SimulationSettings, _ catalogue: Catalogue)
    {
        let demand = settings.demand
        let isLimited = demand.stockCover > 0
        for item in 0..<catalogue.count {
            let rows = (item * days)..<((item + 1) * days)
            let mean = Double(catalogue.units[item]) + Double(orders.count(rows)) / Double(days)
            let cover = (mean * demand.stockCover * Double(demand.restockDays)).rounded(.up)
            let full = Int32(min(cover, Double(Int32.max)))
            var left = full
            for (day, row) in rows.enumerated() {
                if day % demand.restockDays == 0 { left = full }
                let served = StockedDay(
                    elsewhere: Int(wantedElsewhere[row]),
                    orders: orders[row],
                    stock: isLimited ? Int(left) : nil
                )
                ordered[row] = Int32(clamping: orders[row].count)
                soldInLog[row] = Int32(clamping: served.soldInLog)
                sold[row] = Int32(clamping: served.soldElsewhere + served.soldInLog)
                stock[row] = isLimited ? left : -1
                soldOutAt[row] = served.soldOutAt
                if isLimited { left -= sold[row] }
            }
        }
    }

    private struct Rows {
        var price: [Float] = []
        var cost: [Float] = []
        var promotion: [Bool] = []
        var shock: [Float] = []
        var expectedUnits: [Float] = []
        var wanted: [Int32] = []

        init(capacity: Int) {
            price.reserveCapacity(capacity)
            cost.reserveCapacity(capacity)
            promotion.reserveCapacity(capacity)
            shock.reserveCapacity(capacity)
            expectedUnits.reserveCapacity(capacity)
            wanted.reserveCapacity(capacity)
        }

        mutating func append(
            item: Int,
            settings: SimulationSettings,
            catalogue: Catalogue,
            traffic: Traffic,
            key: RandomKey
        ) {
            let prices = settings.prices
            let (shocks, costs) = (key.split("shock"), key.split("cost"))
            let (promotions, buyers) = (key.split("promotion"), key.split("units"))
            let reference = Double(catalogue.referencePrice[item])
            let elasticity = Double(catalogue.elasticity[item])
            let units = Double(catalogue.units[item])
            let memory = prices.shockMemory
            let fresh = (1 - memory * memory).squareRoot()
            var level = shocks.normal(settings.days)
            for day in 0..<settings.days {
                if day > 0 { level = memory * level + fresh * shocks.normal(day) }
                let shock = prices.shock * level
                let costShock = prices.variation * costs.normal(day)
                let isReduced = promotions.uniform(day) < prices.promotions
                let logPrice =
                    prices.endogeneity * shock + costShock
                    + (isReduced ? logarithm(1 - prices.discount) : 0)
                let mean =
                    units
                    * exponential(elasticity * logPrice + traffic.logCalendar[day] + shock)
                let wants = Int32(min(buyers.split(day).poisson(mean: mean), Int(Int32.max)))
                price.append(Float(reference * exponential(logPrice)))
                cost.append(Float(Market.costShare * reference * exponential(costShock)))
                promotion.append(isReduced)
                self.shock.append(Float(shock))
                expectedUnits.append(Float(mean))
                wanted.append(wants)
            }
        }
    }
}
