/// The weighted absolute percentage error of a demand forecast: `Σ w |p - y| / Σ w |y|`.
///
/// Unlike the mean of percentages it is defined where single labels are 0; it is undefined where all
/// are.
public enum WAPE {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireRows(for: "WAPE")
        return SumMetric("WAPE", observations) { label, prediction in
            SIMD3(abs(prediction - label), abs(label), 0)
        } finish: { sums throws(MetricError) in
            guard sums.z > 0 else {
                throw .undefined("WAPE needs a label other than 0; received 0 only")
            }
            return sums.y / sums.z
        }
    }
}
