import Foundation
import MotetConfiguration
import MotetMetrics
import MotetRecommenders
import MotetReports
import MotetTraining

/// The page of a run: `report.html`, made of what its directory holds.
///
/// Numbers of tables are those of `metrics.json`, `versions.json` and `history.jsonl`, with their places there.
struct RunPage {
    /// The table of epochs has about this many rows at most.
    static let rowLimit = 60
    /// And about this many cells.
    static let cellLimit = 1200
    /// Tables of metrics with more entries than this leave scenarios out.
    static let entryLimit = 500
    /// Curves have no more points than this.
    static let pointLimit = 160
    /// Tasks, scenarios and pairs beyond this number have no curve.
    static let curveLimit = 6

    let experiment: Experiment
    let versions: RunVersions
    let metrics: RunMetrics
    let epochs: [EpochRecord]
    /// The rows of each part.
    let rows: [(part: String, count: Int)]

    /// The file.
    func html() -> String {
        let tasks = experiment.tasks.map(\.name).joined(separator: ", ")
        let page = ReportPage(
            title: experiment.name,
            lead: "\(experiment.model.architecture.name), trained on \(tasks).",
            sections: [
                ReportSection("Summary", summary),
                ReportSection("Metrics", metricBlocks),
                ReportSection("Learning curves", curveBlocks),
                ReportSection("Weights and learning rate", weightBlocks),
                ReportSection("Gradients of tasks", gradientBlocks),
                ReportSection("Calibration", calibrationBlocks),
                ReportSection("Costs", costBlocks),
                ReportSection("Epochs", epochBlocks),
                ReportSection(
                    "Configuration",
                    [
                        .paragraph("The experiment, every default written out."),
                        .code(ConfigurationWriter.yaml(experiment.node)),
                    ]
                ),
            ],
            footer:
                "Written by Motet \(versions.motet). The numbers are those of `metrics.json` and "
                + "`history.jsonl` beside this page."
        )
        return page.html()
    }

    private var summary: [ReportBlock] {
        var measured: [ReportFacts.Fact] = [
            .init("architecture", .name(experiment.model.architecture.name)),
            .init("parameters", .count(metrics.parameters, from: "/parameters")),
        ]
        if let each = metrics.epochsOfTasks {
            let cells = each.enumerated().flatMap { index, task -> [ReportCell] in
                [
                    .text((index > 0 ? ", " : "") + task.task + " "),
                    .count(task.epoch, from: "/epochs_of_tasks/\(index)/epoch"),
                ]
            }
            measured.append(.init("epochs kept", .joined(cells)))
        } else {
            measured.append(.init("epoch kept", .count(metrics.epoch, from: "/epoch")))
        }
        measured += [
            .init("epochs", .text("\(epochs.count)")),
            .init(
                "training",
                .joined([
                    .number(metrics.trainingSeconds, digits: 1, from: "/training_seconds"),
                    .text(" s"),
                ])
            ),
            .init("weights of losses", .name(experiment.training.weighting.name)),
            .init("batch", .text("\(experiment.training.batchSize) rows")),
        ]
        measured += rows.map { .init("\($0.part) rows", .text("\($0.count)")) }
        if let aggregation = experiment.training.aggregation {
            measured.append(.init("gradients combined by", .name(aggregation.name)))
        }
        if !metrics.scenarios.isEmpty {
            measured.append(.init("scenarios", .text("\(metrics.scenarios.count)")))
        }
        var made: [ReportFacts.Fact] = [
            .init("seed", .text("\(versions.seed)")),
            .init("Motet", .name(versions.motet, from: "/motet")),
            .init("engine", .name(versions.engine, from: "/engine")),
            .init("threads", .count(versions.threads, from: "/threads")),
            .init("system", .name(versions.system, from: "/system")),
        ]
        if let warmStart = versions.warmStart {
            made.append(.init("warm start from", .name(warmStart, from: "/warmStart")))
        }
        var blocks: [ReportBlock] = [
            .facts(ReportFacts(source: "metrics.json", measured)),
            .facts(ReportFacts(source: "versions.json", made)),
        ]
        for warning in warnings { blocks.append(.note(warning, isWarning: true)) }
        return blocks
    }

    /// What went wrong on the way, each once, with the number of epochs it was said in.
    private var warnings: [String] {
        epochs.flatMap { epoch in
            (epoch.gradients?.warnings ?? []).map { "Epoch \(epoch.epoch): \($0)." }
        }
        .prefix(8).map { $0 }
    }

    /// A Float as JSON has it: the shortest decimal that reads back equal.
    static func shortest(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
}
