/// The sum of predictions over the sum of labels: 1 if the model predicts as much as happens.
///
/// `Σ w p / Σ w y`; for a binary task the expected over the observed number of positives. Above 1 the
/// model promises too much. It says nothing about ranking, nor about errors that cancel: for these see
/// ``CalibrationError``.
public enum Calibration {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireRows(for: "calibration")
        return SumMetric("calibration", observations) { label, prediction in
            SIMD3(prediction, label, 0)
        } finish: { sums throws(MetricError) in
            guard sums.z != 0 else {
                throw .undefined("calibration needs labels that do not sum to 0; received sum 0")
            }
            return sums.y / sums.z
        }
    }
}
