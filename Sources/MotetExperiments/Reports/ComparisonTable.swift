import Foundation
import MotetCore
public import MotetMetrics
public import MotetTraining

extension MetricComparison {
    /// The comparison as a table: task, scenario, metric, both values, the difference with its interval,
    /// and which is better where the interval leaves out 0.
    ///
    /// - Parameters:
    ///   - first: what the first model is called.
    ///   - second: what the second model is called.
    /// - Returns: a table for a terminal or a Markdown page.
    public func table(first: String, second: String) -> TextTable {
        var table = TextTable(
            [
                "task", "scenario", "metric", first, second, "difference", "95 % interval",
                "better",
            ],
            alignments: [.left, .left, .left, .right, .right, .right, .right, .left]
        )
        var last: String?
        for entry in entries {
            if let last, last != entry.task { table.addRule() }
            last = entry.task
            let metric = Metric(name: entry.metric)
            let digits = Self.digits(entry)
            table.addRow([
                entry.task, entry.scenario ?? "(all)", metric?.title ?? entry.metric,
                Self.text(entry.first, digits), Self.text(entry.second, digits),
                entry.paired.difference.value.value.map { Self.signed($0, digits) } ?? "-",
                entry.paired.difference.interval?.text(digits: digits) ?? "-",
                better(entry, metric?.goal, first, second),
            ])
        }
        return table
    }

    private func better(
        _ entry: Entry,
        _ goal: MetricGoal?,
        _ first: String,
        _ second: String
    ) -> String {
        guard let goal, let left = entry.first.value, let right = entry.second.value else {
            return "undefined"
        }
        guard entry.isClear == true else { return "not clear" }
        return goal.isBetter(left, than: right) ? first : second
    }

    /// Four decimals, or as many as show two digits of the difference and its interval.
    private static func digits(_ entry: Entry) -> Int {
        let difference = entry.paired.difference
        let ends = [difference.value.value, difference.interval?.lower, difference.interval?.upper]
        let size = ends.compactMap { $0.map(abs) }.max() ?? 0
        guard size > 0, size.isFinite else { return 4 }
        return min(max(4, Int((1 - log10(size)).rounded(.up))), 9)
    }

    private static func text(_ value: MetricValue, _ digits: Int) -> String {
        value.value.map { NumberText.fixed($0, digits: digits) } ?? "undefined"
    }

    private static func signed(_ value: Double, _ digits: Int) -> String {
        (value < 0 ? "" : "+") + NumberText.fixed(value, digits: digits)
    }
}

extension ExperimentRunner {
    /// Compares two runs on the same rows, task by task and scenario by scenario.
    ///
    /// - Parameters:
    ///   - first: a run directory.
    ///   - second: another one, with the same data; tasks both have are compared.
    ///   - files: files with labels; empty for the rows set apart.
    /// - Returns: metrics of both, with intervals of their difference.
    /// - Throws: the first mistake as a `ReportableError`.
    public func compare(
        _ first: String,
        with second: String,
        files: [String] = []
    ) throws -> MetricComparison {
        let left = try TrainedRun(first)
        let right = try TrainedRun(second)
        let one = try evaluate(left, files: files, withIntervals: false)
        let other = try evaluate(right, files: files, withIntervals: false)
        let shared = one.observations.filter { task in
            other.observations.contains { $0.task == task.task }
        }
        guard !shared.isEmpty, one.scenarios == other.scenarios else {
            throw ExperimentError(
                .runMismatch,
                "run \"\(second)\": it does not compare with \"\(first)\"; expected a task in "
                    + "common and the same scenarios; received tasks "
                    + "\(other.observations.map(\.task)) against \(one.observations.map(\.task))."
            )
        }
        let bootstrap =
            Self.bootstrap(left.experiment)
            ?? Bootstrap(
                resamples: 200,
                key: RandomKey(seed: left.experiment.seed).split("bootstrap")
            )
        return try MetricComparison(
            of: shared,
            with: other.observations,
            scenarios: one.scenarios,
            bootstrap: bootstrap
        )
    }
}
