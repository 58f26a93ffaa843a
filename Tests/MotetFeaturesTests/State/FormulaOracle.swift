import Foundation

@testable import MotetFeatures

/// The formulas of the features over a whole list of events, as they stand in docs/serving/features.md: slow,
/// and without any state.
struct FormulaOracle {
    let events: [Event]

    /// The value of a feature at a time, of the events before it.
    func value(
        _ feature: FeatureDefinition,
        _ request: FeatureRequest,
        _ candidate: FeatureCandidate
    ) -> FeatureValue {
        let time = request.time
        let here = events.filter { event in
            event.time < time
                && feature.entity.dimensions.allSatisfy { dimension in
                    switch dimension {
                    case .user: event.user == request.user
                    case .item: event.item != nil && event.item == candidate.item
                    case .category: event.category != nil && event.category == candidate.category
                    case .scenario: event.scenario != nil && event.scenario == request.scenario
                    }
                }
        }
        func within(_ window: FeatureWindow?) -> [Event] {
            guard let window else { return here }
            return here.filter { $0.time / window.hop > time / window.hop - Int64(window.tiles) }
        }
        func number(_ value: Double) -> FeatureValue { .number(Float(value)) }
        switch feature.form {
        case .count(let kinds, let window):
            return number(Double(within(window).count { kinds.contains($0.kind) }))
        case .sum(let weights, let source, let window):
            return number(total(within(window), weights, source))
        case .rate(let kinds, let per, let window, let prior, let strength):
            let hits = Double(within(window).count { kinds.contains($0.kind) })
            let trials = Double(within(window).count { per.contains($0.kind) })
            return number((hits + strength * prior) / (trials + strength))
        case .mean(let kinds, let source, let window, let prior, let strength):
            let values = within(window).filter { kinds.contains($0.kind) }
                .compactMap { source.value(of: $0) }
            let sum = values.reduce(0, +)
            return number((sum + strength * prior) / (Double(values.count) + strength))
        case .decayed(let weights, let source, let halfLife):
            return number(
                here.reduce(0) { sum, event in
                    guard let weight = weights.weights[event.kind],
                        let value = source.value(of: event)
                    else { return sum }
                    return sum + weight * value
                        * pow(0.5, Double(time - event.time) / Double(halfLife))
                }
            )
        case .recency(let kinds, let fallback):
            let last = here.last { kinds.contains($0.kind) }
            return number(last.map { Double(time - $0.time) / 1_000 } ?? fallback ?? .nan)
        case .last(let kinds, let source, let fallback):
            let last = latest(here) { kinds.contains($0.kind) && source.value(of: $0) != nil }.last
            return number(last.flatMap { source.value(of: $0) } ?? fallback ?? .nan)
        case .sequence(let kinds, let source, let length, let isDistinct):
            let found = latest(here) { kinds.contains($0.kind) }.compactMap { source.value(of: $0) }
            let texts = isDistinct ? different(found) : found
            return .text(texts.suffix(length).joined(separator: "|"))
        case .distinct(let kinds, let source, let window, let limit):
            let found = here.filter { kinds.contains($0.kind) && $0.time > time - (window ?? time) }
            return number(Double(min(limit, Set(found.compactMap { source.value(of: $0) }).count)))
        case .session(let kinds, let gap, let measure):
            let actions = here.filter { kinds.contains($0.kind) }
            guard let last = actions.last, time - last.time < gap else { return number(0) }
            var first = actions.count - 1
            while first > 0, actions[first].time - actions[first - 1].time < gap { first -= 1 }
            return measure == .events
                ? number(Double(actions.count - first))
                : number(Double(time - actions[first].time) / 1_000)
        }
    }

    private func total(_ events: [Event], _ weights: EventWeights, _ source: EventNumber) -> Double
    {
        events.reduce(0) { sum, event in
            guard let weight = weights.weights[event.kind], let value = source.value(of: event)
            else { return sum }
            return sum + weight * value
        }
    }

    /// Events in the order of times, those of one time by their ids' bits.
    private func latest(_ events: [Event], _ isMeant: (Event) -> Bool) -> [Event] {
        events.filter(isMeant).sorted {
            ($0.time, EventIdentity($0.id).high) < ($1.time, EventIdentity($1.id).high)
        }
    }

    /// Each text at its last place.
    private func different(_ texts: [String]) -> [String] {
        texts.indices.filter { !texts[($0 + 1)...].contains(texts[$0]) }.map { texts[$0] }
    }
}

/// Whether two values agree; sums may be rounded differently.
func agree(_ left: FeatureValue, _ right: FeatureValue) -> Bool {
    guard case .number(let one) = left, case .number(let two) = right, !one.isNaN, !two.isNaN else {
        return left == right
    }
    // Parts are kept in units of 2^-20, and a decayed sum leaves out what is 32 half-lives old.
    return abs(one - two) <= 1e-5 + 1e-6 * abs(two)
}
