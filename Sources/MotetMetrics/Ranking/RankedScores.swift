/// Rows of a binary task in ascending order of score, with the ends of ties marked.
struct RankedScores: Sendable {
    /// The rows in order.
    let order: [UInt32]
    /// The weight at each rank: positive for a positive row, negative for a negative one.
    let signedWeights: [Float]
    /// Whether a rank is the last of those that share its score.
    let endsTie: [Bool]

    /// Ranks rows by score.
    init(_ observations: Observations) {
        self.init(observations, order: RadixSort.order(byScore: observations.predictions))
    }

    /// Takes rows already in order; a tie also ends where the group of rows changes.
    init(_ observations: Observations, order: [UInt32], groups: [Int32]? = nil) {
        self.order = order
        signedWeights = order.map { rank in
            let row = Int(rank)
            return observations.labels[row] == 1
                ? observations.weight(row) : -observations.weight(row)
        }
        let scores = observations.predictions
        endsTie = order.indices.map { rank in
            guard rank + 1 < order.count else { return true }
            let (row, next) = (Int(order[rank]), Int(order[rank + 1]))
            return scores[row] != scores[next] || groups.map { $0[row] != $0[next] } ?? false
        }
    }
}

/// The sum over pairs that AUC is, built up tie by tie from the lowest score.
struct RankSum {
    private(set) var positives = 0.0
    private(set) var negatives = 0.0
    private var area = 0.0
    private var tiedPositives = 0.0
    private var tiedNegatives = 0.0

    /// Takes in a row: its weight, below 0 for a negative row.
    mutating func add(_ signedWeight: Double) {
        tiedPositives += max(signedWeight, 0)
        tiedNegatives -= min(signedWeight, 0)
    }

    /// Closes a tie: its positives beat the negatives below, and draw with those in the tie.
    mutating func endTie() {
        area += tiedPositives * (negatives + 0.5 * tiedNegatives)
        positives += tiedPositives
        negatives += tiedNegatives
        tiedPositives = 0
        tiedNegatives = 0
    }

    /// The share of pairs of a positive and a negative row ranked rightly; nil without pairs.
    var share: Double? {
        positives > 0 && negatives > 0 ? area / (positives * negatives) : nil
    }
}
