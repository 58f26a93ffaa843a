import Foundation

@testable import MotetFeatures

/// A profile computed from the list of all events, formula by formula as docs/serving/profile.md has them.
struct ProfileOracle {
    let rules: ProfileRules
    /// The events of one user, in the order of time.
    let events: [Event]
    /// The time asked for, at or after every event.
    let time: Int64

    private static let actionKinds: Set<EventKind> = [.view, .click, .cart, .purchase, .search]

    private func weight(_ event: Event) -> Double { rules.weights.weights[event.kind] ?? 0 }

    private func decay(_ event: Event) -> Double {
        pow(2, -Double(time - event.time) / Double(rules.halfLife))
    }

    /// `a_c`, by category.
    var affinities: [String: Double] {
        var sums: [String: Double] = [:]
        for event in events {
            guard let category = event.category else { continue }
            sums[category, default: 0] += weight(event) * decay(event)
        }
        return sums
    }

    private var actions: [Event] { events.filter { Self.actionKinds.contains($0.kind) } }

    /// The actions of the visit that goes on; none where none does.
    var visit: [Event] {
        var visit: [Event] = []
        var next = time
        for action in actions.reversed() {
            guard next - action.time < rules.gap else { break }
            visit.insert(action, at: 0)
            next = action.time
        }
        return visit
    }

    /// Those of them that are remembered.
    var remembered: [Event] { Array(visit.suffix(rules.actions)) }

    /// `v_c`, by category.
    var visitWeights: [String: Double] {
        var sums: [String: Double] = [:]
        for action in remembered {
            guard let category = action.category else { continue }
            sums[category, default: 0] += max(0, weight(action))
        }
        return sums.filter { $0.value > 0 }
    }

    /// `b_c`, by category.
    var usual: [String: Double] {
        var sums = affinities
        for action in remembered {
            guard let category = action.category else { continue }
            sums[category, default: 0] -= max(0, weight(action)) * decay(action)
        }
        return sums.filter { $0.value > 1e-3 }
    }

    var items: [String] {
        var items: [String] = []
        for action in remembered.reversed() {
            if let item = action.item, !items.contains(item) { items.append(item) }
        }
        return Array(items.prefix(10))
    }

    var stage: UserProfile.Stage {
        guard let last = remembered.last else { return .idle }
        let paid = remembered.lastIndex { $0.kind == .purchase } ?? -1
        let since = remembered[(paid + 1)...]
        if since.contains(where: { $0.kind == .cart }) { return .basket }
        if last.kind == .purchase { return .bought }
        let looks = since.filter { $0.kind == .view || $0.kind == .click }.compactMap(\.item)
        return Set(looks).count < looks.count ? .considering : .browsing
    }

    /// What is wrong with a profile; nothing where it is as it should be.
    ///
    /// Sums are kept in units of 2^-20, half a unit of rounding for each event: 1e-4 is far above it.
    func problems(_ profile: UserProfile?) -> [String] {
        guard let profile else { return events.isEmpty ? [] : ["there is none"] }
        func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-4 * max(1, abs(a), abs(b)) }
        var problems: [String] = []
        func check(_ isRight: Bool, _ what: String) { if !isRight { problems.append(what) } }
        let positive = affinities.filter { $0.value > 0 }
        let total = positive.values.reduce(0, +)
        let top = positive.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
        check(profile.interests.map(\.category) == top.map(\.key), "interests")
        for (interest, expected) in zip(profile.interests, top) {
            check(near(interest.affinity, expected.value), "affinity of \(expected.key)")
            check(near(interest.share, expected.value / total), "share of \(expected.key)")
        }
        check(profile.stage == stage, "stage: \(profile.stage), not \(stage)")
        check((profile.visit != nil) == !visit.isEmpty, "whether there is a visit")
        if let told = profile.visit, let first = visit.first {
            check(told.start == first.time, "start")
            check(told.seconds == Double(time - first.time) / 1_000, "seconds")
            check(told.actions == Int64(visit.count), "actions")
            check(told.items == items, "items: \(told.items), not \(items)")
            check(told.query == remembered.last { $0.query != nil }?.query, "query")
            let focus = visitWeights.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first
            check(told.focus == focus?.key, "focus")
            let sum = visitWeights.values.reduce(0, +)
            check(near(told.focusShare, focus.map { $0.value / sum } ?? 0), "focus share")
        }
        return problems + changeProblems(profile.changes)
    }

    private func changeProblems(_ changes: [UserProfile.Change]) -> [String] {
        guard !visit.isEmpty else { return changes.isEmpty ? [] : ["changes without a visit"] }
        let (now, before) = (visitWeights, usual)
        let (sum, total) = (now.values.reduce(0, +), before.values.reduce(0, +))
        var differences: [String: Double] = [:]
        for category in Set(now.keys).union(before.keys) {
            let visitShare = sum > 0 ? (now[category] ?? 0) / sum : 0
            let usualShare = total > 0 ? (before[category] ?? 0) / total : 0
            differences[category] = visitShare - usualShare
        }
        var problems: [String] = []
        let sizes = differences.values.map { abs($0) }.sorted(by: >)
        if changes.count != min(5, sizes.filter { $0 > 1e-6 }.count) {
            problems.append("\(changes.count) changes")
        }
        for (change, size) in zip(changes, sizes) {
            let difference = change.visitShare - change.usualShare
            // Equal ones may change places; what they are of must be right.
            if abs(abs(difference) - size) > 1e-4 { problems.append("the order of changes") }
            if abs(difference - (differences[change.category] ?? 9)) > 1e-4 {
                problems.append("the change of \(change.category)")
            }
            if change.isNew != (before[change.category] == nil) {
                problems.append("whether \(change.category) is new")
            }
        }
        return problems
    }
}
