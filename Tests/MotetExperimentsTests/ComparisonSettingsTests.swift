import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Settings of comparisons") struct ComparisonSettingsTests {
    static let yaml = """
        name: shops
        base: tiny.yaml
        seeds: [1, 2]
        grid:
          model:
            shared: { architecture: shared_bottom, bottom_units: [8], tower_units: [4] }
            mmoe: { architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4] }
          training.weighting: [fixed, { name: stch, mu: 1.0 }]
        variants:
          alone:
            model: { architecture: single_task, bottom_units: [8], tower_units: [4] }
            training.early_stopping: { each_task: true }
          slow:
            training.optimizer.learning_rate: 1.0e-3
            training.epochs: 4
            tasks.purchase.weight: 0.5
        baselines:
          single_task: alone
          tuned_scalarisation: { of: shared+fixed, search: grid, trials: 4 }
        budget: { minutes: 5, gigabytes: 2, parallel: 2 }
        select: click/auc

        """

    private func comparison(_ change: (String) -> String = { $0 }) throws -> Comparison {
        let place = try Workplace(rows: 30)
        try place.write("compare.yaml", change(Self.yaml))
        return try Comparison(contentsOf: URL(fileURLWithPath: place.file("compare.yaml")))
    }

    /// The sentences about a changed comparison, without the folder.
    private func problems(_ change: (String) -> String) throws -> [String] {
        let place = try Workplace(rows: 30)
        try place.write("compare.yaml", change(Self.yaml))
        do {
            _ = try Comparison(contentsOf: URL(fileURLWithPath: place.file("compare.yaml")))
            return []
        } catch {
            return "\(error)".replacing(place.path + "/", with: "")
                .split(separator: "\n").map(String.init)
        }
    }

    @Test func cellsAreTheProductOfTheAxesAndTheVariants() throws {
        let comparison = try comparison()
        #expect(
            comparison.cells.map(\.name) == [
                "shared+fixed", "shared+stch", "mmoe+fixed", "mmoe+stch", "alone", "slow",
            ]
        )
        let stch = comparison.cells[3]
        #expect(stch.experiment.model.architecture.name == "mmoe")
        #expect(stch.experiment.training.weighting.name == "stch")
        #expect(stch.choices.map(\.axis) == ["model", "training.weighting"])
        #expect(stch.choices.map(\.option) == ["mmoe", "stch"])
        let slow = try #require(comparison.cell("slow")).experiment
        #expect(slow.tasks.map(\.weight) == [1, 0.5])
        #expect(slow.training.schedule.schedule.phases.count == 1)
        #expect(slow.training.optimizer != stch.experiment.training.optimizer)
        // The base has threads of its own; the seed is the first one.
        #expect(slow.training.threads == 1 && slow.seed == 1)
        #expect(comparison.seeds == [1, 2])
        #expect(comparison.selection == .metric(.auc, task: "click"))
        #expect(comparison.searched?.training.weighting.name == "fixed")
    }

    @Test func theExperimentMayStandInTheFileItself() throws {
        let place = try Workplace(rows: 30)
        let inner = try place.text("tiny.yaml").split(separator: "\n").map { "  " + $0 }
            .joined(separator: "\n")
        let text = Self.yaml.replacing("base: tiny.yaml", with: "experiment:\n" + inner)
        try place.write("compare.yaml", text)
        let one = try Comparison(contentsOf: URL(fileURLWithPath: place.file("compare.yaml")))
        try place.write("compare.yaml", Self.yaml)
        let other = try Comparison(contentsOf: URL(fileURLWithPath: place.file("compare.yaml")))
        #expect(one == other)
    }

    @Test func anInvalidCellIsNamedWithFileAndLine() throws {
        let found = try problems {
            $0.replacing("experts: 2", with: "experts: 0")
                .replacing("mu: 1.0", with: "nu: 1.0")
        }
        #expect(
            found == [
                "compare.yaml:7, cells \"mmoe+fixed\", \"mmoe+stch\", model.experts: out of range; "
                    + "expected at least 1; received 0.",
                "compare.yaml:8, cells \"shared+stch\", \"mmoe+stch\", training.weighting.mu: missing; "
                    + "expected a number.",
                "compare.yaml:8, cells \"shared+stch\", \"mmoe+stch\", training.weighting.nu: unknown "
                    + "key. Did you mean `mu`?",
            ]
        )
    }

    @Test func aMistakeOfTheBaseIsToldOnce() throws {
        let place = try Workplace(rows: 30)
        try place.replace("batch_size: 128", "batch_size: none")
        try place.write("compare.yaml", Self.yaml)
        let text = sentence {
            _ = try Comparison(contentsOf: URL(fileURLWithPath: place.file("compare.yaml")))
        }
        #expect(
            text.hasSuffix(
                "/tiny.yaml:21, every cell, training.batch_size: expected a whole number; received "
                    + "\"none\"."
            )
        )
    }

    static let mistakes: [(old: String, new: String, says: String)] = [
        ("single_task: alone", "single_task: aloen", "Did you mean `alone`?"),
        ("single_task: alone", "single_task: slow", "share parameters; expected a cell with"),
        ("of: shared+fixed", "of: alone", "share nothing"),
        (
            "  tuned_scalarisation: { of: shared+fixed, search: grid, trials: 4 }\n", "",
            "baselines.tuned_scalarisation: missing: fixed weights that were searched for"
        ),
        ("select: click/auc", "select: clik/auc", "Did you mean `click`?"),
        ("select: click/auc", "select: rmse", "`rmse` is not measured"),
        ("seeds: [1, 2]", "seeds: [1, 1]", "one seed stands there twice"),
        ("training.weighting:", "data.group:", "`data` cannot vary"),
        ("training.epochs: 4", "seed: 4", "`seed` cannot vary here"),
        ("tasks.purchase.weight", "tasks.purchases.weight", "no element has this name"),
        ("tasks.purchase.weight: 0.5", "tasks.click.metrics: [auc]", "tasks differ from those of"),
        (
            "tasks.purchase.weight", "trainig.purchase",
            "trainig: unknown key. Did you mean `training`?"
        ),
        ("  slow:", "  shared+x:", "cannot name a variant"),
        ("[fixed, { name: stch, mu: 1.0 }]", "[fixed, fixed]", "one option stands there twice"),
        ("base: tiny.yaml\n", "", "what is compared is not clear"),
        ("base: tiny.yaml", "base: tny.yaml", "no such file"),
        ("name: shops", "name: a/b", "cannot name the comparison"),
        ("minutes: 5", "minute: 5", "Did you mean `minutes`?"),
        ("  slow:", "  tuned_scalarisation:", "is the name of the search"),
        ("  slow:", "  alone+:", "cannot name a variant"),
    ]

    @Test(arguments: mistakes.indices)
    func mistakesHaveASentenceAndAFile(index: Int) throws {
        let mistake = Self.mistakes[index]
        let found = try problems { text in
            precondition(text.contains(mistake.old))
            return text.replacing(mistake.old, with: mistake.new)
        }
        let text = found.joined(separator: "\n")
        #expect(text.contains(mistake.says), "\(text)")
        #expect(text.contains(".yaml"), "\(text)")
    }

    @Test func everyKeyIsDocumented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/compare.md"),
            encoding: .utf8
        )
        let keys = [
            "name", "base", "experiment", "seeds", "grid", "variants", "baselines", "single_task",
            "tuned_scalarisation", "of", "search", "random", "trials", "budget", "minutes",
            "gigabytes", "parallel", "threads", "select", "delta_m",
        ]
        for key in keys { #expect(page.contains("`\(key)`"), "`\(key)` is not in docs/compare.md") }
    }
}

