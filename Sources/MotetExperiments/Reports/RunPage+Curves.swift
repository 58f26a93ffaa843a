import Foundation
import MotetMetrics
import MotetReports
import MotetTraining

extension RunPage {
    /// The loss of each task, and its metrics on validation rows, over the epochs.
    var curveBlocks: [ReportBlock] {
        guard !epochs.isEmpty else { return [] }
        var plots: [any Plot] = []
        // A page of many tasks stays small: then one metric each is drawn.
        let metricCount = experiment.tasks.count > 8 ? 1 : 2
        for task in experiment.tasks {
            plots.append(lossPlot(task))
            let metrics = task.metrics.filter { !isLoss($0, of: task) }.prefix(metricCount)
            plots += metrics.compactMap { metricPlot($0, task) }
        }
        var blocks: [ReportBlock] = [.plots(plots)]
        if self.metrics.scenarios.count > Self.curveLimit {
            let count = self.metrics.scenarios.count
            blocks.append(
                .paragraph(
                    "Curves are of all rows; there are \(count) scenarios, too many to draw."
                )
            )
        }
        return blocks
    }

    /// Whether a metric is what the task's loss is the mean of, and so belongs beside it.
    private func isLoss(_ metric: Metric, of task: TaskSettings) -> Bool {
        metric == .logLoss && task.loss.name == "binary_cross_entropy"
    }

    /// Upright lines: where a phase begins, and the epoch whose parameters are kept.
    func rules(_ task: String? = nil) -> [LinePlot.Rule] {
        var rules: [LinePlot.Rule] = []
        for (before, epoch) in zip(epochs, epochs.dropFirst()) where before.phase != epoch.phase {
            if let phase = epoch.phase {
                rules.append(.init(at: Double(epoch.epoch), "phase \(phase)"))
            }
        }
        let own = metrics.epochsOfTasks?.first { $0.task == task }?.epoch
        let kept = own ?? (metrics.epochsOfTasks == nil ? metrics.epoch : 0)
        if kept > 0, epochs.contains(where: \.isBest) {
            rules.append(.init(at: Double(kept), "kept: \(kept)"))
        }
        return rules
    }

    func line(
        _ name: String,
        colour: Int? = nil,
        isDashed: Bool? = nil,
        _ value: (EpochRecord) -> Double?
    ) -> LinePlot.Series {
        LinePlot.Series(
            name,
            epochs.map { .init(Double($0.epoch), value($0)) },
            colour: colour,
            isDashed: isDashed
        )
    }

    func plot(
        _ title: String,
        _ yTitle: String,
        _ series: [LinePlot.Series],
        task: String? = nil
    )
        -> LinePlot
    {
        var plot = LinePlot(title, x: "epoch", y: yTitle, series)
        plot.rules = rules(task)
        plot.pointLimit = Self.pointLimit
        return plot
    }

    private func lossPlot(_ task: TaskSettings) -> LinePlot {
        var series = [
            line("training", colour: 0, isDashed: false) { epoch in
                epoch.losses.first { $0.task == task.name }?.value
            }
        ]
        if task.metrics.contains(where: { isLoss($0, of: task) }) {
            series.append(
                line("validation", colour: 1, isDashed: true) {
                    Self.value($0, task.name, .logLoss, nil)
                }
            )
        }
        return plot("\(task.name): loss", task.loss.name, series, task: task.name)
    }

    private func metricPlot(_ metric: Metric, _ task: TaskSettings) -> LinePlot? {
        let names = metrics.scenarios.count > Self.curveLimit - 1 ? [] : metrics.scenarios
        let all = line("all rows", colour: 0, isDashed: false) {
            Self.value($0, task.name, metric, nil)
        }
        guard all.points.contains(where: { $0.y != nil }) else { return nil }
        let scenarios = names.enumerated().map { index, name in
            line(name, colour: index + 1) { Self.value($0, task.name, metric, name) }
        }
        return plot(
            "\(task.name): \(metric.title) on validation rows",
            metric.title,
            [all] + scenarios,
            task: task.name
        )
    }

