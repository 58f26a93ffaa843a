import Foundation
import MotetExperiments

/// How the scores of live traffic lie to those of rows the run has not learnt from.
struct ScoreDrift: Sendable {
    /// The fewest scores whose stability is told: with fewer it is noise.
    static let leastCount = 200

    /// The task.
    let task: String
    /// The scenario; nil for all rows.
    let scenario: String?
    /// The scores within the last hour.
    let live: ScoreWindow.Cell
    /// Those of the reference; nil where the run has none.
    let reference: ScoreReference.Spread?

    /// The population stability index of the live scores against the reference; nil where there is no
    /// reference, or fewer than ``leastCount`` live scores.
    var stability: Double? {
        guard let reference else { return nil }
        return Self.stability(of: live.counts, against: reference.shares)
    }

    /// The population stability index: `Σ (q - p) ln(q / p)` over groups of neighbouring bins.
    ///
    /// Each group has at least a tenth of the reference. `p` is its share of the reference, `q` that of the
    /// live scores, with half a score added to each group so that an empty one is no infinity. Up to 0.1 is
    /// taken as steady, above 0.25 as drift; without drift it is about the number of groups less 1, divided by
    /// the number of scores.
    ///
    /// - Parameters:
    ///   - counts: the live scores by bin.
    ///   - shares: the shares of the reference by bin.
    /// - Returns: the index; nil with fewer than ``leastCount`` scores, or an empty reference.
    /// - Source: Siddiqi, "Credit Risk Scorecards", Wiley, 2006, "system stability report".
    static func stability(of counts: [Int], against shares: [Double]) -> Double? {
        guard counts.reduce(0, +) >= leastCount, shares.reduce(0, +) > 0.5 else { return nil }
        var groups: [(reference: Double, live: Double)] = []
        var (reference, live) = (0.0, 0.0)
        for (share, count) in zip(shares, counts) {
            reference += share
            live += Double(count)
            // A little below a tenth, for sums that are rounded.
            guard reference >= 0.1 - 1e-9 else { continue }
            groups.append((reference, live))
            (reference, live) = (0, 0)
        }
        // What is left is too small for a group of its own.
        if let last = groups.indices.last {
            groups[last].reference += reference
            groups[last].live += live
        }
        let total = groups.reduce(0.0) { $0 + $1.live } + 0.5 * Double(groups.count)
        let whole = groups.reduce(0.0) { $0 + $1.reference }
        return groups.reduce(0.0) { sum, group in
            let (p, q) = (group.reference / whole, (group.live + 0.5) / total)
            return sum + (q - p) * log(q / p)
        }
    }
}
