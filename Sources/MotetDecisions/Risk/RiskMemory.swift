/// The orders of a while, found by what they have in common.
///
/// Counts are exact within their window, and over the last ``mostOfOne`` orders of one value: a device with more than that
/// has long passed every sensible limit. An order's window holds the orders before it in time, with it; so one that comes late
/// counts what it would have counted in time.
///
/// - Cost: an order takes about 200 bytes, a count at most ``mostOfOne`` steps.
public struct RiskMemory: Sendable {
    /// The most orders that are counted for one value.
    public static let mostOfOne = 1_000

    /// The most orders that are remembered; the oldest go.
    public let capacity: Int
    /// For how long they are remembered, in milliseconds, by the newest one.
    public let window: Int64

    private var orders: [RiskOrder?] = []
    /// The number of the first of `orders`, among all there ever were.
    private var base = 0
    /// The number of the oldest order that is remembered.
    private(set) var first = 0
    private var newest = Int64.min
    private var places: [UInt64: Places] = [:]
    private var numbers: [RiskIdentity: (number: Int, fingerprint: UInt64)] = [:]

    private struct Places: Sendable {
        var numbers: [Int] = []
        var head = 0

        mutating func add(_ number: Int) {
            numbers.append(number)
            if numbers.count - head > RiskMemory.mostOfOne { head += 1 }
            trim()
        }

        /// Forgets numbers below one; whether nothing is left.
        mutating func forget(below number: Int) -> Bool {
            while head < numbers.count, numbers[head] < number { head += 1 }
            trim()
            return head == numbers.count
        }

        private mutating func trim() {
            guard head > 64, head * 2 > numbers.count else { return }
            numbers.removeFirst(head)
            head = 0
        }
    }

    /// An empty memory.
    ///
    /// - Parameters:
    ///   - capacity: the most orders; at least 1.
    ///   - window: for how long, in milliseconds.
    public init(capacity: Int, window: Int64) {
        self.capacity = max(1, capacity)
        self.window = window
    }

    /// How many orders are remembered.
    public var count: Int { base + orders.count - first }

    /// How many orders there ever were.
    var total: Int { base + orders.count }

    /// When the newest order was placed; nil before any.
    public var newestTime: Int64? { total == 0 ? nil : newest }

    /// Whether an order is remembered.
    public func contains(_ id: RiskIdentity) -> Bool { numbers[id] != nil }

    /// The fingerprint that an order was remembered with.
    func fingerprint(of id: RiskIdentity) -> UInt64? { numbers[id]?.fingerprint }

    /// Remembers an order, unless it is there.
    ///
    /// - Parameters:
    ///   - order: the order.
    ///   - fingerprint: a hash of everything that must be the same when it comes again.
    /// - Returns: whether it was new.
    @discardableResult
    public mutating func add(_ order: RiskOrder, fingerprint: UInt64 = 0) -> Bool {
        guard numbers[order.id] == nil else { return false }
        let number = total
        numbers[order.id] = (number, fingerprint)
        orders.append(order)
        for token in order.tokens where token != 0 { places[token, default: Places()].add(number) }
        newest = max(newest, order.time)
        while count > capacity { forgetFirst() }
        // Orders come about in the order of time, so it is looked at from the front.
        while count > 1, let oldest = orders[first - base], oldest.time <= newest - window {
            forgetFirst()
        }
        return true
    }

    private mutating func forgetFirst() {
        guard let order = orders[first - base] else { return }
        orders[first - base] = nil
        first += 1
        numbers[order.id] = nil
        for token in order.tokens where token != 0 {
            if places[token]?.forget(below: first) == true { places[token] = nil }
        }
        let gone = first - base
        if gone > 1_024, gone * 2 > orders.count {
            orders.removeFirst(gone)
            base = first
        }
    }

    /// What the orders add up to that share a value with an order, within a time before it, with it.
    ///
    /// - Parameters:
    ///   - dimension: what they share.
    ///   - window: the milliseconds before the order, its own moment included, the end of the window not.
    ///   - order: the order; whether it is remembered already makes no difference.
    /// - Returns: the counts; nil where the order has no such value.
    public func counts(
        of dimension: RiskDimension,
        within window: Int64,
        of order: RiskOrder
    ) -> RiskCounts? {
        guard let token = order.token(dimension) else { return nil }
        var (count, amount) = (1, order.amount)
        var accounts: Set<UInt64> = []
        if let account = order.token(.account) { accounts.insert(account) }
        let earliest = order.time - window
        if let list = places[token] {
            for number in list.numbers[list.head...] {
                guard let other = orders[number - base], other.time > earliest,
                    other.time <= order.time, other.id != order.id
                else { continue }
                count += 1
                amount += other.amount
                if let account = other.token(.account) { accounts.insert(account) }
            }
        }
        return RiskCounts(orders: count, amount: amount, accounts: accounts.count)
    }

    /// Several counts at once; those of values that the order does not have are left out.
    public func counts(
        for lookbacks: [RiskLookback],
        of order: RiskOrder
    ) -> [RiskLookback: RiskCounts] {
        var all: [RiskLookback: RiskCounts] = [:]
        for lookback in lookbacks {
            all[lookback] = counts(of: lookback.dimension, within: lookback.window, of: order)
        }
        return all
    }
}