    private static func value(
        _ epoch: EpochRecord,
        _ task: String,
        _ metric: Metric,
        _ scenario: String?
    ) -> Double? {
        epoch.validation?.estimate(task: task, scenario: scenario, metric: metric)?.value.value
    }

    /// The weights of losses where they change, and the learning rate where it does.
    var weightBlocks: [ReportBlock] {
        var plots: [any Plot] = []
        if epochs.contains(where: { $0.losses.contains { $0.weight != nil } }) {
            let series = experiment.tasks.map { task in
                line(task.name) { epoch in
                    epoch.losses.first { $0.task == task.name }?.weight.map(Self.shortest)
                }
            }
            plots.append(plot("Weights of losses", "weight", series))
        }
        if Set(epochs.map(\.learningRate)).count > 1 {
            let rate = line("learning rate") { Self.shortest($0.learningRate) }
            plots.append(plot("Learning rate", "learning rate", [rate]))
        }
        return plots.isEmpty ? [] : [.plots(plots)]
    }

    /// Losses, validation metrics and rates, epoch by epoch; of many epochs some, with those kept among them.
    var epochBlocks: [ReportBlock] {
        guard let first = epochs.first else { return [] }
        let entries = first.validation?.entries.enumerated().filter { $1.scenario == nil } ?? []
        let hasWeights = epochs.contains { $0.losses.contains { $0.weight != nil } }
        var columns: [ReportTable.Column] = [.init("epoch"), .init("learning rate")]
        for loss in first.losses { columns.append(.init("\(loss.task) loss")) }
        if hasWeights {
            for loss in first.losses { columns.append(.init("\(loss.task) weight")) }
        }
        for (_, entry) in entries {
            columns.append(.init("\(entry.task) \(Metric(name: entry.metric)?.title ?? "")"))
        }
        columns.append(.text(""))
        var table = ReportTable(
            "Losses of training and metrics of validation rows",
            source: "history.jsonl",
            columns: columns
        )
        for index in shownEpochs(columns: columns.count) {
            let epoch = epochs[index]
            var cells: [ReportCell] = [
                .count(epoch.epoch, from: "epoch"),
                .number(Self.shortest(epoch.learningRate), from: "learningRate") {
                    ReportNumber.compact($0)
                },
            ]
            for place in first.losses.indices {
                let value = place < epoch.losses.count ? epoch.losses[place].value : nil
                cells.append(
                    .number(value, from: "losses/\(place)/value") { NumberText.loss($0) }
                )
            }
            for place in first.losses.indices where hasWeights {
                let weight = place < epoch.losses.count ? epoch.losses[place].weight : nil
                let value = weight.map(Self.shortest)
                cells.append(.number(value, digits: 3, from: "losses/\(place)/weight"))
            }
            for (place, _) in entries {
                let all = epoch.validation?.entries ?? []
                let value = place < all.count ? all[place].estimate.value.value : nil
                let pointer = "validation/entries/\(place)/estimate/value/value"
                cells.append(.number(value, digits: 4, from: pointer))
            }
            cells.append(.text(epoch.bestText ?? "", .good))
            table.rows.append(.init(cells, at: "/\(index)"))
        }
        let left = epochs.count - table.rows.count
        let note: [ReportBlock] =
            left > 0
            ? [.paragraph("\(left) more epochs stand in `history.jsonl` and in the curves.")] : []
        return [.table(table)] + note
    }

    /// The numbers of the epochs the table shows, from 0.
    private func shownEpochs(columns: Int) -> [Int] {
        let limit = max(10, min(Self.rowLimit, Self.cellLimit / columns))
        guard epochs.count > limit else { return Array(epochs.indices) }
        let spread = (0..<limit).map { $0 * (epochs.count - 1) / (limit - 1) }
        let kept = [metrics.epoch] + (metrics.epochsOfTasks ?? []).map(\.epoch)
        let places = kept.map { $0 - 1 }.filter(epochs.indices.contains)
        return Set(spread + places).sorted()
    }
}
