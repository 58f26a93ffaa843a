import ExampleSupport
import Motet
import Testing

@testable import SimulatedRisk

/// Judges of orders against who cheated, at a size that takes seconds; docs/results-simulated.md has the same at a larger size.
@Suite("SimulatedRisk", .serialized) struct SimulatedRiskTests {
    @Test func modelAndRulesRankBetterThanEitherAlone() throws {
        let program = SimulatedRisk(rows: 120_000, epochs: 3, seeds: [0, 1])
        let (sharing, decisions) = try program.measure()
        print("risk\n" + sharing.plain() + decisions.plain())
        func mean(_ metric: String, _ judge: String) -> Double {
            let values = decisions.values(metric, of: judge)
            return values.reduce(0, +) / Double(values.count)
        }
        for judge in ["rules", "model", "model and rules"] {
            #expect(mean("cost", judge) < 0.5 * mean("cost", "everything allowed"), "\(judge)")
        }
        // Rules see who shares what, the model what is bought by whom.
        for judge in ["rules", "model", "model as it is, and rules"] {
            #expect(mean("cost", "model and rules") < mean("cost", judge), "\(judge)")
            #expect(mean("PR-AUC", "model and rules") > mean("PR-AUC", judge), "\(judge)")
        }
        #expect(mean("missed", "everything allowed") == 1)
        #expect(sharing.values("fraud PR-AUC", of: "MMoE").count == 2)
    }
}
