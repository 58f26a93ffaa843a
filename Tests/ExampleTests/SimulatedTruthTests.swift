import ExampleSupport
import Motet
import Testing

@testable import SimulatedTruth

/// Trained models against the truth of simulated logs, at a size that takes seconds.
///
/// docs/results-simulated.md has the same at a larger size.
@Suite("SimulatedTruth", .serialized) struct SimulatedTruthTests {
    private static let seeds: [UInt64] = [0, 1, 2]

    /// The mean over seeds.
    private func mean(_ metric: String, _ model: String, _ table: SeedTable) -> Double {
        let values = table.values(metric, of: model)
        return values.reduce(0, +) / Double(values.count)
    }

    /// The excess losses of two models, seed by seed: the first less the second.
    private func differences(_ model: String, _ other: String, _ table: SeedTable) -> [Double] {
        zip(table.values("excess loss", of: model), table.values("excess loss", of: other))
            .map { $0 - $1 }
    }

    /// Linear models fit the conversions of clicked rows, which show one side of a curve.
    @Test func modelsOfTheEntireSpaceAreLessBiasedThanThoseOfClicks() throws {
        let question = ConversionBias(rows: 60_000, epochs: 20, activation: .none)
        let table = try question.table(seeds: Self.seeds)
        print("conversions, linear models\n" + table.plain())
        for metric in ["bias", "bias, not clicked"] {
            let clicks = abs(mean(metric, "clicks only", table))
            #expect(clicks > 0.02, "\(metric)")
            #expect(abs(mean(metric, "ESMM", table)) < clicks, "\(metric)")
            for model in ["ESCM2 IPS", "ESCM2 DR"] {
                #expect(abs(mean(metric, model, table)) < 0.7 * clicks, "\(metric) of \(model)")
            }
        }
    }

    /// On average over seeds; docs/results-simulated.md tells where it ends.
    @Test func unrelatedTasksWithFewRowsAreBetterOffWithExpertsOfTheirOwn() throws {
        var question = SharedTasks(correlation: 0)
        question.rows = 60_000
        let table = try question.table(seeds: Self.seeds)
        print("tasks, correlation 0\n" + table.plain())
        let own = mean("excess loss", "PLE", table)
        #expect(own < mean("excess loss", "Shared-Bottom", table))
        #expect(own < mean("excess loss", "MMoE", table))
    }

    /// The bottom is as wide as the experts together.
    ///
    /// With three seeds the interval of 95 % is 4.3 standard errors wide on either side.
    @Test func identicalTasksNeedNoExpertsOfTheirOwn() throws {
        var question = SharedTasks(correlation: 1)
        question.rows = 60_000
        let table = try question.table(seeds: Self.seeds)
        print("tasks, correlation 1\n" + table.plain())
        let found = differences("MMoE", "Shared-Bottom, wide", table)
        let centre = found.reduce(0, +) / 3
        let squares = found.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
        let standardError = (squares / 2 / 3).squareRoot()
        #expect(abs(centre) < 4.3 * standardError, "\(found)")
        // Two labels of one function teach a shared bottom more than networks of their own.
        #expect(differences("Shared-Bottom", "single tasks", table).allSatisfy { $0 < 0 })
    }

    @Test func scenariosThatDifferAreBetterOffWithWeightsOfTheirOwn() throws {
        var question = ApartScenarios(similarity: 0)
        question.rows = 60_000
        let table = try question.table(seeds: Self.seeds)
        print("scenarios, similarity 0\n" + table.plain())
        for model in ["STAR", "PEPNet"] {
            #expect(differences(model, "Shared-Bottom", table).allSatisfy { $0 < 0 }, "\(model)")
        }
    }
}
