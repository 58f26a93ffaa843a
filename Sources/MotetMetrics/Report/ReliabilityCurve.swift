/// What was predicted beside what happened, in bins of rows with about equal predictions.
///
/// Bins hold about the same weight of rows; rows of equal prediction stay in one bin, that of the middle of their
/// weight, as in ``CalibrationError``. The interval of the share of positive rows is Wilson's at 95 %, with
/// `(Σ w)² / Σ w²` as the number of rows, which is their number where weights are equal.
///
/// - Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22(158), 1927.
///   <https://doi.org/10.1080/01621459.1927.10502953>; Kish, "Survey Sampling", 1965, §11.7 for the number of rows.
public struct ReliabilityCurve: Codable, Hashable, Sendable {
    /// A bin.
    public struct Bin: Codable, Hashable, Sendable {
        /// The mean prediction.
        public var predicted: Double
        /// The share of positive rows.
        public var observed: Double
        /// The lower end of its interval.
        public var lower: Double
        /// The upper end of its interval.
        public var upper: Double
        /// The rows.
        public var rows: Int
    }

    /// The task.
    public var task: String
    /// The bins by rising prediction; those without rows are left out.
    public var bins: [Bin]

    /// Puts rows into bins.
    ///
    /// - Parameters:
    ///   - task: the task.
    ///   - observations: its labels, 0 or 1, beside its predictions, from 0 to 1; nil comes of any others, and of
    ///     none.
    ///   - count: the most bins.
    public init?(task: String, _ observations: Observations, bins count: Int = 10) {
        guard count > 0, observations.form == .numbers, observations.count > 0,
            observations.labels.allSatisfy({ $0 == 0 || $0 == 1 }),
            observations.predictions.allSatisfy({ $0 >= 0 && $0 <= 1 })
        else { return nil }
        self.task = task
        let ranked = RankedScores(observations)
        let total = observations.labels.indices.reduce(0.0) {
            $0 + Double(observations.weight($1))
        }
        var sums = [Sums](repeating: Sums(), count: count)
        var (below, tie) = (0.0, Sums())
        for (rank, row) in ranked.order.enumerated() {
            tie.add(
                label: Double(observations.labels[Int(row)]),
                prediction: Double(observations.predictions[Int(row)]),
                weight: Double(observations.weight(Int(row)))
            )
            guard ranked.endsTie[rank] else { continue }
            let middle = (below + tie.weight / 2) / total
            sums[min(Int(middle * Double(count)), count - 1)].add(tie)
            below += tie.weight
            tie = Sums()
        }
        bins = sums.filter { $0.rows > 0 }.map(\.bin)
    }

    private struct Sums {
        var rows = 0
        var weight = 0.0
        var squares = 0.0
        var labels = 0.0
        var predictions = 0.0

        mutating func add(label: Double, prediction: Double, weight: Double) {
            rows += 1
            self.weight += weight
            squares += weight * weight
            labels += weight * label
            predictions += weight * prediction
        }

        mutating func add(_ other: Sums) {
            rows += other.rows
            weight += other.weight
            squares += other.squares
            labels += other.labels
            predictions += other.predictions
        }

        var bin: Bin {
            let share = labels / weight
            let rows = weight * weight / squares
            let z = 1.959963984540054
            let middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
            let spread = share * (1 - share) / rows + z * z / (4 * rows * rows)
            let reach = z / (1 + z * z / rows) * spread.squareRoot()
            return Bin(
                predicted: predictions / weight,
                observed: share,
                lower: max(0, middle - reach),
                upper: min(1, middle + reach),
                rows: self.rows
            )
        }
    }
}
