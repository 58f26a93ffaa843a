/// What an item's stock does on a day on which it is asked for elsewhere and in the log.
///
/// The `n` units wanted elsewhere are asked for evenly over the day: the `k`-th, from 0, when a share of
/// `(k + 1/2) / n` of the day's rows has gone by. Who comes first is served first, the log before elsewhere at one
/// moment.
struct StockedDay {
    /// The units that others got.
    let soldElsewhere: Int
    /// The orders of the log that were served: the first ones.
    let soldInLog: Int
    /// The share of the day's rows up to which the item is in stock, which ends with the last unit: 1 where it lasts, -1
    /// where there is none in the morning.
    let soldOutAt: Double

    /// Serves a day.
    ///
    /// - Parameters:
    ///   - elsewhere: the units wanted elsewhere.
    ///   - orders: the moments of the log's orders, rising.
    ///   - stock: the units there are; nil for as many as are wanted.
    init(elsewhere: Int, orders: ArraySlice<Double>, stock: Int?) {
        guard let stock, elsewhere + orders.count >= stock else {
            (soldElsewhere, soldInLog, soldOutAt) = (elsewhere, orders.count, 1)
            return
        }
        func moment(_ unit: Int) -> Double { (Double(unit) + 0.5) / Double(elsewhere) }
        /// The units wanted elsewhere before a moment.
        func before(_ time: Double) -> Int {
            var units = min(max(Int(time * Double(elsewhere)), 0), elsewhere)
            while units > 0, moment(units - 1) >= time { units -= 1 }
            while units < elsewhere, moment(units) < time { units += 1 }
            return units
        }
        var served = 0
        for order in orders {
            guard served + before(order) < stock else { break }
            served += 1
        }
        soldInLog = served
        soldElsewhere = stock - served
        let last = served > 0 ? orders[orders.startIndex + served - 1] : -1
        soldOutAt = soldElsewhere > 0 ? max(moment(soldElsewhere - 1), last) : last
    }
}
