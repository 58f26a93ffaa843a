/// What is remembered of the events of one key: the statistics of its entity's plan, slot by slot.
///
/// It depends on which events were applied, not on their order; two states of different events merge into
/// that of all of them.
struct KeyState: Hashable, Sendable {
    var counts: [TileSums<Int64>]
    var sums: [TileSums<Int128>]
    /// The time of the last event; `Int64.min` where there is none.
    var times: [Int64]
    var values: [LatestValue?]
    var texts: [LatestTexts]
    var sessions: [Sessions]

    /// The state before any event.
    init(_ plan: EntityPlan) {
        counts = plan.counts.map { _ in TileSums() }
        sums = plan.sums.map { _ in TileSums() }
        times = plan.times.map { _ in .min }
        values = plan.values.map { _ in nil }
        texts = plan.texts.map { _ in LatestTexts() }
        sessions = plan.sessions.map { _ in Sessions() }
    }

    /// Takes in an event of this key.
    mutating func apply(
        _ event: Event,
        _ order: EventOrder,
        _ plan: EntityPlan,
        lateness: Int64
    ) {
        for (slot, statistic) in plan.counts.enumerated()
        where statistic.kinds.contains(event.kind) {
            guard statistic.number.value(of: event) != nil else { continue }
            let rule = statistic.rule
            counts[slot].add(1, at: rule.index(event.time), keeping: rule.tiles)
        }
        for (slot, statistic) in plan.sums.enumerated() {
            guard let part = statistic.part(of: event) else { continue }
            let rule = statistic.rule
            sums[slot].add(part, at: rule.index(event.time), keeping: rule.tiles)
        }
        for (slot, statistic) in plan.times.enumerated()
        where statistic.kinds.contains(event.kind) {
            times[slot] = max(times[slot], event.time)
        }
        for (slot, statistic) in plan.values.enumerated()
        where statistic.kinds.contains(event.kind) {
            guard let number = statistic.number.value(of: event) else { continue }
            let value = LatestValue(number, order)
            if values[slot]?.merge(value) == nil { values[slot] = value }
        }
        for (slot, statistic) in plan.texts.enumerated()
        where statistic.kinds.contains(event.kind) {
            guard let text = statistic.text.value(of: event) else { continue }
            texts[slot].add(
                text,
                order,
                keeping: statistic.length,
                isDistinct: statistic.isDistinct
            )
        }
        for (slot, statistic) in plan.sessions.enumerated()
        where statistic.kinds.contains(event.kind) {
            sessions[slot].add(at: event.time, gap: statistic.gap, lateness: lateness)
        }
    }

    /// Takes in what another state has seen; no event may be in both.
    mutating func merge(_ other: KeyState, _ plan: EntityPlan, lateness: Int64) {
        for (slot, statistic) in plan.counts.enumerated() {
            counts[slot].merge(other.counts[slot], keeping: statistic.rule.tiles)
        }
        for (slot, statistic) in plan.sums.enumerated() {
            sums[slot].merge(other.sums[slot], keeping: statistic.rule.tiles)
        }
        for slot in plan.times.indices { times[slot] = max(times[slot], other.times[slot]) }
        for slot in plan.values.indices {
            guard let value = other.values[slot] else { continue }
            if values[slot]?.merge(value) == nil { values[slot] = value }
        }
        for (slot, statistic) in plan.texts.enumerated() {
            texts[slot].merge(
                other.texts[slot],
                keeping: statistic.length,
                isDistinct: statistic.isDistinct
            )
        }
        for (slot, statistic) in plan.sessions.enumerated() {
            sessions[slot].merge(other.sessions[slot], gap: statistic.gap, lateness: lateness)
        }
    }
}
