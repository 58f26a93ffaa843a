/// A metric made ready on some rows: sorted, or reduced to terms of sums.
///
/// Measuring is linear in the rows, whatever the preparation cost; this is what makes a bootstrap of
/// AUC over millions of rows affordable.
protocol PreparedMetric: Sendable {
    /// The metric when row `i` occurs `counts[i]` times.
    func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement
}

/// What a prepared metric measures.
struct Measurement {
    var value: Double
    var groups: MetricValue.Groups?
}

/// A metric that is a function of a few sums over rows.
struct SumMetric: PreparedMetric {
    /// The sums: total weight first, then the metric's own.
    typealias Sums = SIMD4<Double>

    let name: String
    let terms: [Sums]
    let finish: @Sendable (Sums) throws(MetricError) -> Double

    /// Prepares a metric whose row terms are multiplied by the row's weight.
    ///
    /// - Parameters:
    ///   - name: how sentences call the metric.
    ///   - observations: the rows.
    ///   - term: up to three quantities of a row, from its label and prediction.
    ///   - finish: the metric from the sums: the total weight, then the weighted quantities.
    init(
        _ name: String,
        _ observations: Observations,
        term: (_ label: Double, _ prediction: Double) -> SIMD3<Double>,
        finish: @escaping @Sendable (Sums) throws(MetricError) -> Double
    ) {
        self.name = name
        self.finish = finish
        terms = observations.labels.indices.map { row in
            let label = Double(observations.labels[row])
            let values = term(label, Double(observations.predictions[row]))
            return Sums(1, values.x, values.y, values.z) * Double(observations.weight(row))
        }
    }

    /// Prepares a metric from quantities of each row, which are multiplied by the row's weight.
    init(
        _ name: String,
        _ observations: Observations,
        quantities: [SIMD3<Double>],
        finish: @escaping @Sendable (Sums) throws(MetricError) -> Double
    ) {
        self.name = name
        self.finish = finish
        terms = quantities.indices.map { row in
            let values = quantities[row]
            return Sums(1, values.x, values.y, values.z) * Double(observations.weight(row))
        }
    }

    func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
        var sums = Sums.zero
        for row in terms.indices { sums += terms[row] * Double(counts[row]) }
        guard sums.x > 0 else { throw .undefined("\(name) needs rows; received none") }
        return Measurement(value: try finish(sums))
    }
}
