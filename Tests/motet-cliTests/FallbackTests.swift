import Foundation
import Motet
import Testing

/// What a command goes on from, and how it says so.
@Suite("Fallbacks that are counted and told") struct FallbackTests {
    private func history(_ shop: Shop) throws -> [EpochRecord] {
        try RunDirectory(shop.file("run")).history()
    }

    private func answers(_ shop: Shop, _ name: String = "out.csv") throws -> [[Float]] {
        try shop.text(name).split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",").compactMap { Float($0) }
        }
    }

    /// The square of one price is more than a float holds.
    @Test func aTaskThatIsNotFiniteIsLeftOutOfItsStep() throws {
        let shop = try Shop()
        try shop.replace("  - { name: price, type: numeric, transform: standardise }\n", "")
        try shop.replace(
            "model:",
            "  - { name: amount, label: price, loss: mean_squared_error, metrics: [rmse] }\nmodel:"
        )
        try shop.replace("training:\n", "training:\n  aggregation: upgrad\n")
        try shop.line(57, "home,u3,1.0e+30,1,0")
        let result = try Program.run(BadInput.train, in: shop.path)
        #expect(result.status == 0, "\(result.errors)")
        let sentence =
            "was left out of 1 of 4 steps, because its loss or gradient was not finite"
        #expect(
            result.errors.contains("  warning: task \"amount\" \(sentence)\n"),
            "\(result.errors)"
        )
        #expect(try history(shop).map { $0.gradients?.skippedSteps } == [[0, 0, 1]])
        #expect(try shop.text("run/report.html").contains(sentence))
        try shop.write("new.csv", "place,user\nhome,u3\nmail,u4\n")
        #expect(try Program.run(BadInput.predict, in: shop.path).status == 0)
        let answers = try answers(shop)
        #expect(answers.count == 2)
        #expect(answers.allSatisfy { $0.count == 3 && $0.allSatisfy(\.isFinite) }, "\(answers)")
    }

    /// Gradients of one number are parallel but for rounding, and many of their Gramians are no Gramians.
    @Test func stepsWhoseProgramHasNoSolutionTakeTheMean() throws {
        let shop = try Shop()
        try shop.replace("within: click, ", "")
        try shop.replace(
            "architecture: mmoe, experts: 2, expert_units: [8]",
            "architecture: shared_bottom, bottom_units: [1], activation: tanh"
        )
        try shop.replace("training:\n", "training:\n  aggregation: upgrad\n")
        try shop.replace("batch_size: 32", "batch_size: 1")
        let result = try Program.run(BadInput.train, in: shop.path)
        #expect(result.status == 0, "\(result.errors)")
        let record = try #require(try history(shop).first?.gradients)
        #expect(record.steps == 120 && record.unsolvedSteps > 0)
        let sentence =
            "\(record.unsolvedSteps) of 120 steps took the mean of the gradients, because the problem of the "
            + "aggregation had no solution"
        #expect(result.errors.contains("  warning: \(sentence)\n"), "\(result.errors)")
        #expect(try shop.text("run/report.html").contains(sentence))
    }

    /// As `unknown` says: the answers of another scenario, or of one more.
    @Test func scenariosThatAreUnknownAtPredictionFallBackAsConfigured() throws {
        let shop = try Shop()
        try shop.replace(
            "architecture: mmoe, experts: 2, expert_units: [8]",
            "architecture: star, star_units: [8]"
        )
        try shop.replace("mail] }", "mail], unknown: nearest, nearest: search }")
        try shop.train()
        try shop.write("new.csv", "place,user,price\nhome,u3,4\nkiosk,u3,4\n,u3,4\nsearch,u3,4\n")
        let nearest = try Program.run(BadInput.predict, in: shop.path)
        #expect(nearest.status == 0)
        #expect(
            nearest.output.hasPrefix(
                "scenario: 1 values that are no scenario, taken for search\n"
                    + "scenario: 1 missing values, taken for search\n"
            ),
            "\(nearest.output)"
        )
        let taken = try answers(shop)
        #expect(taken[1] == taken[3] && taken[2] == taken[3] && taken[0] != taken[3])
        try shop.remove("run")
        try shop.replace("unknown: nearest, nearest: search", "unknown: other")
        let trained = try Program.run(BadInput.train, in: shop.path)
        #expect(
            trained.errors.contains("warning: no training row belongs to scenario \"other\";"),
            "\(trained.errors)"
        )
        let other = try Program.run(BadInput.predict, in: shop.path)
        #expect(
            other.output.hasPrefix(
                "scenario: 1 values that are no scenario, taken as other\n"
                    + "scenario: 1 missing values, taken as other\n"
            ),
            "\(other.output)"
        )
        let shared = try answers(shop)
        #expect(shared[1] == shared[2] && shared[1] != shared[3])
        #expect(shared.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isFinite) })
    }
}
