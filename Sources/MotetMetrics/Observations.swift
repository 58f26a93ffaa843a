/// Labels beside predictions, column by column: what a metric is computed from.
///
/// Rows that cannot count are dropped when they come in, and counted in `rowsLeftOut`: rows whose
/// mask is false, whose label is NaN (missing), or whose weight is 0. For a binary task `labels`
/// are 0 or 1 and `predictions` are probabilities, not logits (ranking metrics take either).
public struct Observations: Sendable {
    /// The labels.
    public private(set) var labels: [Float]
    /// The predictions: probabilities of a binary task, quantities of a regression.
    public private(set) var predictions: [Float]
    /// How many rows each row stands for, all positive; nil means 1 each.
    public private(set) var weights: [Float]?
    /// The group of each row, such as the user, for grouped metrics and resampling by group.
    public private(set) var groups: [Int32]?
    /// The scenario of each row, as a number from 0.
    public private(set) var scenarios: [Int32]?
    /// The rows dropped on the way in.
    public private(set) var rowsLeftOut = 0

    /// The rows that count.
    public var count: Int { labels.count }

    /// Creates observations from columns of one length.
    ///
    /// - Parameters:
    ///   - labels: the labels; NaN where there is none.
    ///   - predictions: the predictions.
    ///   - weights: sample weights, finite and not negative; nil means 1 each.
    ///   - groups: the group of each row, for grouped metrics.
    ///   - scenarios: the scenario of each row.
    ///   - mask: true for the rows that count; nil means all.
    /// - Throws: `metric_columns` if the columns' lengths differ or a weight is unusable.
    public init(
        labels: [Float],
        predictions: [Float],
        weights: [Float]? = nil,
        groups: [Int32]? = nil,
        scenarios: [Int32]? = nil,
        mask: [Bool]? = nil
    ) throws(MetricError) {
        try Self.checkLengths(
            rows: labels.count,
            [
                ("predictions", predictions.count), ("weights", weights?.count),
                ("groups", groups?.count), ("scenarios", scenarios?.count),
                ("mask", mask?.count),
            ]
        )
        if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }), let weights {
            throw .columns(
                "weights: row \(row) cannot be used; expected a finite number of at least 0; "
                    + "received \(weights[row])."
            )
        }
        self.labels = labels
        self.predictions = predictions
        self.weights = weights
        self.groups = groups
        self.scenarios = scenarios
        dropRows(mask: mask)
    }

    /// Adds the rows of other observations, such as those of the next batch.
    ///
    /// - Parameter other: observations with the same optional columns.
    /// - Throws: `metric_columns` if only one side has weights, groups or scenarios.
    public mutating func append(_ other: Observations) throws(MetricError) {
        let columns = [
            ("weights", weights == nil, other.weights == nil),
            ("groups", groups == nil, other.groups == nil),
            ("scenarios", scenarios == nil, other.scenarios == nil),
        ]
        if let (name, missing, _) = columns.first(where: { $0.1 != $0.2 }) {
            throw .columns(
                "\(name): present on one side only; expected the column in both parts or in "
                    + "neither; received it in the \(missing ? "second" : "first")."
            )
        }
        labels += other.labels
        predictions += other.predictions
        weights?.append(contentsOf: other.weights ?? [])
        groups?.append(contentsOf: other.groups ?? [])
        scenarios?.append(contentsOf: other.scenarios ?? [])
        rowsLeftOut += other.rowsLeftOut
    }

    private static func checkLengths(
        rows: Int,
        _ columns: [(name: String, count: Int?)]
    ) throws(MetricError) {
        for column in columns {
            guard let count = column.count, count != rows else { continue }
            throw .columns(
                "\(column.name): length differs from the labels'; expected \(rows) rows; "
                    + "received \(count)."
            )
        }
    }

    private mutating func dropRows(mask: [Bool]?) {
        let keeps = labels.indices.filter { row in
            (mask?[row] ?? true) && !labels[row].isNaN && weights?[row] != 0
        }
        guard keeps.count < labels.count else { return }
        let dropped = labels.count - keeps.count
        self = subset(keeps)
        rowsLeftOut = dropped
    }
}

extension Observations {
    /// The rows with the given numbers, in that order.
    ///
    /// - Parameter rows: row numbers of `labels`, from 0; a row may come more than once.
    /// - Returns: observations of these rows, with nothing counted as left out.
    public func subset(_ rows: [Int]) -> Observations {
        var part = self
        part.labels = rows.map { labels[$0] }
        part.predictions = rows.map { predictions[$0] }
        part.weights = weights.map { column in rows.map { column[$0] } }
        part.groups = groups.map { column in rows.map { column[$0] } }
        part.scenarios = scenarios.map { column in rows.map { column[$0] } }
        part.rowsLeftOut = 0
        return part
    }

    /// The rows of each scenario `0 ..< count`; rows of other scenarios are in none of them.
    ///
    /// - Parameter count: the number of scenarios.
    /// - Returns: one part for each scenario, rows in their order; empty parts without the column.
    public func split(scenarios count: Int) -> [Observations] {
        var rows = [[Int]](repeating: [], count: count)
        for (row, scenario) in (scenarios ?? []).enumerated()
        where scenario >= 0 && Int(scenario) < count {
            rows[Int(scenario)].append(row)
        }
        return rows.map(subset)
    }

    /// The same rows with other predictions, to compare two models.
    ///
    /// - Parameter predictions: one prediction for each row that counts.
    /// - Returns: observations that differ in the predictions only.
    /// - Throws: `metric_columns` if the lengths differ.
    public func replacing(predictions: [Float]) throws(MetricError) -> Observations {
        try Self.checkLengths(rows: count, [("predictions", predictions.count)])
        var other = self
        other.predictions = predictions
        return other
    }
}
