import Foundation
import MotetMetrics
import MotetReports

extension ComparisonPage {
    /// Delta-m with its intervals, and beside what it costs.
    var gainBlocks: [ReportBlock] {
        guard report.cells.contains(where: { $0.deltaM.value != nil }) else { return [] }
        let intervals = IntervalPlot(
            "Mean relative gain over single-task training",
            x: "delta-m",
            report.cells.map {
                .init(
                    $0.name,
                    $0.deltaM.value,
                    lower: $0.deltaM.interval?.lower,
                    upper: $0.deltaM.interval?.upper
                )
            },
            format: .percent,
            remark: "Filled where the interval leaves 0 out."
        )
        var plots: [any Plot] = [intervals]
        let costs: [(String, (ComparisonReport.Cell) -> Double?)] = [
            ("parameters", { $0.parameters.map(Double.init) }), ("ms/step", \.stepMilliseconds),
        ]
        for (name, cost) in costs where report.cells.contains(where: { cost($0) != nil }) {
            var plot = ScatterPlot(
                "Gain beside \(name)",
                x: name,
                y: "delta-m",
                report.cells.map {
                    .init(
                        $0.name,
                        x: cost($0),
                        y: $0.deltaM.value,
                        isOnFront: $0.isOnParetoFront ?? false
                    )
                }
            )
            plot.yFormat = .percent
            plot.level = 0
            // The front is that of the tasks' metrics: in this drawing its points make no line.
            plot.joinsFront = false
            plot.xScale = .logarithmic
            plots.append(plot)
        }
        if report.tasks.count == 2, let plot = tasksPlot { plots.append(plot) }
        return [
            .paragraph(
                "Filled numbers are on the Pareto front of the first metrics of all tasks: no other cell "
                    + "is at least as good in each and better in one."
            ),
            .plots(plots),
        ]
    }

    /// The first metrics of two tasks, with the front between them.
    private var tasksPlot: ScatterPlot? {
        let metrics = report.firstMetrics
        guard metrics.count == 2, let first = metrics[0], let second = metrics[1] else {
            return nil
        }
        func value(_ cell: ComparisonReport.Cell, _ index: Int, _ metric: String) -> Double? {
            cell.entries.first {
                $0.task == report.tasks[index] && $0.scenario == nil && $0.metric == metric
            }?.mean.value
        }
        func title(_ index: Int, _ metric: String) -> String {
            "\(report.tasks[index]) \(Metric(name: metric)?.title ?? metric)"
        }
        return ScatterPlot(
            "The front of both tasks",
            x: title(0, first),
            y: title(1, second),
            report.cells.map {
                .init(
                    $0.name,
                    x: value($0, 0, first),
                    y: value($0, 1, second),
                    isOnFront: $0.isOnParetoFront ?? false
                )
            }
        )
    }

    /// The first metric of each task less that of single-task training: with intervals, and by scenario.
    var differenceBlocks: [ReportBlock] {
        var plots: [any Plot] = []
        var (drawn, left) = (0, 0)
        for (task, metric) in zip(report.tasks, report.firstMetrics).prefix(Self.taskLimit) {
            guard let metric, let kind = Metric(name: metric) else { continue }
            if let plot = intervals(task, kind) { plots.append(plot) }
        }
        for (task, metric) in zip(report.tasks, report.firstMetrics).prefix(Self.taskLimit) {
            guard let metric, let kind = Metric(name: metric) else { continue }
            guard let map = scenarioMap(task, kind) else { continue }
            let size = map.rows.count * map.columns.count
            guard drawn == 0 || drawn + size <= Self.cellLimit else {
                left += 1
                continue
            }
            drawn += size
            plots.append(map)
        }
        let note: [ReportBlock] =
            left > 0 ? [.paragraph("Maps of \(left) more tasks are left out for their size.")] : []
        return plots.isEmpty ? [] : [.plots(plots)] + note
    }

    private func intervals(_ task: String, _ metric: Metric) -> IntervalPlot? {
        let rows = report.cells.compactMap { cell -> IntervalPlot.Row? in
            guard cell.name != report.singleTask else { return nil }
            let difference = cell.entries.first {
                $0.task == task && $0.scenario == nil && $0.metric == metric.name
            }?.againstSingleTask
            return .init(
                cell.name,
                difference?.value,
                lower: difference?.interval?.lower,
                upper: difference?.interval?.upper
            )
        }
        guard rows.contains(where: { $0.value != nil }) else { return nil }
        let isHigherBetter: Bool? =
            switch metric.goal {
            case .higher: true
            case .lower: false
            case .closerTo: nil
            }
        return IntervalPlot(
            "\(task): \(metric.title) less single-task training",
            x: "difference of \(metric.title)",
            rows,
            isHigherBetter: isHigherBetter
        )
    }

    private func scenarioMap(_ task: String, _ metric: Metric) -> HeatMap? {
        var scenarios: [String] = []
        for entry in report.cells.flatMap(\.entries) {
            guard let name = entry.scenario, !scenarios.contains(name) else { continue }
            scenarios.append(name)
        }
        let cells = report.cells.enumerated().filter { $1.name != report.singleTask }
        guard !scenarios.isEmpty, scenarios.count <= 40, !cells.isEmpty else { return nil }
        let columns = [nil] + scenarios.map(Optional.some)
        let found = cells.map { index, cell in
            columns.map { scenario -> (entry: ComparisonReport.Entry, pointer: String)? in
                let place = cell.entries.firstIndex {
                    $0.task == task && $0.scenario == scenario && $0.metric == metric.name
                }
                return place.map {
                    (
                        cell.entries[$0],
                        "\($0)/against_single_task/value"
                    )
                }
            }
        }
        let sizes = found.flatMap { $0.compactMap { $0?.entry.againstSingleTask?.value.map(abs) } }
        guard let reach = sizes.max(), reach > 0 else { return nil }
        let digits = min(max(3, Int((1 - log10(reach)).rounded(.up))), 6)
        func text(_ value: Double) -> String {
            ReportNumber.fixed(value, digits: digits, isSigned: true)
        }
        let shown = found.map { row in
            row.map { cell -> HeatMap.Cell in
                guard let cell, let value = cell.entry.againstSingleTask?.value else {
                    return .missing
                }
                let isGood = Self.isBetter(cell.entry, metric)
                return HeatMap.Cell(
                    text(value),
                    shade: abs(value) / reach * (isGood ? 1 : -1),
                    value: value,
                    from: cell.pointer
                )
            }
        }
        var map = HeatMap(
            "\(task): \(metric.title) less single-task training, by scenario",
            rows: cells.map(\.element.name),
            columns: ["all rows"] + scenarios,
            cells: shown,
            ramp: .init(
                low: "worse by \(ReportNumber.fixed(reach, digits: digits))",
                middle: "equal",
                high: "better by \(ReportNumber.fixed(reach, digits: digits))"
            ),
            source: Self.source
        )
        map.rowPointers = cells.map { "/cells/\($0.offset)/entries" }
        return map
    }

    /// Whether a difference is for the better, clear or not.
    private static func isBetter(_ entry: ComparisonReport.Entry, _ metric: Metric) -> Bool {
        guard let value = entry.mean.value, let difference = entry.againstSingleTask?.value else {
            return false
        }
        return metric.goal.badness(of: value) <= metric.goal.badness(of: value - difference)
    }
}
