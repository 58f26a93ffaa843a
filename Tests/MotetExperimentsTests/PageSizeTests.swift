import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Size of pages") struct PageSizeTests {
    private let tasks = (0..<10).map { "task_\($0)" }
    private let scenarios = (0..<30).map { "scenario_\($0)" }
    private let metrics: [Metric] = [.auc, .prAUC, .logLoss]

    private func experiment() throws -> Experiment {
        let tasks = tasks.map {
            "  - { name: \($0), loss: binary_cross_entropy, metrics: [auc, pr_auc, log_loss] }"
        }
        let yaml = """
            name: large
            seed: 1
            data:
              train: train.csv
              validation: valid.csv
              scenario: { column: place, values: [\(scenarios.joined(separator: ", "))] }
            features: [ { name: user, type: categorical, vocabulary: 1000, dimension: 4 } ]
            tasks:
            \(tasks.joined(separator: "\n"))
            model: { architecture: mmoe, experts: 2, expert_units: [8] }
            training: { optimizer: { name: adam, learning_rate: 0.01 }, epochs: 2000 }

            """
        return try Experiment(ConfigurationDocument(parsing: yaml, name: "large.yaml"), folder: "/")
    }

    /// A report of all tasks, and of all scenarios if asked for.
    private func report(_ shift: Double, scenarios: [String]) -> MetricReport {
        MetricReport(
            entries: tasks.flatMap { task in
                ([nil] + scenarios.map(Optional.some)).flatMap { scenario in
                    metrics.enumerated().map { index, metric in
                        MetricReport.Entry(
                            task: task,
                            scenario: scenario,
                            metric: metric.name,
                            estimate: Estimate(
                                MetricValue(.value(0.5 + sin(shift + Double(index)) / 7), rows: 9)
                            )
                        )
                    }
                }
            }
        )
    }

    /// An epoch as a line of `history.jsonl`, read back.
    private func epoch(_ number: Int) throws -> EpochRecord {
        let losses = tasks.map { task in
            "{\"task\":\"\(task)\",\"value\":\(1 / Double(number)),\"weight\":\(1 + sin(Double(number)))}"
        }
        let validation = try JSONEncoder().encode(report(Double(number) / 100, scenarios: []))
        let line = """
            {"epoch":\(number),"step":\(number * 10),"learningRate":\(0.01 / Double(number)),"rowsPerSecond":1,\
            "isBest":\(number < 1500),"losses":[\(losses.joined(separator: ","))],\
            "validation":\(String(decoding: validation, as: UTF8.self))}
            """
        return try JSONDecoder().decode(EpochRecord.self, from: Data(line.utf8))
    }

    @Test func aRunOfManyTasksScenariosAndEpochsHasASmallPage() throws {
        let epochs = try (1...2000).map(epoch)
        let labels = (0..<5_000).map { Float($0 % 3 == 0 ? 1 : 0) }
        let rows = try Observations(
            labels: labels,
            predictions: labels.indices.map { Float($0 % 1000) / 1000 }
        )
        let metrics = RunMetrics(
            parameters: 1_000_000,
            epoch: 1499,
            epochsOfTasks: nil,
            trainingSeconds: 12,
            scenarios: scenarios,
            validation: report(0, scenarios: scenarios),
            test: report(1, scenarios: scenarios),
            reliability: tasks.compactMap { ReliabilityCurve(task: $0, rows) }
        )
        let html = RunPage(
            experiment: try experiment(),
            versions: RunVersions(engine: .oneDNN, seed: 1),
            metrics: metrics,
            epochs: epochs,
            rows: [("training", 1000)]
        ).html()
        #expect(html.utf8.count < 500_000, "\(html.utf8.count)")
        // What it leaves out it says, and the epoch that was kept is not among it.
        #expect(html.contains("All 930 metrics by scenario stand in"))
        #expect(html.contains("more epochs stand in") && html.contains("data-at=\"/1498\""))
        #expect(html.contains("there are 30 scenarios, too many to draw"))
    }

    @Test func aComparisonOfManyCellsAndScenariosHasASmallPage() throws {
        let names = (0..<20).map { "mmoe+weighting_\($0)" }
        let tasks = tasks.prefix(3).map { $0 }
        func entries(_ cell: Int) -> [ComparisonReport.Entry] {
            tasks.flatMap { task in
                ([nil] + scenarios.map(Optional.some)).map { scenario in
                    let difference = ComparisonReport.Difference(
                        value: sin(Double(cell)) / 100,
                        interval: nil,
                        pValue: 0.25,
                        isBetter: nil
                    )
                    return ComparisonReport.Entry(
                        task: task,
                        scenario: scenario,
                        metric: "auc",
                        bySeed: [0.7, 0.8],
                        mean: .init(value: 0.75 + cos(Double(cell)) / 30, interval: nil),
                        againstSingleTask: cell == 0 ? nil : difference,
                        againstTuned: difference
                    )
                }
            }
        }
        let cells = names.enumerated().map { index, name in
            ComparisonReport.Cell(
                name: name,
                choices: [],
                runs: [
                    .init(seed: 1, path: "cells/\(name)/seed-1", state: .failed, reason: "it fell")
                ],
                parameters: 1000 * (index + 1),
                stepMilliseconds: 1.5,
                entries: entries(index),
                deltaM: .init(value: sin(Double(index)) / 50, interval: nil),
                isOnParetoFront: index % 5 == 0,
                score: nil
            )
        }
        let report = ComparisonReport(
            name: "many",
            part: "test",
            rows: 100,
            tasks: tasks,
            seeds: [1, 2],
            singleTask: names[0],
            cells: cells,
            search: nil,
            selection: nil
        )
        let html = ComparisonPage(report: report).html()
        #expect(html.utf8.count < 500_000, "\(html.utf8.count)")
        #expect(
            html.contains("1560 more rows stand in")
                && html.contains("10 more runs are not finished")
        )
    }
}
