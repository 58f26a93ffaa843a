/// The share of rows whose prediction lies on the label's side of one half.
///
/// A prediction of exactly 0.5 counts as positive. With rare positives accuracy says little: always
/// saying no scores the share of negatives.
public enum Accuracy {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireBinaryLabels(for: "accuracy")
        return SumMetric("accuracy", observations) { label, prediction in
            SIMD3((prediction >= 0.5) == (label == 1) ? 1 : 0, 0, 0)
        } finish: { sums throws(MetricError) in
            sums.y / sums.x
        }
    }
}
