import MotetCore

/// Chooses a list from candidates one place after the other, by relevance and likeness, within a quota.
///
/// The next place goes to the candidate of greatest gain whose category has room. Equal gains go to the greater score,
/// then to the candidate that came first, so a list is a function of its candidates.
struct ListSelection {
    private let candidates: [RankingCandidate]
    private let rules: BusinessRules
    private let relevance: [Double]
    private var isOpen: [Bool]
    private var counts: [String: Int] = [:]
    /// The places of the chosen candidates, in the order of the list.
    private(set) var chosen: [Int] = []

    /// Starts an empty list.
    ///
    /// `admitted` says whether each candidate may be chosen; one without a score may not.
    init(_ candidates: [RankingCandidate], admitted: [Bool], rules: BusinessRules) {
        self.candidates = candidates
        self.rules = rules
        isOpen = zip(candidates, admitted).map { $1 && rules.maximum(of: $0.category) > 0 }
        relevance = Self.relevance(candidates, isOpen)
    }

    /// Fills the list up to a length.
    mutating func fill(_ diversity: Diversity, _ similarity: Similarity?, upTo limit: Int) {
        switch diversity.method {
        case .none: break
        case .maximalMarginalRelevance(let weight):
            fillByMarginalRelevance(weight, similarity, limit)
        case .determinantal(let theta):
            fillByDeterminant(theta, similarity, limit)
        }
        // What diversity leaves over, and everything without it.
        fillByScore(limit)
    }

    /// The scores of the open candidates brought to [0, 1]; 1 if all are equal.
    private static func relevance(_ candidates: [RankingCandidate], _ isOpen: [Bool]) -> [Double] {
        let scores = zip(candidates, isOpen).filter { $1 }.map(\.0.score)
        guard let low = scores.min(), let high = scores.max(), high > low else {
            return candidates.map { _ in 1 }
        }
        // Divided first: the distance of two great numbers may be infinite.
        let scale = max(abs(low), abs(high))
        return candidates.map { ($0.score / scale - low / scale) / (high / scale - low / scale) }
    }

    private mutating func fillByScore(_ limit: Int) {
        let order = candidates.byScore(candidates.indices.filter { isOpen[$0] })
        for place in order where chosen.count < limit && isOpen[place] { choose(place) }
    }

    private mutating func fillByMarginalRelevance(
        _ weight: Double,
        _ similarity: Similarity?,
        _ limit: Int
    ) {
        var nearest = [Double](repeating: 0, count: candidates.count)
        while chosen.count < limit,
            let best = best({ weight * relevance[$0] - (1 - weight) * nearest[$0] })
        {
            choose(best)
            for place in candidates.indices where isOpen[place] {
                let likeness = similarity?[place, best] ?? 0
                // The first chosen sets it: likenesses may all be negative by a rounding.
                nearest[place] =
                    chosen.count == 1 ? likeness : Swift.max(nearest[place], likeness)
            }
        }
    }

    /// Chen et al., Algorithm 1: keeps for each candidate `d_i^2`, by how much it would multiply the determinant, and
    /// its row `c_i` of the Cholesky factor.
    private mutating func fillByDeterminant(
        _ theta: Double,
        _ similarity: Similarity?,
        _ limit: Int
    ) {
        let quality = relevance.map { exponential(theta / (2 * (1 - theta)) * ($0 - 1)) }
        var gain = quality.map { $0 * $0 }
        let floor = (candidates.indices.filter { isOpen[$0] }.map { gain[$0] }.max() ?? 0) * 1e-10
        var rows = [[Double]](repeating: [], count: candidates.count)
        while chosen.count < limit, let best = best({ gain[$0] }), gain[best] > floor {
            choose(best)
            let root = gain[best].squareRoot()
            for place in candidates.indices where isOpen[place] {
                let likeness = similarity?[place, best] ?? 0
                var entry = quality[best] * likeness * quality[place]
                for (left, right) in zip(rows[best], rows[place]) { entry -= left * right }
                entry /= root
                rows[place].append(entry)
                gain[place] -= entry * entry
            }
        }
    }

    /// The open candidate of greatest gain.
    private func best(_ gain: (Int) -> Double) -> Int? {
        var best: (place: Int, gain: Double)?
        for place in candidates.indices where isOpen[place] {
            let now = gain(place)
            guard let before = best else {
                best = (place, now)
                continue
            }
            let isGreater =
                now == before.gain
                ? candidates[place].score > candidates[before.place].score : now > before.gain
            if isGreater { best = (place, now) }
        }
        return best?.place
    }

    private mutating func choose(_ place: Int) {
        chosen.append(place)
        isOpen[place] = false
        guard let category = candidates[place].category else { return }
        counts[category, default: 0] += 1
        guard counts[category, default: 0] >= rules.maximum(of: category) else { return }
        for other in candidates.indices where candidates[other].category == category {
            isOpen[other] = false
        }
    }
}
