import Foundation
import MotetConfiguration
import MotetCore
import MotetData
import MotetMetrics
import MotetRecommenders

/// Puts the cells of a comparison together and reads every one, before anything runs.
struct ComparisonCheck {
    private let draft: ComparisonDraft
    private let file: String

    init(_ draft: ComparisonDraft, file: String) {
        self.draft = draft
        self.file = file
    }

    /// A cell before it is read.
    private struct Plan {
        let name: String
        let choices: [Comparison.Choice]
        let edits: [ComparisonDraft.Edit]
        let line: Int
    }

    /// A problem, and the cells that have it.
    private struct Finding {
        let problem: ConfigurationProblem
        var cells: [String]
    }

    /// The cells.
    ///
    /// - Returns: them, and the experiment of the search for weights.
    /// - Throws: `ConfigurationError` with all problems of all cells.
    func checked() throws -> (cells: [Comparison.Cell], searched: Experiment?) {
        let plans = plans()
        var findings: [Finding] = []
        var cells: [Comparison.Cell] = []
        for plan in plans {
            do {
                let experiment = try experiment(plan.edits)
                cells.append(
                    Comparison.Cell(name: plan.name, choices: plan.choices, experiment: experiment)
                )
            } catch let error as ConfigurationError {
                for problem in error.problems { Self.add(problem, plan.name, to: &findings) }
            }
        }
        for name in Self.repeated(plans.map(\.name)) {
            let line = plans.last { $0.name == name }?.line ?? 0
            Self.add(
                problem(line, "two cells have this name; expected each once."),
                name,
                to: &findings
            )
        }
        if let first = cells.first {
            for cell in cells where !Self.haveSameTasks(cell.experiment, first.experiment) {
                let line = plans.first { $0.name == cell.name }?.line ?? 0
                let message =
                    "tasks differ from those of \"\(first.name)\"; expected the same names, labels, "
                    + "`within` and `metrics` in every cell."
                Self.add(problem(line, message), cell.name, to: &findings)
            }
        }
        var problems = findings.map { finding in
            Self.named(finding.problem, finding.cells, of: plans.count)
        }
        // Baselines are names of cells: they make no sense while cells are missing.
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        problems += baselineProblems(cells)
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return (cells, try searched(plans))
    }

    /// The points of the grid, then the variants.
    private func plans() -> [Plan] {
        var plans: [Plan] = []
        if !draft.axes.isEmpty { plans = [Plan(name: "", choices: [], edits: [], line: 0)] }
        for axis in draft.axes {
            plans = plans.flatMap { plan in
                axis.options.map { option in
                    Plan(
                        name: plan.name.isEmpty ? option.name : plan.name + "+" + option.name,
                        choices: plan.choices
                            + [Comparison.Choice(axis: axis.path, option: option.name)],
                        edits: plan.edits + option.edits,
                        line: option.line
                    )
                }
            }
        }
        return plans
            + draft.variants.map {
                Plan(name: $0.name, choices: [], edits: $0.edits, line: $0.line)
            }
    }

    private func experiment(_ edits: [ComparisonDraft.Edit]) throws -> Experiment {
        let name = draft.base.name.isEmpty ? file : draft.base.name
        var root = draft.base.root
        do throws(ConfigurationEditError) {
            if root["name"] == nil { root = try root.setting(["name"], to: .string(draft.name)) }
            root = try root.setting(["seed"], to: .integer(Int(clamping: draft.seeds[0])))
            for edit in edits {
                // Two spellings of one thing.
                if edit.path == ["training", "schedule"] {
                    root = try root.setting(["training", "epochs"], to: ConfigurationNode(.null))
                } else if edit.path == ["training", "epochs"] {
                    root = try root.setting(["training", "schedule"], to: ConfigurationNode(.null))
                }
                root = try root.setting(
                    edit.path,
                    to: edit.value.located(in: file),
                    line: edit.line,
                    file: file
                )
            }
        } catch {
            let line = edits.first { $0.path.joined(separator: ".").hasPrefix(error.path) }?.line
            throw ConfigurationError([
                ConfigurationProblem(
                    .unusableValue,
                    file: file,
                    line: line,
                    path: error.path,
                    message: error.message
                )
            ])
        }
        var experiment = try Experiment(
            ConfigurationDocument(root, name: name),
            folder: DataSettings.absolute(
                draft.baseFolder,
                in: FileManager.default.currentDirectoryPath
            )
        )
        // Bits depend on the number of threads: it is part of the experiment, not of the machine.
        experiment.training.threads = experiment.training.threads ?? draft.budget.threads
        return experiment
    }

