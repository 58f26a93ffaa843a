/// F1 over classes: the harmonic mean of precision and recall.
///
/// For one class, `F1 = 2 tp / (2 tp + fp + fn)`. *Macro* is the plain mean over the classes that
/// occur among labels or predictions. *Micro* adds tp, fp and fn of all classes first; where every
/// row has one class and none is left out it equals accuracy, so it is of use with a class left out
/// that means nothing was found, such as the tag `O`.
///
/// - Source: Sokolova and Lapalme, "A systematic analysis of performance measures for classification
///   tasks", Information Processing & Management 45, 2009, table 3.
///   <https://doi.org/10.1016/j.ipm.2009.03.002>
/// - Departures: the paper's macro score is the harmonic mean of mean precision and mean recall; the
///   mean of the classes' F1 is what scikit-learn and the benchmarks of taggers report.
public enum F1 {
    static func macro(_ matrix: ConfusionMatrix, leavingOut: Int?) -> Double? {
        let values = (0..<matrix.classes).filter { $0 != leavingOut }.compactMap(matrix.f1)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    static func micro(_ matrix: ConfusionMatrix, leavingOut: Int?) -> Double? {
        var (right, all) = (0.0, 0.0)
        for index in 0..<matrix.classes where index != leavingOut {
            right += matrix[index, index]
            all += matrix.labelled(index) + matrix.predicted(index)
        }
        return all > 0 ? 2 * right / all : nil
    }

    static func prepare(
        _ observations: Observations,
        title: String,
        leavingOut: Int?,
        _ score: @escaping @Sendable (ConfusionMatrix, Int?) -> Double?
    ) throws(MetricError) -> any PreparedMetric {
        let pairs = try observations.classPairs(for: title)
        return Prepared(
            title: title,
            pairs: pairs,
            weights: pairs.map { Double(observations.weight(Int($0.row))) },
            classes: ConfusionMatrix.classes(of: pairs, observations.form),
            leavingOut: leavingOut,
            score: score
        )
    }

    private struct Prepared: PreparedMetric {
        let title: String
        let pairs: [ClassPair]
        let weights: [Double]
        let classes: Int
        let leavingOut: Int?
        let score: @Sendable (ConfusionMatrix, Int?) -> Double?

        func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
            var matrix = ConfusionMatrix(classes: classes)
            for (pair, weight) in zip(pairs, weights) {
                let count = Double(counts[Int(pair.row)])
                matrix.add(Int(pair.label), Int(pair.predicted), weight * count)
            }
            guard let value = score(matrix, leavingOut) else {
                let left = leavingOut.map { " other than \($0)" } ?? ""
                throw .undefined("\(title) needs a class\(left); received none")
            }
            return Measurement(value: value)
        }
    }
}
