/// One number of a report to watch: a task's metric, a scenario's, or a mean over either.
///
/// Early stopping and the choice of the best checkpoint compare it by `metric.goal`.
public struct MetricSelector: Hashable, Sendable {
    /// Which rows count.
    public enum Scenario: Hashable, Sendable {
        /// All rows, whatever their scenario.
        case allRows
        /// The rows of one scenario.
        case named(String)
        /// Every scenario's rows apart; their values are averaged.
        case mean
    }

    /// The metric.
    public let metric: Metric
    /// The task, or nil for the mean over tasks that have the metric.
    public let task: String?
    /// Which rows count.
    public let scenario: Scenario

    /// Creates a selector.
    public init(_ metric: Metric, task: String? = nil, scenario: Scenario = .allRows) {
        self.metric = metric
        self.task = task
        self.scenario = scenario
    }
}

extension MetricReport {
    /// The number a selector points at.
    ///
    /// A mean weighs its entries alike and leaves out those that are undefined, which are the same
    /// from epoch to epoch since that depends on the labels; they are counted in `groups`.
    ///
    /// - Parameter selector: what to watch.
    /// - Returns: the value, or the reason why there is none.
    public func value(_ selector: MetricSelector) -> MetricValue {
        let values = entries.filter { selects(selector, $0) }.map(\.estimate.value)
        if values.count == 1 { return values[0] }
        let rows = values.reduce(0) { $0 + $1.rows }
        let rowsLeftOut = values.reduce(0) { $0 + $1.rowsLeftOut }
        let defined = values.compactMap(\.value)
        guard !defined.isEmpty else {
            let why = values.first?.reason.map { ": \($0)" } ?? ""
            let reason = "\(selector.metric.title) has no value in \(values.count) places\(why)"
            return MetricValue(.undefined(reason), rows: rows, rowsLeftOut: rowsLeftOut)
        }
        return MetricValue(
            .value(defined.reduce(0, +) / Double(defined.count)),
            rows: rows,
            rowsLeftOut: rowsLeftOut,
            groups: MetricValue.Groups(
                used: defined.count,
                leftOut: values.count - defined.count
            )
        )
    }

    private func selects(_ selector: MetricSelector, _ entry: Entry) -> Bool {
        guard entry.metric == selector.metric.name else { return false }
        if let task = selector.task, task != entry.task { return false }
        return switch selector.scenario {
        case .allRows: entry.scenario == nil
        case .named(let name): entry.scenario == name
        case .mean: entry.scenario != nil
        }
    }
}
