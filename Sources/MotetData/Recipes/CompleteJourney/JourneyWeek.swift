/// One week's visits: a household in a store, and what it bought there in that week.
struct JourneyWeek: Sendable {
    /// What a household bought of one product in one store and week.
    struct Purchase: Hashable, Sendable {
        let product: Int32
        var quantity: Int
        var usesCoupon: Bool
    }

    /// A household in a store; its purchases are ordered by product.
    struct Visit: Hashable, Sendable {
        let household: Int32
        let store: Int32
        let purchases: Range<Int>
    }

    /// The number of the week, from 1.
    let week: Int
    /// The lines of the week in ``JourneyTransactions``.
    let lines: Range<Int>
    /// The visits, ordered by store and household.
    private(set) var visits: [Visit] = []
    /// The purchases of all visits.
    private(set) var purchases: [Purchase] = []

    /// Gathers the lines of a week into visits.
    init(_ week: Int, lines: Range<Int>, of transactions: JourneyTransactions) {
        self.week = week
        self.lines = lines
        let order = lines.sorted { left, right in
            let stores = (transactions.store[left], transactions.store[right])
            if stores.0 != stores.1 { return stores.0 < stores.1 }
            let households = (transactions.household[left], transactions.household[right])
            if households.0 != households.1 { return households.0 < households.1 }
            let products = (transactions.product[left], transactions.product[right])
            return products.0 == products.1 ? left < right : products.0 < products.1
        }
        var start = 0
        for (position, line) in order.enumerated() {
            let previous = position > 0 ? order[position - 1] : nil
            let isSameVisit = previous.map {
                transactions.store[$0] == transactions.store[line]
                    && transactions.household[$0] == transactions.household[line]
            }
            if isSameVisit == true, purchases.last?.product == transactions.product[line] {
                purchases[purchases.count - 1].quantity += Int(transactions.quantity[line])
                if transactions.usesCoupon(line) {
                    purchases[purchases.count - 1].usesCoupon = true
                }
                continue
            }
            if isSameVisit == false, let previous {
                close(start..<purchases.count, previous, transactions)
                start = purchases.count
            }
            purchases.append(
                Purchase(
                    product: transactions.product[line],
                    quantity: Int(transactions.quantity[line]),
                    usesCoupon: transactions.usesCoupon(line)
                )
            )
        }
        if let last = order.last { close(start..<purchases.count, last, transactions) }
    }

    private mutating func close(
        _ range: Range<Int>,
        _ line: Int,
        _ transactions: JourneyTransactions
    ) {
        visits.append(
            Visit(
                household: transactions.household[line],
                store: transactions.store[line],
                purchases: range
            )
        )
    }

    /// Calls `body` for every product of a visit that was promoted there and bought.
    func forEachTaken(
        _ visit: Visit,
        of promotions: ArraySlice<Promotion>,
        _ body: (Promotion, Purchase) -> Void
    ) {
        for purchase in purchases[visit.purchases] {
            var low = promotions.startIndex
            var high = promotions.endIndex
            while low < high {
                let middle = (low + high) / 2
                if promotions[middle].product < Int(purchase.product) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            guard low < promotions.endIndex, promotions[low].product == Int(purchase.product)
            else { continue }
            body(promotions[low], purchase)
        }
    }

    /// All weeks up to the last, those without a line among them.
    static func all(of transactions: JourneyTransactions) -> [JourneyWeek] {
        var weeks: [JourneyWeek] = []
        var start = 0
        for week in 1...max(1, Int(transactions.week.last ?? 1)) {
            var end = start
            while end < transactions.count, transactions.week[end] == Int32(week) { end += 1 }
            weeks.append(JourneyWeek(week, lines: start..<end, of: transactions))
            start = end
        }
        return weeks
    }
}
