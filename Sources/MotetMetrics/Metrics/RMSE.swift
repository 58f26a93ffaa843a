/// The root of the mean squared error, in the label's unit: `√(Σ w (p - y)² / Σ w)`.
public enum RMSE {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireRows(for: "RMSE")
        return SumMetric("RMSE", observations) { label, prediction in
            SIMD3((prediction - label) * (prediction - label), 0, 0)
        } finish: { sums throws(MetricError) in
            (sums.y / sums.x).squareRoot()
        }
    }
}
