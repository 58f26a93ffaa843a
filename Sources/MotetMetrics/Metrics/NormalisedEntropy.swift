import MotetCore

/// Log loss relative to that of always predicting the mean label.
///
/// `NE = logLoss / (-m log m - (1 - m) log(1 - m))`, where `m` is the weighted mean of the labels. Below
/// 1 the model knows more than the mean; unlike log loss it can be compared between tasks whose
/// positives are rare to different degrees.
///
/// - Source: He et al., "Practical Lessons from Predicting Clicks on Ads at Facebook", ADKDD 2014,
///   §3, eq. 3. <https://doi.org/10.1145/2648584.2648589>
public enum NormalisedEntropy {
    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        let name = "normalised entropy"
        try LogLoss.check(observations, for: name)
        let oneClass = observations.oneClass(for: name)
        return SumMetric(name, observations) { label, prediction in
            // The negatives get a sum of their own: 1 - m would lose them to rounding.
            SIMD3(LogLoss.crossEntropy(label, prediction), label, 1 - label)
        } finish: { sums throws(MetricError) in
            guard sums.z > 0, sums.w > 0 else { throw oneClass }
            let (positive, negative) = (sums.z / sums.x, sums.w / sums.x)
            let entropy = -positive * logarithm(positive) - negative * logarithm(negative)
            return sums.y / sums.x / entropy
        }
    }
}
