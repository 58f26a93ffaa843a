import MotetCore

/// The mean binary cross-entropy of probabilities, in nats.
///
/// `-Σ w (y log p + (1 - y) log(1 - p)) / Σ w`, with `p` kept `2⁻²³` away from 0 and 1 (the spacing of
/// Float32 below 2), so that a saturated prediction costs 15.9 and not infinity. Labels may lie
/// between 0 and 1.
public enum LogLoss {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try check(observations, for: "log loss")
        return SumMetric("log loss", observations) { label, prediction in
            SIMD3(crossEntropy(label, prediction), 0, 0)
        } finish: { sums throws(MetricError) in
            sums.y / sums.x
        }
    }

    /// Refuses predictions that are not probabilities and labels outside 0 and 1.
    static func check(_ observations: Observations, for metric: String) throws(MetricError) {
        try observations.requireRows(for: metric)
        try observations.requireProbabilities(for: metric)
        if let row = observations.labels.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) {
            throw .undefined(
                "\(metric) needs labels from 0 to 1; received \(observations.labels[row])"
            )
        }
    }

    /// The cross-entropy of one row.
    static func crossEntropy(_ label: Double, _ prediction: Double) -> Double {
        let margin = Double(Float.ulpOfOne)
        let probability = min(max(prediction, margin), 1 - margin)
        // Most rows have a hard label: one logarithm is enough for them.
        if label == 0 { return -logarithmOnePlus(-probability) }
        if label == 1 { return -logarithm(probability) }
        return -label * logarithm(probability) - (1 - label) * logarithmOnePlus(-probability)
    }
}
