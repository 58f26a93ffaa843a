import Foundation

/// The population stability index of counts against shares of groups.
///
/// - Formula: `Σ (q - p) ln(q / p)`, `p` a group's share of the reference, `q` that of what is compared, with half a count added to each
///   group so that an empty one is no infinity. Up to 0.1 is taken as steady, above 0.25 as drift; without drift it is about the number
///   of groups less 1, divided by the number of counts.
/// - Source: Siddiqi, "Credit Risk Scorecards", Wiley, 2006, "system stability report".
public enum StabilityIndex {
    /// The index.
    ///
    /// - Parameters:
    ///   - counts: what is compared, by group.
    ///   - shares: the shares of the reference by group, adding up to 1; groups below `least` are taken together with the next.
    ///   - least: the least share of a group.
    /// - Returns: the index; nil without counts or shares.
    public static func value(
        _ counts: [Int],
        against shares: [Double],
        least: Double = 0
    ) -> Double? {
        guard counts.count == shares.count, counts.contains(where: { $0 > 0 }),
            shares.reduce(0, +) > 0.5
        else { return nil }
        let groups = groups(counts, against: shares, least: least)
        guard !groups.isEmpty else { return nil }
        let total = groups.reduce(0.0) { $0 + Double($1.count) } + 0.5 * Double(groups.count)
        let whole = groups.reduce(0.0) { $0 + $1.share }
        return groups.reduce(0.0) { sum, group in
            let (p, q) = (group.share / whole, (Double(group.count) + 0.5) / total)
            return sum + (q - p) * log(q / p)
        }
    }

    /// Takes small groups together with the next, and what is left at the end with the last.
    ///
    /// - Parameters:
    ///   - counts: what is compared, by group.
    ///   - shares: the shares of the reference by group.
    ///   - least: the least share of a group.
    /// - Returns: the groups; none where all of them together are too small for one.
    public static func groups(
        _ counts: some Sequence<Int>,
        against shares: [Double],
        least: Double
    ) -> [(count: Int, share: Double)] {
        var groups: [(count: Int, share: Double)] = []
        var (count, share) = (0, 0.0)
        for (own, part) in zip(counts, shares) {
            count += own
            share += part
            // A little below, for sums that are rounded.
            guard share >= max(least - 1e-9, 1e-12) else { continue }
            groups.append((count, share))
            (count, share) = (0, 0)
        }
        // What is left is too small for a group of its own.
        guard let last = groups.indices.last else { return [] }
        groups[last].count += count
        groups[last].share += share
        return groups
    }
}
