public import MotetCore

/// The prices of a shop: one for an item and a period, chosen when it is first asked for.
///
/// Whoever asks in a period gets the same price, unless the rules do not allow it any more. A price changes no more often than
/// the setting says. A price is chosen by `choose`, counts for all at once, and is then either kept by
/// `keep` or taken back by `takeBack`.
public struct PriceBook: Sendable {
    /// How prices are chosen.
    public struct Settings: Hashable, Sendable {
        /// How prices are explored.
        public var exploration = PricePolicy.Exploration.thompson(draws: 100)
        /// What makes the draws other ones than those of another shop.
        public var seed: UInt64 = 0
        /// The length of a period, in milliseconds.
        public var periodLength: Int64 = 86_400_000
        /// By how many milliseconds periods begin before those of UTC.
        public var periodOffset: Int64 = 0
        /// How often a price may change within a window of milliseconds; nil for any number.
        public var changes: Changes?
        /// The most prices that are looked at.
        public var prices = 60

        /// How often a price may change.
        public struct Changes: Hashable, Sendable {
            /// The most changes within the window.
            public var most: Int
            /// The window, in milliseconds.
            public var window: Int64

            /// Allows so many changes within a window of milliseconds.
            public init(most: Int, window: Int64) {
                self.most = most
                self.window = window
            }
        }

        /// The defaults.
        public init() {}

        /// The number of the period of a time.
        public func period(of time: Int64) -> Int64 {
            let (quotient, rest) = (time + periodOffset).quotientAndRemainder(
                dividingBy: periodLength
            )
            return rest < 0 ? quotient - 1 : quotient
        }

        /// When a period ends, in milliseconds since 1970.
        public func end(of period: Int64) -> Int64 { (period + 1) * periodLength - periodOffset }
    }

    private struct Entry: Sendable {
        var chosen: ChosenPrice
        var isKept: Bool
        /// The prices before, which are restored where this one is taken back.
        var before: ChosenPrice?
        /// When the price changed, ascending.
        var changes: [Int64]
    }

    private struct Key: Hashable, Sendable {
        var item: String
        var scope: String?
    }

    /// How prices are chosen.
    public let settings: Settings
    private var entries: [Key: Entry] = [:]
    /// The period whose end was the last at which old entries went.
    private var cleaned = Int64.min

    /// A book without prices.
    public init(_ settings: Settings) { self.settings = settings }

    /// How many items have a price that is remembered.
    public var count: Int { entries.count }

    /// A price that was chosen, or is known.
    public struct Answer: Sendable {
        /// The price.
        public var chosen: ChosenPrice
        /// Whether it was chosen before.
        public var isRepeated: Bool
        /// Whether it has been kept.
        public var isKept: Bool
    }

    /// The last price of an item, of whatever period; nil where none is remembered.
    public func last(item: String, scope: String?) -> ChosenPrice? {
        entries[Key(item: item, scope: scope)]?.chosen
    }

    /// The price of a period, where it was chosen and the rules allow it.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - scope: the place of the shop.
    ///   - rules: the prices it may have now.
    ///   - time: now, in milliseconds since 1970.
    /// - Returns: the price; nil where one is to be chosen.
    public func known(
        item: String,
        scope: String?,
        rules: PriceRules,
        at time: Int64
    ) -> Answer? {
        guard let entry = entries[Key(item: item, scope: scope)],
            isCurrent(entry.chosen, at: time),
            entry.chosen.question.rules == rules || rules.allows(entry.chosen.price)
        else { return nil }
        return Answer(chosen: entry.chosen, isRepeated: true, isKept: entry.isKept)
    }

    /// The price of an item: that of the period, else one that is chosen now.
    ///
    /// - Parameters:
    ///   - question: what it follows from, where it is not known.
    ///   - time: now, in milliseconds since 1970.
    /// - Returns: the price.
    /// - Throws: `DecisionError` for settings out of range.
    public mutating func choose(
        _ question: PriceQuestion,
        at time: Int64
    ) throws(DecisionError) -> Answer {
        if let known = known(
            item: question.item,
            scope: question.scope,
            rules: question.rules,
            at: time
        ) {
            return known
        }
        clean(at: time)
        let key = Key(item: question.item, scope: question.scope)
        let period = settings.period(of: time)
        let before = entries[key]
        let isSame = before?.chosen.period == period
        let revision = isSame ? (before?.chosen.revision ?? 0) + 1 : 0
        let changes = (before?.changes ?? []).filter { isCounted($0, at: time) }
        let chosen = try choice(
            question,
            period,
            revision,
            time,
            isLimited: settings.changes.map { changes.count >= $0.most } ?? false
        )
        entries[key] = Entry(
            chosen: chosen,
            isKept: false,
            before: before.flatMap { $0.isKept ? $0.chosen : $0.before },
            changes: changes + (chosen.isChange ? [time] : [])
        )
        return Answer(chosen: chosen, isRepeated: false, isKept: false)
    }

    /// How often the price of an item changed within the window that ends now.
    public func changes(item: String, scope: String?, at time: Int64) -> Int {
        entries[Key(item: item, scope: scope)]?.changes.count { isCounted($0, at: time) } ?? 0
    }

