/// The value of a feature.
public enum FeatureValue: Hashable, Sendable {
    /// A number; NaN stands for missing.
    case number(Float)
    /// A text; empty where nothing was seen.
    case text(String)

    /// Whether two values are the same in every bit.
    public static func == (left: FeatureValue, right: FeatureValue) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left.bitPattern == right.bitPattern
        case (.text(let left), .text(let right)): left == right
        default: false
        }
    }

    /// Hashes every bit.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number.bitPattern)
        case .text(let text): hasher.combine(text)
        }
    }
}

extension FeatureReading {
    /// A number at a time: every formula ends here, in training and in serving.
    ///
    /// - Parameters:
    ///   - state: the key's state; nil where no event was seen.
    ///   - plan: the statistics of its entity.
    ///   - time: the time asked for, in milliseconds.
    /// - Returns: the number, rounded once; NaN for missing.
    func number(_ state: KeyState?, _ plan: EntityPlan, at time: Int64) -> Float {
        Float(double(state, plan, at: time))
    }

    private func double(_ state: KeyState?, _ plan: EntityPlan, at time: Int64) -> Double {
        switch self {
        case .count(let slot):
            return Double(count(slot, state, plan, time))
        case .sum(let slot):
            return sum(slot, state, plan, time)
        case .rate(let numerator, let denominator, let prior, let strength):
            let hits = Double(count(numerator, state, plan, time))
            let trials = Double(count(denominator, state, plan, time))
            return (hits + strength * prior) / (trials + strength)
        case .mean(let slot, let number, let prior, let strength):
            let total = sum(slot, state, plan, time)
            return (total + strength * prior)
                / (Double(count(number, state, plan, time)) + strength)
        case .recency(let slot, let fallback):
            guard let last = state?.times[slot], last != .min else { return fallback ?? .nan }
            return Double(max(0, time - last)) / 1_000
        case .last(let slot, let fallback):
            return state?.values[slot]?.value ?? fallback ?? .nan
        case .distinct(let slot, let window):
            guard let entries = state?.texts[slot].entries else { return 0 }
            guard let window else { return Double(entries.count) }
            return Double(entries.reversed().prefix { $0.order.time > time - window }.count)
        case .session(let slot, let measure):
            let gap = plan.sessions[slot].gap
            guard let session = state?.sessions[slot].current(at: time, gap: gap) else { return 0 }
            switch measure {
            case .events: return Double(session.events)
            case .seconds: return Double(max(0, time - session.start)) / 1_000
            }
        case .sequence:
            preconditionFailure("FeatureReading: a sequence is no number.")
        }
    }

    private func count(_ slot: Int, _ state: KeyState?, _ plan: EntityPlan, _ time: Int64) -> Int64
    {
        guard let state else { return 0 }
        let rule = plan.counts[slot].rule
        let last = rule.index(time)
        return state.counts[slot].sum(after: last - rule.tiles, through: last)
    }

    private func sum(_ slot: Int, _ state: KeyState?, _ plan: EntityPlan, _ time: Int64) -> Double {
        guard let state else { return 0 }
        let statistic = plan.sums[slot]
        if let halfLife = statistic.halfLife {
            return DecayedTime.sum(state.sums[slot], at: time, halfLife: halfLife)
        }
        let last = statistic.rule.index(time)
        return FixedPoint.value(
            state.sums[slot].sum(after: last - statistic.rule.tiles, through: last)
        )
    }
}
