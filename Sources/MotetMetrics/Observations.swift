/// Labels beside predictions, column by column: what a metric is computed from.
///
/// Rows that cannot count are dropped when they come in, and counted in `rowsLeftOut`: rows whose
/// mask is false, whose label is missing, or whose weight is 0. For a binary task `labels` are 0 or 1
/// and `predictions` are probabilities, not logits (ranking metrics take either). Rows of other tasks
/// hold several numbers, as their ``RowForm`` says.
public struct Observations: Sendable {
    /// What a row holds.
    public let form: RowForm
    /// The labels: `form.labelWidth` for each row.
    public internal(set) var labels: [Float]
    /// The predictions: `form.predictionWidth` for each row.
    public internal(set) var predictions: [Float]
    /// How many rows each row stands for, all positive; nil means 1 each.
    public internal(set) var weights: [Float]?
    /// The group of each row, such as the user, for grouped metrics and resampling by group.
    public internal(set) var groups: [Int32]?
    /// The scenario of each row, as a number from 0.
    public internal(set) var scenarios: [Int32]?
    /// The rows dropped on the way in.
    public internal(set) var rowsLeftOut = 0

    /// The rows that count.
    public var count: Int { labels.count / form.labelWidth }

    /// Creates observations from columns of one length.
    ///
    /// - Parameters:
    ///   - form: what a row holds.
    ///   - labels: the labels, row by row; NaN where there is none.
    ///   - predictions: the predictions, row by row.
    ///   - weights: sample weights, finite and not negative; nil means 1 each.
    ///   - groups: the group of each row, for grouped metrics.
    ///   - scenarios: the scenario of each row.
    ///   - mask: true for the rows that count; nil means all.
    /// - Throws: `metric_columns` if the columns' lengths differ or a weight is unusable.
    public init(
        _ form: RowForm = .numbers,
        labels: [Float],
        predictions: [Float],
        weights: [Float]? = nil,
        groups: [Int32]? = nil,
        scenarios: [Int32]? = nil,
        mask: [Bool]? = nil
    ) throws(MetricError) {
        guard labels.count.isMultiple(of: form.labelWidth) else {
            throw .columns(
                "labels: values do not fill rows; expected \(form.labelWidth) for each row; "
                    + "received \(labels.count)."
            )
        }
        let rows = labels.count / form.labelWidth
        try Self.checkLength("predictions", predictions.count, rows, form.predictionWidth)
        try Self.checkLength("weights", weights?.count, rows)
        try Self.checkLength("groups", groups?.count, rows)
        try Self.checkLength("scenarios", scenarios?.count, rows)
        try Self.checkLength("mask", mask?.count, rows)
        if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }), let weights {
            throw .columns(
                "weights: row \(row) cannot be used; expected a finite number of at least 0; "
                    + "received \(weights[row])."
            )
        }
        self.form = form
        self.labels = labels
        self.predictions = predictions
        self.weights = weights
        self.groups = groups
        self.scenarios = scenarios
        dropRows(rows, mask: mask)
    }

    /// Adds the rows of other observations, such as those of the next batch.
    ///
    /// - Parameter other: observations of the same form with the same optional columns.
    /// - Throws: `metric_columns` if the forms differ, or only one side has weights, groups or
    ///   scenarios.
    public mutating func append(_ other: Observations) throws(MetricError) {
        guard form == other.form else {
            throw .columns(
                "observations: rows hold something else; expected rows of \(form.kind.phrase) as in "
                    + "the first part; received \(other.form.kind.phrase)."
            )
        }
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

    static func checkLength(
        _ name: String,
        _ count: Int?,
        _ rows: Int,
        _ width: Int = 1
    ) throws(MetricError) {
        guard let count, count != rows * width else { return }
        let expected = width == 1 ? "\(rows) rows" : "\(rows) rows of \(width)"
        throw .columns(
            "\(name): length differs from the labels'; expected \(expected); received \(count)."
        )
    }

    private mutating func dropRows(_ rows: Int, mask: [Bool]?) {
        let keeps = (0..<rows).filter { row in
            (mask?[row] ?? true) && !isMissing(row) && weights?[row] != 0
        }
        guard keeps.count < rows else { return }
        self = subset(keeps)
        rowsLeftOut = rows - keeps.count
    }

    private func isMissing(_ row: Int) -> Bool {
        let mine = labels[row * form.labelWidth..<(row + 1) * form.labelWidth]
        return switch form.kind {
        case .numbers, .classes, .detections: mine.first?.isNaN ?? true
        case .boxes: mine.contains(where: \.isNaN)
        case .tags: !mine.contains { $0 >= 0 }
        }
    }
}
