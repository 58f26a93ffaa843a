/// The weeks of the exposure log and what they are for; earlier weeks only fill the history.
struct ExposureWeeks: Hashable, Sendable {
    /// Weeks to learn from.
    let train: ClosedRange<Int>
    /// Weeks that choose among models.
    let validation: ClosedRange<Int>
    /// Weeks that measure the chosen model.
    let test: ClosedRange<Int>

    /// The first eight weeks fill the history, the last five are for test, the three before them
    /// for validation, and the rest for training.
    ///
    /// - Parameter last: the last week of the data.
    /// - Returns: the weeks, or nil where there are too few.
    static func standard(last: Int) -> ExposureWeeks? {
        guard last >= 17 else { return nil }
        return ExposureWeeks(
            train: 9...(last - 8),
            validation: (last - 7)...(last - 5),
            test: (last - 4)...last
        )
    }

    /// The weeks of a part.
    func weeks(of part: RecipePart) -> ClosedRange<Int> {
        switch part {
        case .train: train
        case .validation: validation
        case .test: test
        }
    }

    /// The part a week belongs to, or nil for the weeks before all parts.
    func part(of week: Int) -> RecipePart? {
        RecipePart.allCases.first { weeks(of: $0).contains(week) }
    }
}

/// How many exposures there are, by part and kind, and how many of them were bought.
struct ExposureCounts: Hashable, Sendable {
    /// Exposures and purchases.
    struct Pair: Hashable, Sendable {
        var exposures = 0
        var bought = 0
    }

    private var pairs: [RecipePart: [Pair]] = [:]
    /// Visits to stores that promoted something, in the weeks of the parts.
    var visits = 0
    /// What the weeks that only fill the history hold.
    var before = Pair()

    mutating func add(_ part: RecipePart, _ kind: ExposureKind, exposures: Int, bought: Int) {
        let empty = ExposureKind.allCases.map { _ in Pair() }
        pairs[part, default: empty][kind.rawValue].exposures += exposures
        pairs[part, default: empty][kind.rawValue].bought += bought
    }

    /// The sums over parts and kinds; nil stands for all.
    func sum(_ part: RecipePart? = nil, _ kind: ExposureKind? = nil) -> Pair {
        var sum = Pair()
        for (key, kinds) in pairs where part == nil || part == key {
            for (index, pair) in kinds.enumerated() where kind == nil || kind?.rawValue == index {
                sum.exposures += pair.exposures
                sum.bought += pair.bought
            }
        }
        return sum
    }
}

/// The log of exposures: for every visit of a household to a store in a week, the products that
/// were promoted there in that week.
struct ExposureLog: Sendable {
    let tables: JourneyTables
    let weeks: [JourneyWeek]

    /// Gathers the visits of all weeks.
    init(_ tables: JourneyTables) {
        self.tables = tables
        weeks = JourneyWeek.all(of: tables.transactions)
    }

    /// Counts the exposures of the full log without making rows.
    func count(_ plan: ExposureWeeks) -> ExposureCounts {
        var counts = ExposureCounts()
        for week in weeks {
            let part = plan.part(of: week.week)
            var bought = [0, 0, 0]
            var exposures = [0, 0, 0]
            forEachStore(of: week) { visits, promotions in
                guard !promotions.isEmpty else { return }
                var kinds = [0, 0, 0]
                for promotion in promotions {
                    if let kind = promotion.kind { kinds[kind.rawValue] += 1 }
                }
                if part != nil { counts.visits += visits.count }
                for kind in 0..<3 { exposures[kind] += kinds[kind] * visits.count }
                for visit in visits {
                    week.forEachTaken(visit, of: promotions) { promotion, _ in
                        if let kind = promotion.kind { bought[kind.rawValue] += 1 }
                    }
                }
            }
            for kind in ExposureKind.allCases {
                let index = kind.rawValue
                guard let part else {
                    counts.before.exposures += exposures[index]
                    counts.before.bought += bought[index]
                    continue
                }
                counts.add(part, kind, exposures: exposures[index], bought: bought[index])
            }
        }
        return counts
    }

    /// Calls `body` for every store of a week with its visits and promotions.
    func forEachStore(
        of week: JourneyWeek,
        _ body: (ArraySlice<JourneyWeek.Visit>, ArraySlice<Promotion>) throws -> Void
    ) rethrows {
        var index = 0
        while index < week.visits.count {
            let store = week.visits[index].store
            var end = index
            while end < week.visits.count, week.visits[end].store == store { end += 1 }
            let promotions = tables.promotions.promotions(week: week.week, store: Int(store))
            try body(week.visits[index..<end], promotions)
            index = end
        }
    }

    /// Makes the rows of one week that stay in the sample.
    ///
    /// Features come from `households` and `products` alone, which must not have absorbed the week;
    /// labels from the week alone.
    func appendRows(
        of week: JourneyWeek,
        households: HouseholdHistory,
        products: ProductHistory,
        sampling: ExposureSampling,
        to rows: inout ExposureRows,
        counts: (ExposureKind, _ isBought: Bool) -> Void
    ) {
        let campaigns = tables.campaignsRunning(inWeek: week.week)
        forEachStore(of: week) { visits, promotions in
            guard let first = visits.first else { return }
            let store = Int(first.store)
            let promotedWeeks = earlierWeeks(of: promotions, week: week.week, store: store)
            for visit in visits {
                let facts = ExposureRows.visit(
                    household: Int(visit.household),
                    store: store,
                    week: week.week,
                    history: households,
                    tables: tables,
                    campaigns: campaigns
                )
                let number = sampling.visit(
                    household: tables.households.ids[Int(visit.household)],
                    store: tables.stores[store],
                    week: week.week
                )
                var next = visit.purchases.lowerBound
                for (position, promotion) in promotions.enumerated() {
                    let product = promotion.product
                    while next < visit.purchases.upperBound,
                        Int(week.purchases[next].product) < product
                    { next += 1 }
                    let isBought =
                        next < visit.purchases.upperBound
                        && Int(week.purchases[next].product) == product
                    guard
                        isBought
                            || sampling.keeps(visit: number, product: tables.products.ids[product]),
                        let kind = promotion.kind
                    else { continue }
                    rows.append(
                        promotion,
                        kind: kind,
                        promotedWeeks: promotedWeeks[position],
                        visit: facts,
                        households: households,
                        products: products,
                        tables: tables
                    )
                    rows.appendLabels(
                        isBought ? week.purchases[next] : nil,
                        weight: isBought ? 1 : sampling.weight
                    )
                    counts(kind, isBought)
                }
            }
        }
    }

    /// For each promotion, in how many of the four weeks before the store promoted the product too.
    private func earlierWeeks(
        of promotions: ArraySlice<Promotion>,
        week: Int,
        store: Int
    ) -> [Int] {
        var result = [Int](repeating: 0, count: promotions.count)
        for earlier in max(1, week - 4)..<max(1, week) {
            let others = tables.promotions.promotions(week: earlier, store: store)
            var other = others.startIndex
            for (position, promotion) in promotions.enumerated() {
                while other < others.endIndex, others[other].product < promotion.product {
                    other += 1
                }
                guard other < others.endIndex else { break }
                if others[other].product == promotion.product { result[position] += 1 }
            }
        }
        return result
    }
}
