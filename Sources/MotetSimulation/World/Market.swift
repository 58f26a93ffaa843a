import MotetCore

/// Prices, demand and stock of every item on every day.
///
/// With the shock `x` of an item's demand, a stationary autoregression that no observed column shows, and the
/// shock `c` of its costs:
///
///     log price  = log reference + endogeneity x + c + log(1 - discount) promotion
///     log demand = log units + elasticity (log price - log reference) + calendar + x
///
/// Units wanted are a Poisson number of that mean; units sold are those that the stock allows. Stock is filled up
/// to `cover` mean demands every few days. On a day on which more is wanted than there is, the item is sold out
/// from the moment at which the same share of the day's rows has gone by as the stock is of the units wanted.
struct Market: Sendable {
    let days: Int
    /// `[N, days]`, as everything here.
    let price: [Float]
    let cost: [Float]
    let promotion: [Bool]
    let shock: [Float]
    let expectedUnits: [Float]
    let wanted: [Int32]
    let sold: [Int32]
    /// The units in stock in the morning, -1 for stock without end.
    let stock: [Int32]
    /// The share of the day's rows after which the item is sold out; 1 where it never is.
    let soldOutAt: [Float]

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
        wanted = rows.wanted
        sold = rows.sold
        stock = rows.stock
        soldOutAt = rows.soldOutAt
    }

    private struct Rows {
        var price: [Float] = []
        var cost: [Float] = []
        var promotion: [Bool] = []
        var shock: [Float] = []
        var expectedUnits: [Float] = []
        var wanted: [Int32] = []
        var sold: [Int32] = []
        var stock: [Int32] = []
        var soldOutAt: [Float] = []

        init(capacity: Int) {
            price.reserveCapacity(capacity)
            cost.reserveCapacity(capacity)
            promotion.reserveCapacity(capacity)
            shock.reserveCapacity(capacity)
            expectedUnits.reserveCapacity(capacity)
            wanted.reserveCapacity(capacity)
            sold.reserveCapacity(capacity)
            stock.reserveCapacity(capacity)
            soldOutAt.reserveCapacity(capacity)
        }

        mutating func append(
            item: Int,
            settings: SimulationSettings,
            catalogue: Catalogue,
            traffic: Traffic,
            key: RandomKey
        ) {
            let (prices, demand) = (settings.prices, settings.demand)
            let (shocks, costs) = (key.split("shock"), key.split("cost"))
            let (promotions, buyers) = (key.split("promotion"), key.split("units"))
            let reference = Double(catalogue.referencePrice[item])
            let elasticity = Double(catalogue.elasticity[item])
            let units = Double(catalogue.units[item])
            let memory = prices.shockMemory
            let fresh = (1 - memory * memory).squareRoot()
            let full = Int32((units * demand.stockCover * Double(demand.restockDays)).rounded(.up))
            let isLimited = demand.stockCover > 0
            var level = shocks.normal(settings.days)
            var left = full
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
                if day % demand.restockDays == 0 { left = full }
                let bought = isLimited ? min(wants, left) : wants
                price.append(Float(reference * exponential(logPrice)))
                cost.append(Float(Market.costShare * reference * exponential(costShock)))
                promotion.append(isReduced)
                self.shock.append(Float(shock))
                expectedUnits.append(Float(mean))
                wanted.append(wants)
                sold.append(bought)
                stock.append(isLimited ? left : -1)
                soldOutAt.append(bought < wants ? Float(bought) / Float(wants) : 1)
                if isLimited { left -= bought }
            }
        }
    }
}
