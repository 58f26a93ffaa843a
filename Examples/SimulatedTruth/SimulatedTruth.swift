// What do models get wrong that no real log can show? Three questions, asked of simulated logs whose true
// probabilities are known: how far conversion models are off on rows nobody clicked, when tasks are better off
// with experts of their own, and when scenarios are better off with weights of their own.
//
//     swift run -c release SimulatedTruth [--seeds N] [--small]

import ExampleSupport
import Motet

@main
struct SimulatedTruth {
    static func main() {
        ExampleProgram.run("SimulatedTruth", switches: ["--small"]) { options in
            let program = SimulatedTruth(
                rows: options.switches.contains("--small") ? 60_000 : 200_000,
                seeds: options.seeds
            )
            try program.conversions()
            try program.tasks()
            try program.scenarios()
        }
    }

    let rows: Int
    let seeds: [UInt64]

    /// What clicks have to do with conversions, and what models can follow.
    private static let selections: [(what: String, hidden: Double, LayerActivation)] = [
        ("selection by intent, linear models", 0, .none),
        ("selection by intent, networks", 0, .relu),
        ("selection by intent and by something hidden, networks", 1, .relu),
    ]

    private func conversions() throws {
        for (what, hidden, activation) in Self.selections {
            print("conversions, \(what):\n")
            let question = ConversionBias(rows: rows, hidden: hidden, activation: activation)
            print(try question.table(seeds: seeds).plain())
        }
    }

    private func tasks() throws {
        for correlation in [1.0, 0, -1] {
            print("two tasks, correlation \(correlation):\n")
            let table = try SharedTasks(rows: rows, correlation: correlation).table(seeds: seeds)
            print(table.plain())
            tell(table, "PLE", against: "Shared-Bottom")
            tell(table, "PLE", against: "Shared-Bottom, wide")
            tell(table, "MMoE", against: "Shared-Bottom, wide")
        }
    }

    private func scenarios() throws {
        for similarity in [1.0, 0.5, 0] {
            print("three scenarios, similarity \(similarity):\n")
            let table = try ApartScenarios(rows: rows, similarity: similarity).table(seeds: seeds)
            print(table.plain())
            tell(table, "STAR", against: "Shared-Bottom")
            tell(table, "PEPNet", against: "Shared-Bottom")
            tell(table, "STAR", against: "scenario as a feature")
        }
    }

    /// Who is ahead in the excess loss.
    private func tell(_ table: SeedTable, _ model: String, against other: String) {
        let verdict = table.verdict(model, against: other).split(separator: "\n").first ?? ""
        print("\(model) against \(other), \(verdict)")
        if model == "MMoE" || other == "scenario as a feature" { print("") }
    }
}