@Suite("Searched weights") struct ScalarisationSearchTests {
    private func search(_ kind: String, _ trials: Int) throws -> ScalarisationSearch {
        let text = "of: cell\nsearch: \(kind)\ntrials: \(trials)\n"
        return try ConfigurationDocument(parsing: text, name: "x").read {
            ScalarisationSearch(reading: $0)
        }
    }

    @Test func aGridOfTwoTasksDividesTheLine() throws {
        // Steps 4: (1, 3), (2, 2), (3, 1) over 4, times 2.
        let weights = try search("grid", 4).weights(tasks: 2, seed: 1)
        #expect(weights == [[1, 1], [0.5, 1.5], [1.5, 0.5]])
    }

    @Test func aGridOfThreeTasksHasTheInnerPointsOfTheSimplex() throws {
        // Steps 4: the orders of (1, 1, 2) over 4, times 3; steps 5 has six points.
        let weights = try search("grid", 5).weights(tasks: 3, seed: 1)
        #expect(
            weights == [[1, 1, 1], [0.75, 0.75, 1.5], [0.75, 1.5, 0.75], [1.5, 0.75, 0.75]]
        )
    }

    @Test(arguments: 1...5)
    func randomWeightsLieOnTheSimplexAndDependOnTheSeedAlone(tasks: Int) throws {
        let tasks = tasks + 1
        let search = try search("random", 50)
        let weights = search.weights(tasks: tasks, seed: 3)
        #expect(weights.count == 50)
        #expect(weights[0] == [Double](repeating: 1, count: tasks))
        #expect(Set(weights).count == 50)
        for each in weights {
            // Three decimals of each weight.
            #expect(abs(each.reduce(0, +) - Double(tasks)) < 0.001 * Double(tasks) + 1e-9)
            #expect(each.allSatisfy { $0 > 0 })
        }
        #expect(weights == search.weights(tasks: tasks, seed: 3))
        #expect(weights != search.weights(tasks: tasks, seed: 4))
        // Uniform on the simplex: each weight has the mean 1 and the deviation √((K - 1) / (K + 1)).
        let mean = weights.dropFirst().reduce(0) { $0 + $1[0] } / 49
        let deviation = (Double(tasks - 1) / Double(tasks + 1)).squareRoot()
        #expect(abs(mean - 1) < 4 * deviation / 7)
    }
}
