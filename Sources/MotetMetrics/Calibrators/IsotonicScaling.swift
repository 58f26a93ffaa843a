import MotetCore

/// Any rising curve: the one nearest to what happened, with lines between the scores it was learnt from.
///
/// The weighted least squares fit that never falls, by pooling adjacent violators; rows of equal score are one. Below the
/// least score and above the greatest it is level.
///
/// - Source: Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", KDD
///   2002, <https://doi.org/10.1145/775047.775151>; Ayer et al., "An Empirical Distribution Function for Sampling with
///   Incomplete Information", Annals of Mathematical Statistics 26(4), 1955.
/// - Departures: probabilities stay within `1 / (W + 2)` and `(W + 1) / (W + 2)`, where `W` is the effective number of
///   rows, `(Σ w)² / Σ w²` of their weights: what did not happen in them is not impossible.
public struct IsotonicScaling: Codable, Hashable, Sendable {
    /// The scores at which the curve bends, ascending.
    public let scores: [Float]
    /// The probabilities there, none below the one before.
    public let probabilities: [Double]

    /// A curve that is known; nil where scores do not rise, probabilities fall or are none, or there are none.
    public init?(scores: [Float], probabilities: [Double]) {
        guard !scores.isEmpty, scores.count == probabilities.count,
            scores.allSatisfy(\.isFinite), probabilities.allSatisfy({ 0...1 ~= $0 }),
            zip(scores, scores.dropFirst()).allSatisfy({ $0 < $1 }),
            zip(probabilities, probabilities.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        self.scores = scores
        self.probabilities = probabilities
    }

    /// Learns the curve.
    ///
    /// - Parameter observations: labels 0 and 1 beside predicted probabilities; sample weights count.
    /// - Throws: `undefined_metric` without rows, or with other labels or predictions.
    public init(fitting observations: Observations) throws(MetricError) {
        try Calibrator.check(observations)
        var blocks: [Block] = []
        var total = 0.0
        for tie in Self.ties(observations) {
            total += tie.weight
            var block = tie
            while let last = blocks.last, last.mean >= block.mean {
                block = last.joined(with: block)
                blocks.removeLast()
            }
            blocks.append(block)
        }
        let (low, high) = (1 / (total + 2), (total + 1) / (total + 2))
        var (scores, probabilities): ([Float], [Double]) = ([], [])
        for block in blocks {
            let probability = min(max(block.mean, low), high)
            // A step has two ends; a step of one score has one.
            for score in block.first == block.last ? [block.first] : [block.first, block.last] {
                scores.append(score)
                probabilities.append(probability)
            }
        }
        self.scores = scores
        self.probabilities = probabilities
    }

    /// A probability as it comes true.
    public func callAsFunction(_ probability: Float) -> Float {
        // What is no number stays none, and is told as such.
        guard !probability.isNaN else { return probability }
        // The first score that is not below it.
        var (low, high) = (0, scores.count)
        while low < high {
            let middle = (low + high) / 2
            if scores[middle] < probability { low = middle + 1 } else { high = middle }
        }
        guard low < scores.count else { return Float(probabilities[scores.count - 1]) }
        guard low > 0, scores[low] != probability else { return Float(probabilities[low]) }
        let (left, right) = (Double(scores[low - 1]), Double(scores[low]))
        let share = (Double(probability) - left) / (right - left)
        return Float(
            probabilities[low - 1] + share * (probabilities[low] - probabilities[low - 1])
        )
    }

    /// Neighbouring scores that get one probability.
    private struct Block {
        var first: Float
        var last: Float
        var weight: Double
        var positive: Double
        var mean: Double { positive / weight }

        func joined(with next: Block) -> Block {
            Block(
                first: first,
                last: next.last,
                weight: weight + next.weight,
                positive: positive + next.positive
            )
        }
    }

    /// The rows of each score, ascending.
    private static func ties(_ observations: Observations) -> [Block] {
        let ranked = RankedScores(observations)
        let weights = Calibrator.rowWeights(observations)
        var ties: [Block] = []
        var isOpen = false
        for (rank, row) in ranked.order.enumerated() {
            let score = observations.predictions[Int(row)]
            let weight = weights[Int(row)]
            let positive = observations.labels[Int(row)] == 1 ? weight : 0
            if isOpen {
                ties[ties.count - 1].weight += weight
                ties[ties.count - 1].positive += positive
            } else {
                ties.append(Block(first: score, last: score, weight: weight, positive: positive))
            }
            isOpen = !ranked.endsTie[rank]
        }
        return ties
    }
}

extension IsotonicScaling {
    /// Reads a curve.
    ///
    /// - Throws: `DecodingError` for one that is none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let scores = try container.decode([Float].self, forKey: .scores)
        let probabilities = try container.decode([Double].self, forKey: .probabilities)
        guard let curve = IsotonicScaling(scores: scores, probabilities: probabilities) else {
            throw DecodingError.dataCorruptedError(
                forKey: .scores,
                in: container,
                debugDescription: "no rising curve of probabilities"
            )
        }
        self = curve
    }

    private enum CodingKeys: String, CodingKey { case scores, probabilities }
}
