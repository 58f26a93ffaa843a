/// How often items were bought together, counted over baskets.
///
/// A basket is a set of items: one that is in it twice counts once. Of `N` baskets, `n_a` hold item `a`, and `n_ab`
/// hold `a` and `b`.
public struct BasketCounts: Sendable {
    /// How alike two items are.
    public enum Measure: String, CaseIterable, Hashable, Sendable {
        /// `n_ab`: what is bought most with it, which favours what everybody buys.
        case count
        /// `n_ab / sqrt(n_a n_b)`: the cosine of the items' columns of the table of baskets; from 0 to 1.
        case cosine
        /// `N n_ab / (n_a n_b)`: how much more often than if they had nothing to do with each other.
        case lift

        func value(together: Int, _ first: Int, _ second: Int, of baskets: Int) -> Double {
            switch self {
            case .count: Double(together)
            case .cosine: Double(together) / (Double(first) * Double(second)).squareRoot()
            case .lift: Double(baskets) * Double(together) / (Double(first) * Double(second))
            }
        }
    }

    /// What of the counts is kept.
    public struct Rules: Hashable, Sendable {
        /// How alike two items are.
        public var measure = Measure.cosine
        /// How many others are kept of each item, at least 1.
        public var neighbours = 50
        /// In how many baskets two items must be together, at least 1: fewer are chance.
        public var minimumCount = 2
        /// Baskets with more different items are passed over: a wholesaler's say little, and cost the square.
        public var maximumBasket = 200

        /// The standard rules.
        public init() {}
    }

    /// Two items that were bought together.
    public struct Pair: Hashable, Sendable {
        /// The item asked for.
        public let item: String
        /// The other.
        public let other: String
        /// In how many baskets both are.
        public let count: Int
        /// How alike they are, by the rules' measure.
        public let score: Double
    }

    /// What was counted.
    public struct Report: Hashable, Sendable {
        /// Baskets that counted.
        public let baskets: Int
        /// Baskets with too many items.
        public let passedOver: Int
        /// Items in the baskets that counted.
        public let items: Int
        /// Pairs that were kept.
        public let pairs: Int
    }

    private var baskets = Names()
    private var items = Names()
    private var entries: [Entry] = []

    private struct Entry: Hashable, Sendable {
        let basket: Int32
        let item: Int32
    }

    /// Names and their numbers, in the order in which they came.
    private struct Names: Sendable {
        private(set) var names: [String] = []
        private var numbers: [String: Int32] = [:]

        mutating func number(_ name: String) -> Int32 {
            if let known = numbers[name] { return known }
            let number = Int32(names.count)
            numbers[name] = number
            names.append(name)
            return number
        }
    }

    /// No baskets.
    public init() {}

    /// Puts an item into a basket; the rows of a basket may stand anywhere.
    public mutating func add(basket: String, item: String) {
        let entry = Entry(basket: baskets.number(basket), item: items.number(item))
        entries.append(entry)
    }

