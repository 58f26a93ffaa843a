/// What rows would have cost by the probability from which on they are refused.
///
/// Costs are means over the rows, by their weights. The best thresholds are those of the rows themselves, found among all pairs of
/// boundaries between different predictions in one pass: with `A(i)` the cost of letting the first `i` rows through, by rising
/// prediction, `B(j)` that of refusing those from `j` on and `R` that of looking at those between, `A(i) + R(j) - R(i) + B(j)` is least
/// for the `i <= j` with the least `A(i) - R(i)`. They look better than they will be on other rows; `chosen` holds thresholds of
/// rows that these were not chosen on.
public struct CostCurve: Codable, Hashable, Sendable {
    /// A threshold with its cost.
    public struct Point: Codable, Hashable, Sendable {
        /// The probability from which on rows are refused.
        public var threshold: Double
        /// The mean cost of a row.
        public var cost: Double
    }

    /// Two thresholds with their cost.
    public struct Band: Codable, Hashable, Sendable {
        /// The probability from which on rows are looked at; nil for never, equal to `refuse` where none is looked at.
        public var review: Double?
        /// The probability from which on rows are refused; nil for never.
        public var refuse: Double?
        /// The mean cost of a row.
        public var cost: Double
    }

    /// The task.
    public var task: String
    /// What decisions cost.
    public var costs: TaskCosts
    /// The rows.
    public var rows: Int
    /// The mean cost of a row where all are let through.
    public var passingAll: Double
    /// The same where all are refused.
    public var refusingAll: Double
    /// The cost by threshold, without reviews.
    public var points: [Point]
    /// The best thresholds of these rows.
    public var best: Band
    /// The thresholds of the formula, right where probabilities come true.
    public var formula: Band
    /// Thresholds that were chosen on other rows; nil without.
    public var chosen: Band?

    private enum CodingKeys: String, CodingKey {
        case task, costs, rows, points, best, formula, chosen
        case passingAll = "passing_all"
        case refusingAll = "refusing_all"
    }

    /// The thresholds at which costs are told: thousandths up to a hundredth, hundredths up to 1.
    public static let thresholds =
        (0..<10).map { Double($0) / 1000 } + (1...100).map { Double($0) / 100 }

    /// Measures rows.
    ///
    /// - Parameters:
    ///   - task: the task.
    ///   - costs: what decisions cost.
    ///   - observations: labels, 0 or 1, beside predictions, from 0 to 1; nil comes of any others, and of none.
    ///   - chosen: thresholds that were found on other rows.
    public init?(
        task: String,
        _ costs: TaskCosts,
        _ observations: Observations,
        chosen: Band? = nil
    ) {
        guard observations.form == .numbers, observations.count > 0,
            observations.labels.allSatisfy({ $0 == 0 || $0 == 1 }),
            observations.predictions.allSatisfy({ $0 >= 0 && $0 <= 1 })
        else { return nil }
        let sums = Sums(observations, costs)
        self.task = task
        self.costs = costs
        rows = observations.count
        passingAll = sums.cost(nil, nil)
        refusingAll = sums.cost(0, 0)
        points = Self.thresholds.map { Point(threshold: $0, cost: sums.cost($0, $0)) }
        best = sums.best(hasReviews: costs.review != nil)
        let (review, refuse) = costs.thresholds
        formula = Band(review: review, refuse: refuse, cost: sums.cost(review, refuse))
        self.chosen = chosen.map {
            Band(review: $0.review, refuse: $0.refuse, cost: sums.cost($0.review, $0.refuse))
        }
    }

    /// Costs up to each boundary between different predictions.
    private struct Sums {
        /// The prediction of the rows after each boundary but the last, ascending.
        var predictions: [Double] = []
        /// The cost of the rows before each boundary, were they let through, looked at, refused.
        var passing = [0.0]
        var reviewing = [0.0]
        var refusing = [0.0]
        var weight = 0.0

        init(_ observations: Observations, _ costs: TaskCosts) {
            let ranked = RankedScores(observations)
            var isNew = true
            for (rank, row) in ranked.order.enumerated() {
                let weight = Double(observations.weight(Int(row)))
                let isPositive = observations.labels[Int(row)] == 1
                if isNew {
                    predictions.append(Double(observations.predictions[Int(row)]))
                    for sums in [\Sums.passing, \.reviewing, \.refusing] {
                        self[keyPath: sums].append(self[keyPath: sums].last ?? 0)
                    }
                }
                let last = passing.count - 1
                passing[last] += weight * costs.ofPassing(isPositive)
                if costs.review != nil { reviewing[last] += weight * costs.ofReviewing(isPositive) }
                refusing[last] += weight * costs.ofRefusing(isPositive)
                self.weight += weight
                isNew = ranked.endsTie[rank]
            }
        }

        /// The number of the boundary before the first prediction that a threshold reaches; the last for nil.
        func boundary(_ threshold: Double?) -> Int {
            guard let threshold else { return predictions.count }
            var (low, high) = (0, predictions.count)
            while low < high {
                let middle = (low + high) / 2
                if predictions[middle] < threshold { low = middle + 1 } else { high = middle }
            }
            return low
        }

        func cost(_ review: Double?, _ refuse: Double?) -> Double {
            cost(boundary(review), boundary(refuse))
        }

        private func cost(_ first: Int, _ second: Int) -> Double {
            let end = passing.count - 1
            let sum =
                passing[first] + reviewing[second] - reviewing[first] + refusing[end]
                - refusing[second]
            return weight > 0 ? sum / weight : 0
        }

        func best(hasReviews: Bool) -> Band {
            var (least, found) = (Double.infinity, (0, 0))
            var first = 0
            for second in passing.indices {
                if !hasReviews {
                    first = second
                } else if passing[second] - reviewing[second] < passing[first] - reviewing[first] {
                    first = second
                }
                let cost = cost(first, second)
                if cost < least { (least, found) = (cost, (first, second)) }
            }
            func threshold(_ boundary: Int) -> Double? {
                boundary < predictions.count ? predictions[boundary] : nil
            }
            return Band(
                review: threshold(found.0),
                refuse: threshold(found.1),
                cost: least
            )
        }
    }
}
