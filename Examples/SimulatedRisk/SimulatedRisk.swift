// Who finds fake orders, and at what cost: a shared model of behaviour, returns and fraud, rules, both together? And does
// fraud gain by being one more task of the model of behaviour? Asked of simulated logs whose rings are known.
//
//     swift run -c release SimulatedRisk [--seeds N] [--small] [--tables]
//
// --tables writes the orders to data/simulated-risk, for Benchmarks/Quality/risk.py.

import ExampleSupport
import Motet

@main
struct SimulatedRisk {
    static func main() {
        ExampleProgram.run("SimulatedRisk", switches: ["--small", "--tables"]) { options in
            let isSmall = options.switches.contains("--small")
            let program = SimulatedRisk(
                rows: isSmall ? 150_000 : 600_000,
                epochs: isSmall ? 4 : 8,
                seeds: options.seeds,
                tables: options.switches.contains("--tables") ? "data/simulated-risk" : nil
            )
            let (sharing, decisions) = try program.measure()
            print("tasks, each on the rows where it is defined:\n")
            print(sharing.plain())
            for model in RiskModels.shared {
                print(
                    "\(model) against single tasks:\n"
                        + sharing.verdict(model, against: "single tasks") + "\n"
                )
            }
            print("orders of the last quarter:\n")
            print(decisions.plain())
            for other in ["model", "rules"] {
                print(
                    "model and rules against \(other):\n"
                        + decisions.verdict("model and rules", against: other) + "\n"
                )
            }
        }
    }

    let rows: Int
    let epochs: Int
    let seeds: [UInt64]
    /// Where the orders are written; nil for nowhere.
    var tables: String?

    static let sharing: KeyValuePairs<String, MetricGoal> = [
        "click AUC": .higher, "cart AUC": .higher, "pay AUC": .higher, "return AUC": .higher,
        "fraud PR-AUC": .higher,
    ]
    static let decisions: KeyValuePairs<String, MetricGoal> = [
        "PR-AUC": .higher, "cost": .lower, "missed": .lower, "refused": .lower, "reviewed": .lower,
    ]

    /// Trains and judges with each seed.
    ///
    /// - Returns: what tasks gain by sharing, and what decisions cost.
    func measure() throws -> (sharing: SeedTable, decisions: SeedTable) {
        var (sharing, decisions) = (SeedTable(Self.sharing), SeedTable(Self.decisions))
        for seed in seeds {
            let shop = try RiskShop(rows: rows, seed: seed)
            let models = RiskModels(shop: shop, epochs: epochs, seed: seed)
            let probabilities = try models.train(into: &sharing)
            let judges = try RiskJudges(shop: shop, model: probabilities)
            try judges.measure(seed: seed, into: &decisions)
            if let tables { try judges.write(to: "\(tables)/seed-\(seed).csv") }
        }
        return (sharing, decisions)
    }
}
