import Foundation
public import MotetMetrics
public import MotetTraining

/// What the rows of a report stand for.
public struct ReportGrouping: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: Int

    /// Creates a grouping from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// A row for each scenario.
    public static let scenario = ReportGrouping(rawValue: 1)
    /// A row for each task.
    public static let task = ReportGrouping(rawValue: 2)
}

extension MetricReport {
    /// The entries a grouping shows: all of them, those on all rows, or the mean over tasks.
    ///
    /// - Parameter grouping: what rows stand for; a mean over tasks has no interval.
    /// - Returns: entries in the order of the report.
    public func grouped(by grouping: ReportGrouping) -> MetricReport {
        let chosen = entries.filter { grouping.contains(.scenario) || $0.scenario == nil }
        guard !grouping.contains(.task) else { return MetricReport(entries: chosen) }
        var means: [Entry] = []
        for entry in chosen {
            guard
                !means.contains(where: {
                    $0.metric == entry.metric && $0.scenario == entry.scenario
                }), let metric = Metric(name: entry.metric)
            else { continue }
            let rows: MetricSelector.Scenario = entry.scenario.map { .named($0) } ?? .allRows
            let mean = value(MetricSelector(metric, scenario: rows))
            means.append(
                Entry(
                    task: "mean of tasks",
                    scenario: entry.scenario,
                    metric: entry.metric,
                    estimate: Estimate(mean)
                )
            )
        }
        return MetricReport(entries: means)
    }

    /// The report as a table: task, scenario, metric, value, interval, rows.
    ///
    /// - Returns: a table for a terminal or a Markdown page.
    public func table() -> TextTable {
        let level = entries.compactMap(\.estimate.interval?.level).first
        let interval = level.map { "\(Int(($0 * 100).rounded())) % interval" }
        var table = TextTable(
            ["task", "scenario", "metric", "value", interval ?? "interval", "rows"],
            alignments: [.left, .left, .left]
        )
        var last: String?
        for entry in entries {
            if let last, last != entry.task { table.addRule() }
            last = entry.task
            table.addRow([
                entry.task, entry.scenario ?? "(all)",
                Metric(name: entry.metric)?.title ?? entry.metric,
                entry.estimate.value.value.map { NumberText.fixed($0, digits: 4) } ?? "undefined",
                entry.estimate.interval?.text(digits: 4) ?? "-",
                "\(entry.estimate.value.rows)",
            ])
        }
        return table
    }

    /// The reasons why entries have no value, one line each.
    ///
    /// - Returns: sentences to print below the table.
    public func remarks() -> [String] {
        entries.compactMap { entry in
            entry.estimate.value.reason.map { reason in
                "\(entry.task), \(entry.scenario ?? "all rows"), \(entry.metric): \(reason)"
            }
        }
    }
}

extension ConfidenceInterval {
    /// The ends with so many decimals.
    func text(digits: Int) -> String {
        "[\(NumberText.fixed(lower, digits: digits)), \(NumberText.fixed(upper, digits: digits))]"
    }
}
