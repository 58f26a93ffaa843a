import Foundation

extension FeatureState {
    /// The profile of a user at a time; nil where nothing is kept of the user, or no profiles are kept.
    func profile(of user: String, at time: Int64) -> UserProfile? {
        partition(PartitionKey(dimension: .user, value: user))
            .flatMap { plan.profile(of: $0, at: time) }
    }
}

extension FeaturePlan {
    /// The profile of what is kept for a user; nil where no profiles are kept.
    func profile(of partition: Partition, at time: Int64) -> UserProfile? {
        guard let plan = profile else { return nil }
        let state = partition.keys[SubKey(entity: plan.user, rest: "")]
        let affinities = partition.affinities(plan, at: time)
        let session = state?.sessions[plan.session].current(at: time, gap: plan.rules.gap)
        let actions = session.map { session in
            (state?.texts[plan.actions].entries ?? []).compactMap { UserAction($0) }
                .filter { $0.time >= session.start }
        }
        let reader = ProfileReader(plan: plan, time: time, actions: actions ?? [])
        return UserProfile(
            interests: reader.interests(affinities),
            stage: session == nil ? .idle : reader.stage(),
            visit: session.map { reader.visit($0) },
            changes: session == nil ? [] : reader.changes(affinities)
        )
    }
}

extension Partition {
    /// The affinities of a user's categories.
    fileprivate func affinities(_ plan: ProfilePlan, at time: Int64) -> [String: Double] {
        var affinities: [String: Double] = [:]
        for (key, state) in keys where key.entity == plan.category {
            affinities[key.rest] = DecayedTime.sum(
                state.sums[plan.affinity],
                at: time,
                halfLife: plan.rules.halfLife
            )
        }
        return affinities
    }
}

/// The formulas of a profile.
private struct ProfileReader {
    let plan: ProfilePlan
    let time: Int64
    /// The actions of the visit, in order.
    let actions: [UserAction]

    private func weight(_ action: UserAction) -> Double {
        max(0, plan.rules.weights.weights[action.kind] ?? 0)
    }

    func interests(_ affinities: [String: Double]) -> [UserProfile.Interest] {
        let positive = affinities.filter { $0.value > 0 }
        let total = Self.total(positive)
        return Self.ranked(positive).prefix(10).map { category, affinity in
            UserProfile.Interest(category: category, affinity: affinity, share: affinity / total)
        }
    }

    /// By value, those of one value by name.
    private static func ranked(_ values: [String: Double]) -> [(key: String, value: Double)] {
        values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    }

    /// The sum in the order of the names, so that it is the same each time.
    private static func total(_ values: [String: Double]) -> Double {
        values.keys.sorted().reduce(0) { $0 + (values[$1] ?? 0) }
    }

    func stage() -> UserProfile.Stage {
        let paid = actions.lastIndex { $0.kind == .purchase }
        let since = actions[(paid.map { $0 + 1 } ?? 0)...]
        if since.contains(where: { $0.kind == .cart }) { return .basket }
        if since.isEmpty, paid != nil { return .bought }
        var seen: Set<String> = []
        for action in since where action.kind == .view || action.kind == .click {
            guard let item = action.item else { continue }
            if !seen.insert(item).inserted { return .considering }
        }
        return .browsing
    }

    /// The weights of the visit's categories.
    private func visitWeights() -> [String: Double] {
        var weights: [String: Double] = [:]
        for action in actions {
            guard let category = action.category else { continue }
            weights[category, default: 0] += weight(action)
        }
        return weights.filter { $0.value > 0 }
    }

    func visit(_ session: Sessions.Session) -> UserProfile.Visit {
        let weights = visitWeights()
        let focus = Self.ranked(weights).first
        var items: [String] = []
        for action in actions.reversed() {
            guard let item = action.item, items.count < 10, !items.contains(item) else { continue }
            items.append(item)
        }
        return UserProfile.Visit(
            start: session.start,
            seconds: Double(max(0, time - session.start)) / 1_000,
            actions: session.events,
            focus: focus?.key,
            focusShare: focus.map { $0.value / Self.total(weights) } ?? 0,
            items: items,
            query: actions.last { $0.query != nil }?.query
        )
    }

    func changes(_ affinities: [String: Double]) -> [UserProfile.Change] {
        var usual = affinities
        for action in actions {
            guard let category = action.category else { continue }
            let age = Double(time - action.time) / Double(plan.rules.halfLife)
            usual[category, default: 0] -= weight(action) * exp2(-age)
        }
        // Parts are kept in units of 2^-20; what is left of a category seen only now is rounding.
        usual = usual.filter { $0.value > 1e-3 }
        let (visit, before) = (visitWeights(), Self.total(usual))
        let now = Self.total(visit)
        let changes = Set(visit.keys).union(usual.keys).map { category in
            UserProfile.Change(
                category: category,
                visitShare: now > 0 ? (visit[category] ?? 0) / now : 0,
                usualShare: before > 0 ? (usual[category] ?? 0) / before : 0,
                isNew: usual[category] == nil
            )
        }
        func size(_ change: UserProfile.Change) -> Double {
            abs(change.visitShare - change.usualShare)
        }
        return Array(
            changes.filter { size($0) > 0 }
                .sorted { (size($1), $0.category) < (size($0), $1.category) }
                .prefix(5)
        )
    }
}
