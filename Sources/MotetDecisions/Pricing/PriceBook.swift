/// The prices of a shop: one for an item and a period, chosen when it is first asked for.
///
/// Whoever asks in a period gets the same price, unless the rules do not allow it any more. A price changes no more often than
/// the setting says. A price is chosen by `choose`, counts for all at once, and is then either kept by
/// `keep` or taken back by `takeBack`.
public struct PriceBook: Sendable {
    /// What is remembered of an item.
    ///
    /// It never changes, so that a table of many moves no more than where they are.
    final class Entry: Sendable {
        let chosen: ChosenPrice
        let isKept: Bool
        /// The prices before, which are restored where this one is taken back.
        let before: ChosenPrice?
        /// When the price changed, ascending.
        let changes: [Int64]
        /// Tells it from an entry of the item that was forgotten before.
        let number: Int

        init(
            _ chosen: ChosenPrice,
            isKept: Bool,
            before: ChosenPrice?,
            changes: [Int64],
            number: Int
        ) {
            self.chosen = chosen
            self.isKept = isKept
            self.before = before
            self.changes = changes
            self.number = number
        }
    }

    struct Key: Hashable, Sendable {
        var item: String
        var scope: String?
    }

    /// How prices are chosen.
    public let settings: Settings
    private(set) var entries: [Key: Entry] = [:]
    /// The items in no order, each entry once, with the period it was last seen to be of.
    private var slots: [(key: Key, number: Int, period: Int64)] = []
    /// Which of them is looked at next for whether it is to be forgotten.
    private var hand = 0
    private var lastNumber = 0

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
        known(entries[Key(item: item, scope: scope)], rules, at: time)
    }

    func known(_ entry: Entry?, _ rules: PriceRules, at time: Int64) -> Answer? {
        guard let entry, isCurrent(entry.chosen, at: time),
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
        let key = Key(item: question.item, scope: question.scope)
        let before = entries[key]
        if let known = known(before, question.rules, at: time) { return known }
        let draft = draft(question, before, at: time)
        return add(key, try settings.choice(draft), of: draft, before)
    }

    mutating func add(
        _ key: Key,
        _ chosen: ChosenPrice,
        of draft: Draft,
        _ before: Entry?
    ) -> Answer {
        clean(at: draft.time)
        set(
            key,
            before?.number,
            chosen,
            isKept: false,
            before: before.flatMap { $0.isKept ? $0.chosen : $0.before },
            changes: counted(before, at: draft.time) + (chosen.isChange ? [draft.time] : [])
        )
        return Answer(chosen: chosen, isRepeated: false, isKept: false)
    }

    private mutating func set(
        _ key: Key,
        _ known: Int?,
        _ chosen: ChosenPrice,
        isKept: Bool,
        before: ChosenPrice?,
        changes: [Int64]
    ) {
        let number: Int
        if let known {
            number = known
        } else {
            lastNumber += 1
            number = lastNumber
            slots.append((key, number, settings.period(of: chosen.time)))
        }
        entries[key] = Entry(
            chosen,
            isKept: isKept,
            before: before,
            changes: changes,
            number: number
        )
    }

    func counted(_ entry: Entry?, at time: Int64) -> [Int64] {
        (entry?.changes ?? []).filter { isCounted($0, at: time) }
    }

    /// How often the price of an item changed within the window that ends now.
    public func changes(item: String, scope: String?, at time: Int64) -> Int {
        entries[Key(item: item, scope: scope)]?.changes.count { isCounted($0, at: time) } ?? 0
    }

    /// All prices that could have been chosen, with what was expected of them; none where nothing was chosen.
    public func options(of chosen: ChosenPrice) throws(DecisionError) -> [PriceDecision.Option] {
        guard let belief = chosen.question.belief, chosen.reason != .limited else { return [] }
        let decision = try settings.decision(
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
        set(key, entry.number, entry.chosen, isKept: true, before: nil, changes: entry.changes)
        return true
    }

    /// Takes a price back that could not be kept.
    public mutating func takeBack(_ chosen: ChosenPrice) {
        let key = Key(item: chosen.question.item, scope: chosen.question.scope)
        guard let entry = entries[key], entry.chosen == chosen, !entry.isKept else { return }
        let changes = chosen.isChange ? entry.changes.filter { $0 != chosen.time } : entry.changes
        if let before = entry.before {
            set(key, entry.number, before, isKept: true, before: nil, changes: changes)
        } else {
            entries[key] = nil
        }
    }

    /// Remembers a price that was kept before, such as one of a journal; the last one that was chosen counts.
    public mutating func restore(_ chosen: ChosenPrice) {
        let key = Key(item: chosen.question.item, scope: chosen.question.scope)
        let entry = entries[key]
        var changes = entry?.changes ?? []
        if chosen.isChange, !changes.contains(chosen.time) { changes.append(chosen.time) }
        var last = chosen
        if let known = entry?.chosen,
            (known.time, known.revision) > (chosen.time, chosen.revision)
        {
            last = known
        }
        set(key, entry?.number, last, isKept: true, before: nil, changes: changes)
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
    ///
    /// It looks at a few items with every choice, and at one after the other, so that no choice waits for all of them. Each choice adds one
    /// item at most: no more than half as many as are needed are kept beside.
    private mutating func clean(at time: Int64) {
        let period = settings.period(of: time)
        for _ in 0..<min(3, slots.count) {
            if hand >= slots.count { hand = 0 }
            let slot = slots[hand]
            // It was needed when it was looked at, and that has not passed yet.
            if slot.period >= period - 1 {
                hand += 1
                continue
            }
            if let entry = entries[slot.key], entry.number == slot.number {
                let own = settings.period(of: entry.chosen.time)
                if own >= period - 1 || entry.changes.contains(where: { isCounted($0, at: time) }) {
                    slots[hand].period = own
                    hand += 1
                    continue
                }
                entries[slot.key] = nil
            }
            slots.swapAt(hand, slots.count - 1)
            slots.removeLast()
        }
    }
}