    /// Counts what was put into baskets.
    ///
    /// Items stand in the order in which they came first; of each, the others with the greatest score come first, equal
    /// ones in the order in which they came.
    ///
    /// - Parameter rules: what is kept.
    /// - Returns: pairs, both ways around, and what was counted.
    /// - Complexity: the sum over baskets of the squares of their sizes.
    public func pairs(_ rules: Rules = Rules()) -> (pairs: [Pair], report: Report) {
        precondition(
            rules.neighbours > 0 && rules.minimumCount > 0 && rules.maximumBasket > 0,
            "BasketCounts: a rule is not positive."
        )
        let table = BasketTable(
            entries.map { ($0.basket, $0.item) },
            baskets: baskets.names.count,
            items: items.names.count,
            maximumBasket: rules.maximumBasket
        )
        var pairs: [Pair] = []
        var together = [Int32](repeating: 0, count: items.names.count)
        for item in items.names.indices {
            var others: [Int] = []
            table.forEachOther(of: item) { other in
                if together[other] == 0 { others.append(other) }
                together[other] += 1
            }
            var scored: [(other: Int, count: Int, score: Double)] = []
            for other in others where together[other] >= rules.minimumCount {
                let count = Int(together[other])
                let score = rules.measure.value(
                    together: count,
                    table.count(of: item),
                    table.count(of: other),
                    of: table.basketCount
                )
                scored.append((other, count, score))
            }
            for other in others { together[other] = 0 }
            scored.sort { left, right in
                left.score == right.score ? left.other < right.other : left.score > right.score
            }
            for found in scored.prefix(rules.neighbours) {
                let pair = Pair(
                    item: items.names[item],
                    other: items.names[found.other],
                    count: found.count,
                    score: found.score
                )
                pairs.append(pair)
            }
        }
        let report = Report(
            baskets: table.basketCount,
            passedOver: table.passedOver,
            items: items.names.indices.count { table.count(of: $0) > 0 },
            pairs: pairs.count
        )
        return (pairs, report)
    }
}

/// Baskets and their items, both ways around: which items a basket holds, and which baskets hold an item.
private struct BasketTable {
    /// How many baskets counted, and how many had too many items.
    let basketCount: Int
    let passedOver: Int
    private let itemsOfBaskets: [Int32]
    private let basketStarts: [Int]
    private let basketsOfItems: [Int32]
    private let itemStarts: [Int]

    init(
        _ entries: [(basket: Int32, item: Int32)],
        baskets: Int,
        items: Int,
        maximumBasket: Int
    ) {
        let (sorted, starts) = Self.grouped(entries.map { ($0.basket, $0.item) }, groups: baskets)
        var (kept, keptStarts, passedOver): ([Int32], [Int], Int) = ([], [0], 0)
        kept.reserveCapacity(sorted.count)
        for basket in 0..<baskets {
            var own = sorted[starts[basket]..<starts[basket + 1]].sorted()
            var last: Int32 = -1
            own.removeAll { item in
                defer { last = item }
                return item == last
            }
            guard own.count <= maximumBasket else {
                passedOver += 1
                continue
            }
            kept.append(contentsOf: own)
            keptStarts.append(kept.count)
        }
        var turned: [(Int32, Int32)] = []
        turned.reserveCapacity(kept.count)
        for basket in 0..<(keptStarts.count - 1) {
            for entry in keptStarts[basket]..<keptStarts[basket + 1] {
                turned.append((kept[entry], Int32(basket)))
            }
        }
        itemsOfBaskets = kept
        basketStarts = keptStarts
        (basketsOfItems, itemStarts) = Self.grouped(turned, groups: items)
        basketCount = keptStarts.count - 1
        self.passedOver = passedOver
    }

    /// How many baskets hold an item.
    func count(of item: Int) -> Int { itemStarts[item + 1] - itemStarts[item] }

    /// Calls a function with every other item of every basket of an item.
    func forEachOther(of item: Int, _ body: (Int) -> Void) {
        for place in itemStarts[item]..<itemStarts[item + 1] {
            let basket = Int(basketsOfItems[place])
            for entry in basketStarts[basket]..<basketStarts[basket + 1] {
                let other = Int(itemsOfBaskets[entry])
                if other != item { body(other) }
            }
        }
    }

    /// Values by their groups, in their order, and where each group begins.
    private static func grouped(
        _ entries: [(group: Int32, value: Int32)],
        groups: Int
    ) -> (values: [Int32], starts: [Int]) {
        var starts = [Int](repeating: 0, count: groups + 1)
        for entry in entries { starts[Int(entry.group) + 1] += 1 }
        for group in 0..<groups { starts[group + 1] += starts[group] }
        var next = starts
        var values = [Int32](repeating: 0, count: entries.count)
        for entry in entries {
            values[next[Int(entry.group)]] = entry.value
            next[Int(entry.group)] += 1
        }
        return (values, starts)
    }
}