    /// All prices that could have been chosen, with what was expected of them; none where nothing was chosen.
    public func options(of chosen: ChosenPrice) throws(DecisionError) -> [PriceDecision.Option] {
        guard let belief = chosen.question.belief, chosen.reason != .limited else { return [] }
        let decision = try decision(
            chosen.question,
            belief,
            period: chosen.period,
            revision: chosen.revision
        )
        guard chosen.reason == .noMargin else { return decision.options }
        return decision.options.map {
            PriceDecision.Option(
                price: $0.price,
                units: $0.units,
                value: $0.value,
                propensity: $0.price == chosen.price ? 1 : 0
            )
        }
    }

    /// Notes that a price is kept.
    ///
    /// - Returns: whether it is the one that counts; another may have come after one that was taken back.
    public mutating func keep(_ chosen: ChosenPrice) -> Bool {
        let key = Key(item: chosen.question.item, scope: chosen.question.scope)
        guard let entry = entries[key], entry.chosen == chosen else {
            guard entries[key].map({ $0.chosen.time < chosen.time }) ?? true else { return false }
            restore(chosen)
            return true
        }
        entries[key]?.isKept = true
        entries[key]?.before = nil
        return true
    }

    /// Takes a price back that could not be kept.
    public mutating func takeBack(_ chosen: ChosenPrice) {
        let key = Key(item: chosen.question.item, scope: chosen.question.scope)
        guard let entry = entries[key], entry.chosen == chosen, !entry.isKept else { return }
        let changes = chosen.isChange ? entry.changes.filter { $0 != chosen.time } : entry.changes
        entries[key] = entry.before.map {
            Entry(chosen: $0, isKept: true, before: nil, changes: changes)
        }
    }

    /// Remembers a price that was kept before, such as one of a journal; the last one that was chosen counts.
    public mutating func restore(_ chosen: ChosenPrice) {
        let key = Key(item: chosen.question.item, scope: chosen.question.scope)
        var changes = entries[key]?.changes ?? []
        if chosen.isChange, !changes.contains(chosen.time) { changes.append(chosen.time) }
        var last = chosen
        if let known = entries[key]?.chosen,
            (known.time, known.revision) > (chosen.time, chosen.revision)
        {
            last = known
        }
        entries[key] = Entry(chosen: last, isKept: true, before: nil, changes: changes)
    }

    /// Whether a price is of the period of a time; a clock that is set back chooses no other.
    ///
    /// By the time it was chosen at, for the length of periods may have been another one.
    private func isCurrent(_ chosen: ChosenPrice, at time: Int64) -> Bool {
        settings.period(of: chosen.time) >= settings.period(of: time)
    }

    private func isCounted(_ change: Int64, at time: Int64) -> Bool {
        settings.changes.map { change > time - $0.window } ?? false
    }

    /// Forgets what no answer needs: prices of periods before the last, whose changes are out of the window.
    private mutating func clean(at time: Int64) {
        let period = settings.period(of: time)
        guard period != cleaned else { return }
        cleaned = period
        entries = entries.filter { _, entry in
            settings.period(of: entry.chosen.time) >= period - 1
                || entry.changes.contains { isCounted($0, at: time) }
        }
    }
}

extension PriceBook {
    private func choice(
        _ question: PriceQuestion,
        _ period: Int64,
        _ revision: Int,
        _ time: Int64,
        isLimited: Bool
    ) throws(DecisionError) -> ChosenPrice {
        func chosen(
            _ price: Money,
            _ reason: PriceReason,
            propensity: Double = 1,
            best: Money? = nil
        ) -> ChosenPrice {
            ChosenPrice(
                question,
                period: period,
                revision: revision,
                time: time,
                price: price,
                propensity: propensity,
                reason: reason,
                best: best ?? price
            )
        }
        if isLimited { return chosen(question.present, .limited) }
        guard let belief = question.belief else {
            let nearest = question.rules.nearest(to: question.fallback, after: question.present)
            return chosen(nearest ?? question.present, .fallback)
        }
        let decision = try decision(question, belief, period: period, revision: revision)
        guard let last = decision.options.last else { return chosen(question.present, .kept) }
        if case .margin(let cost) = question.objective, last.price <= cost {
            return chosen(last.price, .noMargin)
        }
        return chosen(
            decision.price,
            decision.reason == .best ? .best : .explored,
            propensity: decision.propensity,
            best: Self.best(decision.options, question.present)
        )
    }

    private func decision(
        _ question: PriceQuestion,
        _ belief: DemandBelief,
        period: Int64,
        revision: Int
    ) throws(DecisionError) -> PriceDecision {
        let name = ChosenPrice.name(question, period: period, revision: revision)
        return try PricePolicy(question.objective, exploration: settings.exploration).decide(
            present: question.present,
            belief,
            question.rules,
            stock: question.stock,
            most: settings.prices,
            key: RandomKey(seed: settings.seed).split(name)
        )
    }

    /// The option with the greatest value; of equal ones that which is nearest to the present price.
    private static func best(_ options: [PriceDecision.Option], _ present: Money) -> Money? {
        options.max { left, right in
            let distances = (
                abs(left.price.micros - present.micros), abs(right.price.micros - present.micros)
            )
            return (left.value, distances.1) < (right.value, distances.0)
        }?.price
    }
}
