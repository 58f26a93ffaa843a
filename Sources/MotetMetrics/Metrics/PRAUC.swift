/// Average precision: the area under the precision-recall curve, summed without interpolation.
///
/// With thresholds at the distinct scores from the highest down, `AP = Σ_n (R_n - R_{n-1}) P_n`, where
/// `P_n` and `R_n` are precision and recall of the rows at or above threshold *n*. Rows of equal
/// score enter together, so the result does not depend on their order; linear interpolation between
/// thresholds, which is too optimistic, is not used. A ranking at random scores the share of
/// positives, not one half.
///
/// - Complexity: O(rows).
/// - Source: Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves", ICML
///   2006, <https://doi.org/10.1145/1143844.1143874>; the definition is scikit-learn's
///   `average_precision_score`.
/// - Departures: rows of one class only are undefined here, also where all are positive.
public enum PRAUC {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireBinaryLabels(for: "PR-AUC")
        return Prepared(
            ranked: RankedScores(observations),
            oneClass: observations.oneClass(for: "PR-AUC")
        )
    }

    private struct Prepared: PreparedMetric {
        let ranked: RankedScores
        let oneClass: MetricError

        func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
            var (truePositives, falsePositives) = (0.0, 0.0)
            var (tiedPositives, area) = (0.0, 0.0)
            // From the highest score down a tie begins where, going up, the previous rank ends one.
            for rank in ranked.order.indices.reversed() {
                let count = Double(counts[Int(ranked.order[rank])])
                let weight = count * Double(ranked.signedWeights[rank])
                tiedPositives += max(weight, 0)
                falsePositives -= min(weight, 0)
                guard rank == 0 || ranked.endsTie[rank - 1] else { continue }
                truePositives += tiedPositives
                if tiedPositives > 0 {
                    area += tiedPositives * truePositives / (truePositives + falsePositives)
                }
                tiedPositives = 0
            }
            guard truePositives > 0, falsePositives > 0 else { throw oneClass }
            return Measurement(value: area / truePositives)
        }
    }
}
