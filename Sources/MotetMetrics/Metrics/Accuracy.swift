/// The share of rows that are right; for tags, the share of tokens.
///
/// A row of one number is right if its prediction lies on the label's side of one half, 0.5 itself
/// counting as positive; with rare positives that says little: always saying no scores the share of
/// negatives. A row of class scores is right if the label has the greatest score, the first of equal
/// ones. A token counts as much as its sentence weighs.
public enum Accuracy {
    /// The share of equal classes.
    ///
    /// - Parameters:
    ///   - labels: the right classes.
    ///   - predicted: the predicted ones.
    /// - Returns: from 0 to 1.
    /// - Throws: `undefined_metric` without rows; `metric_columns` if the lengths differ.
    public static func value(labels: [Int], predicted: [Int]) throws(MetricError) -> Double {
        guard labels.count == predicted.count else {
            throw .columns(
                "predictions: length differs from the labels'; expected \(labels.count) rows; "
                    + "received \(predicted.count)."
            )
        }
        guard !labels.isEmpty else { throw .undefined("accuracy needs rows; received none") }
        let right = zip(labels, predicted).count { $0 == $1 }
        return Double(right) / Double(labels.count)
    }

    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        let pairs = try observations.classPairs(for: "accuracy")
        var quantities = [SIMD3<Double>](repeating: .zero, count: observations.count)
        for pair in pairs {
            quantities[Int(pair.row)] += SIMD3(1, pair.label == pair.predicted ? 1 : 0, 0)
        }
        return SumMetric("accuracy", observations, quantities: quantities) {
            sums throws(MetricError) in
            sums.z / sums.y
        }
    }
}
