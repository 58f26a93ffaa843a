/// The area under the ROC curve: how likely a positive row scores above a negative one.
///
/// `AUC = Σ_{i positive, j negative} w_i w_j ([s_i > s_j] + ½ [s_i = s_j]) / Σ w_i w_j`, exact, from
/// one sort of the scores. Without weights the sums are of whole and half numbers below 2⁵³, so the
/// result does not depend on the order of the rows.
///
/// - Complexity: O(rows).
/// - Source: Hanley and McNeil, "The meaning and use of the area under a receiver operating
///   characteristic (ROC) curve", Radiology 143, 1982. <https://doi.org/10.1148/radiology.143.1.7063747>
public enum AUC {
    /// The area for labels 0 and 1 and any real scores.
    ///
    /// - Parameters:
    ///   - labels: 0 or 1; rows with NaN are left out.
    ///   - scores: probabilities or logits, finite.
    ///   - weights: how many rows each row stands for; nil means 1 each.
    /// - Returns: the area, from 0 to 1.
    /// - Throws: `undefined_metric` if a class is missing or a value is unusable;
    ///   `metric_columns` if the lengths differ.
    public static func value(
        labels: [Float],
        scores: [Float],
        weights: [Float]? = nil
    ) throws(MetricError) -> Double {
        try value(Observations(labels: labels, predictions: scores, weights: weights))
    }

    /// The area for observations of a binary task.
    ///
    /// - Parameter observations: rows with labels 0 and 1.
    /// - Returns: the area, from 0 to 1.
    /// - Throws: `undefined_metric` if a class is missing or a value is unusable.
    public static func value(_ observations: Observations) throws(MetricError) -> Double {
        try Metric.auc.value(observations)
    }

    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireBinaryLabels(for: "AUC")
        return Prepared(
            ranked: RankedScores(observations),
            oneClass: observations.oneClass(for: "AUC")
        )
    }

    private struct Prepared: PreparedMetric {
        let ranked: RankedScores
        let oneClass: MetricError

        func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
            var sum = RankSum()
            for rank in ranked.order.indices {
                let count = Double(counts[Int(ranked.order[rank])])
                sum.add(count * Double(ranked.signedWeights[rank]))
                if ranked.endsTie[rank] { sum.endTie() }
            }
            guard let share = sum.share else { throw oneClass }
            return Measurement(value: share)
        }
    }
}
