import ExampleSupport
import Foundation
import Motet

/// What `motet compare` found on real data, by task and scenario, and the elasticities that its runs learnt.
struct ComparedCells {
    let folder: String
    let report: ComparisonReport

    /// Reads the report of a comparison that has ended.
    ///
    /// - Parameter folder: the comparison's folder.
    /// - Throws: `ExampleError` where there is no report.
    init(_ folder: String) throws {
        self.folder = folder
        let file = ComparisonFolder(folder).reportFile
        guard let data = FileManager.default.contents(atPath: file),
            let report = try? JSONDecoder().decode(ComparisonReport.self, from: data)
        else {
            throw ExampleError(
                "\(file): no report of a comparison; expected the folder of a `motet compare` that has ended."
            )
        }
        self.report = report
    }

    /// Every cell that shares something.
    var sharing: [String] { report.cells.map(\.name).filter { $0 != report.singleTask } }

    /// A cell against single tasks: a line for each task, metric and scenario.
    func plain(_ name: String) -> String {
        var table = TextTable(
            [
                "task", "metric", "scenario", report.singleTask, name, "difference",
                "95 % interval", "sharing",
            ],
            alignments: [.left, .left, .left, .right, .right, .right, .right, .left]
        )
        let bases = report.cell(report.singleTask)?.entries ?? []
        for entry in report.cell(name)?.entries ?? [] {
            let base = bases.first {
                ($0.task, $0.scenario, $0.metric) == (entry.task, entry.scenario, entry.metric)
            }
            let difference = entry.againstSingleTask
            table.addRow([
                entry.task, entry.metric, entry.scenario ?? ShopTruth.Measure.allRows,
                Self.text(base?.mean.value), Self.text(entry.mean.value),
                Self.signed(difference?.value),
                difference?.interval.map {
                    "[\(Self.signed($0.lower)), \(Self.signed($0.upper))]"
                } ?? "-",
                Self.verdict(difference),
            ])
        }
        return table.plain()
    }

    /// `helped` or `hurt` where the interval leaves out 0, else `open`.
    static func verdict(_ difference: ComparisonReport.Difference?) -> String {
        difference?.isBetter.map { $0 ? "helped" : "hurt" } ?? "open"
    }

    /// The mean elasticity of the test rows by task and scenario: of each cell the mean over seeds, and their standard deviation.
    ///
    /// - Parameter most: the most rows that are asked about, spread over the file.
    /// - Returns: the table; nil where no task has a head of demand.
    /// - Throws: where a run or the rows cannot be read.
    func elasticities(most: Int = 20_000) throws -> String? {
        var (lines, names): ([String: [String: [Double]]], [String]) = ([:], [])
        var rows: ShopRows?
        for cell in report.cells {
            for run in cell.runs where RunDirectory("\(folder)/\(run.path)").isFinished {
                let path = "\(folder)/\(run.path)"
                let trained = try TrainedRun(path)
                if rows == nil { rows = try ShopRows(trained.experiment, most: most) }
                guard let rows else { continue }
                let answers = try ShopAnswers(of: trained, rows)
                for (task, values) in answers.elasticities {
                    for scenario in [ShopTruth.Measure.allRows] + trained.fitted.scenarios {
                        let own = rows.places(scenario).map { Double(values[$0]) }
                        guard !own.isEmpty else { continue }
                        let name = "\(task) \(scenario)"
                        if !names.contains(name) { names.append(name) }
                        lines[name, default: [:]][cell.name, default: []].append(
                            own.reduce(0, +) / Double(own.count)
                        )
                    }
                }
            }
        }
        guard !names.isEmpty else { return nil }
        var table = TextTable(
            ["task", "scenario"] + report.cells.map(\.name),
            alignments: [.left, .left] + report.cells.map { _ in .right }
        )
        for name in names {
            let words = name.split(separator: " ").map(String.init)
            table.addRow(
                words + report.cells.map { SeedTable.cell(lines[name]?[$0.name] ?? [], digits: 2) }
            )
        }
        return table.plain()
    }

    private static func text(_ value: Double?) -> String {
        value.map { NumberText.fixed($0, digits: 4) } ?? "-"
    }

    private static func signed(_ value: Double?) -> String {
        value.map { ($0 < 0 ? "" : "+") + NumberText.fixed($0, digits: 4) } ?? "-"
    }
}
