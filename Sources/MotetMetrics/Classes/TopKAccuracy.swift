/// The share of rows whose class is among the `k` with the greatest scores.
///
/// Of equal scores the class with the smaller number counts as the greater, so `k = 1` is accuracy.
/// With `k` classes or fewer every row is right, which says nothing; the metric is undefined then.
public enum TopKAccuracy {
    /// The `k` of a name such as `top_5_accuracy`, or nil.
    static func count(inName name: String) -> Int? {
        guard name.hasPrefix("top_"), name.hasSuffix("_accuracy") else { return nil }
        let digits = name.dropFirst("top_".count).dropLast("_accuracy".count)
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), digits.first != "0" else {
            return nil
        }
        return Int(digits)
    }

    static func prepare(
        _ observations: Observations,
        _ count: Int
    ) throws(MetricError) -> any PreparedMetric {
        let title = "top-\(count) accuracy"
        try observations.requireClasses(for: title)
        let classes = observations.form.predictionWidth
        guard classes > count else {
            throw .undefined("\(title) needs more than \(count) classes; received \(classes)")
        }
        let quantities = (0..<observations.count).map { row in
            let scores = observations.predictions[row * classes..<(row + 1) * classes]
            let label = Int(observations.labels[row])
            let mine = scores[row * classes + label]
            let before = scores.enumerated().count { $1 > mine || ($1 == mine && $0 < label) }
            return SIMD3<Double>(before < count ? 1 : 0, 0, 0)
        }
        return SumMetric(title, observations, quantities: quantities) {
            sums throws(MetricError) in
            sums.y / sums.x
        }
    }
}
