/// Expected calibration error: how far predictions are from what happens, bin by bin.
///
/// `ECE = Σ_b (W_b / W) |ȳ_b - p̄_b|` over bins of predictions, with weighted means of labels and
/// predictions in each bin; empty bins count nothing.
///
/// - Source: Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
///   Binning", AAAI 2015, <https://doi.org/10.1609/aaai.v29i1.9602>; equal-width bins closed on the
///   right: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 3.
/// - Departures: with equal mass, rows of equal prediction stay in one bin, that of the middle of
///   their weight, so the result does not depend on the order of the rows.
public enum CalibrationError {
    /// How predictions fall into bins.
    public enum Binning: String, Hashable, Sendable, CaseIterable {
        /// Bins that hold the same weight of rows.
        case equalMass
        /// Bins `(0, 1/n], (1/n, 2/n], ...` of probability; 0 belongs to the first.
        case equalWidth

        var metricName: String {
            switch self {
            case .equalMass: "calibration_error"
            case .equalWidth: "calibration_error_equal_width"
            }
        }
    }

    static func prepare(
        _ observations: Observations,
        binning: Binning,
        bins: Int
    ) throws(MetricError) -> any PreparedMetric {
        let name = "calibration error"
        try observations.requireRows(for: name)
        switch binning {
        case .equalMass: return EqualMass(observations, bins: bins)
        case .equalWidth:
            try observations.requireProbabilities(for: name)
            return EqualWidth(observations, bins: bins)
        }
    }

    /// Sums of a bin: weight, weighted labels, weighted predictions.
    typealias Sums = SIMD3<Double>

    private static func sums(_ observations: Observations, _ row: Int) -> Sums {
        Sums(1, Double(observations.labels[row]), Double(observations.predictions[row]))
            * Double(observations.weight(row))
    }

    private static func error(_ bins: [Sums]) throws(MetricError) -> Measurement {
        let weight = bins.reduce(0) { $0 + $1.x }
        guard weight > 0 else { throw .undefined("calibration error needs rows; received none") }
        return Measurement(value: bins.reduce(0) { $0 + abs($1.y - $1.z) } / weight)
    }

    private struct EqualWidth: PreparedMetric {
        let terms: [Sums]
        let binOfRow: [Int32]
        let bins: Int

        init(_ observations: Observations, bins: Int) {
            self.bins = bins
            terms = observations.labels.indices.map { sums(observations, $0) }
            binOfRow = observations.predictions.map { prediction in
                let upper = (Double(prediction) * Double(bins)).rounded(.up)
                return Int32(min(max(Int(upper) - 1, 0), bins - 1))
            }
        }

        func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
            var sums = [Sums](repeating: .zero, count: bins)
            for row in terms.indices {
                sums[Int(binOfRow[row])] += terms[row] * Double(counts[row])
            }
            return try error(sums)
        }
    }

    private struct EqualMass: PreparedMetric {
        let order: [UInt32]
        let terms: [Sums]
        let endsTie: [Bool]
        let bins: Int

        init(_ observations: Observations, bins: Int) {
            self.bins = bins
            let ranked = RankedScores(observations)
            order = ranked.order
            endsTie = ranked.endsTie
            terms = ranked.order.map { sums(observations, Int($0)) }
        }

        func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
            var total = 0.0
            for rank in terms.indices { total += terms[rank].x * Double(counts[Int(order[rank])]) }
            var sums = [Sums](repeating: .zero, count: bins)
            var (below, tie) = (0.0, Sums.zero)
            for rank in terms.indices {
                tie += terms[rank] * Double(counts[Int(order[rank])])
                guard endsTie[rank], tie.x > 0 else { continue }
                let middle = (below + tie.x / 2) / total
                sums[min(Int(middle * Double(bins)), bins - 1)] += tie
                below += tie.x
                tie = .zero
            }
            return try error(sums)
        }
    }
}
