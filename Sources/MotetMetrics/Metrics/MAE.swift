/// The mean absolute error, in the label's unit: `Σ w |p - y| / Σ w`.
public enum MAE {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireRows(for: "MAE")
        return SumMetric("MAE", observations) { label, prediction in
            SIMD3(abs(prediction - label), 0, 0)
        } finish: { sums throws(MetricError) in
            sums.y / sums.x
        }
    }
}