    /// The cell of the search with fixed weights.
    private func searched(_ plans: [Plan]) throws -> Experiment? {
        guard let search = draft.search, let plan = plans.first(where: { $0.name == search.cell })
        else { return nil }
        let fixed = ["weighting", "aggregation"].map { key in
            ComparisonDraft.Edit(
                path: ["training", key],
                value: ConfigurationNode(.null),
                line: draft.baselinesLine
            )
        }
        return try experiment(plan.edits + fixed)
    }

    private func baselineProblems(_ cells: [Comparison.Cell]) -> [ConfigurationProblem] {
        let names = cells.map(\.name)
        let place = "baselines"
        var problems: [ConfigurationProblem] = []
        func fail(_ key: String, _ message: String) {
            problems.append(problem(draft.baselinesLine, message, path: "\(place).\(key)"))
        }
        func cell(_ name: String, _ key: String) -> Comparison.Cell? {
            if let cell = cells.first(where: { $0.name == name }) { return cell }
            fail(
                key,
                "names no cell; expected one of \(names); received \"\(name)\"."
                    + Suggestion.sentence(for: name, in: names)
            )
            return nil
        }
        if let single = cell(draft.singleTask, "single_task"),
            single.experiment.model.architecture.name != "single_task"
        {
            fail(
                "single_task",
                "tasks of \"\(single.name)\" share parameters; expected a cell with `architecture: "
                    + "single_task`; received `\(single.experiment.model.architecture.name)`."
            )
        }
        let tuned = Comparison.tunedName
        let tasks = cells.first?.experiment.tasks ?? []
        if names.contains(tuned) {
            fail(
                tuned,
                "is the name of the search for weights; expected no other cell of that name."
            )
        }
        if let search = draft.search {
            if tasks.count < 2 { fail(tuned, "one task has no weights to search; expected none.") }
            if let base = cell(search.cell, "\(tuned).of") {
                if base.experiment.model.architecture.name == "single_task" {
                    fail(
                        "\(tuned).of",
                        "tasks of \"\(base.name)\" share nothing; expected a cell whose tasks share "
                            + "parameters."
                    )
                }
                if !base.experiment.data.hasValidation {
                    fail(
                        tuned,
                        "weights are chosen by validation rows; expected `data.validation` or a split "
                            + "that makes them; received none."
                    )
                }
            }
        } else if tasks.count >= 2 {
            fail(
                tuned,
                "missing: fixed weights that were searched for are what other methods have to beat; "
                    + "expected `{ of: CELL, search: random, trials: 8 }`."
            )
        }
        if let selection = draft.selection {
            if let message = selection.problem(tasks) {
                problems.append(problem(draft.selectionLine, message, path: "select"))
            } else if cells.first?.experiment.data.hasValidation == false {
                let message = "runs are chosen by validation rows; expected some; received none."
                problems.append(problem(draft.selectionLine, message, path: "select"))
            }
        }
        return problems
    }

    private func problem(
        _ line: Int,
        _ message: String,
        path: String = ""
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            .unusableValue,
            file: file,
            line: line > 0 ? line : nil,
            path: path,
            message: message
        )
    }

    private static func add(
        _ problem: ConfigurationProblem,
        _ cell: String,
        to findings: inout [Finding]
    ) {
        if let index = findings.firstIndex(where: { $0.problem == problem }) {
            findings[index].cells.append(cell)
        } else {
            findings.append(Finding(problem: problem, cells: [cell]))
        }
    }

    private static func named(
        _ problem: ConfigurationProblem,
        _ cells: [String],
        of count: Int
    ) -> ConfigurationProblem {
        let shown = cells.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
        let more = cells.count > 3 ? " and \(cells.count - 3) more" : ""
        let who =
            cells.count == 1
            ? "cell \(shown)" : cells.count == count ? "every cell" : "cells \(shown)\(more)"
        return ConfigurationProblem(
            problem.code,
            file: problem.file,
            line: problem.line,
            column: problem.column,
            path: problem.path.isEmpty ? who : "\(who), \(problem.path)",
            message: problem.message
        )
    }

    private static func repeated(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        var repeated: [String] = []
        for name in names where !seen.insert(name).inserted && !repeated.contains(name) {
            repeated.append(name)
        }
        return repeated
    }

    private static func haveSameTasks(_ left: Experiment, _ right: Experiment) -> Bool {
        func facts(_ experiment: Experiment) -> [[String]] {
            experiment.tasks.map { task in
                [task.name, task.column, task.within ?? "", "\(task.positive.map(\.text) ?? "")"]
                    + task.metrics.map(\.name)
            }
        }
        return facts(left) == facts(right)
    }
}
