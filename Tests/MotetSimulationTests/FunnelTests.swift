import MotetCore
import Testing

@testable import MotetSimulation

@Suite("The simulated funnel") struct FunnelTests {
    @Test func outcomesFollowTheirTrueProbabilities() throws {
        let (_, block) = try simulated(smallShop())
        for step in 0..<FunnelStep.count {
            let distance = deviations(
                block.outcome[step].map(Double.init),
                block.probability[step].map(Double.init)
            )
            #expect(abs(distance) < 4, "step \(step): \(distance) standard errors")
        }
        // A test that could not fail would prove nothing: half of the clicks away is far away.
        let fewer = block.outcome[0].indices.map { $0 % 2 == 0 ? 0 : Double(block.outcome[0][$0]) }
        #expect(deviations(fewer, block.probability[0].map(Double.init)) < -20)
    }

    @Test func meanProbabilitiesAreTheRatesAskedFor() throws {
        let settings = smallShop {
            $0.tasks.clickRate = 0.08
            $0.tasks.cartRate = 0.35
            $0.tasks.payRate = 0.6
            $0.tasks.returnRate = 0.2
            $0.selection.observed = 1
            $0.selection.hidden = 0.5
        }
        let (_, block) = try simulated(settings)
        let honest = block.isFake.indices.filter { !block.isFake[$0] }
        let columns =
            [block.probability[0], block.probability[1], block.payInStock]
            + [block.probability[3]]
        for (column, rate) in zip(columns, [0.08, 0.35, 0.6, 0.2]) {
            let found = mean(honest.map { Double(column[$0]) })
            // Both are means over tens of thousands of rows, of few users and items.
            #expect(abs(found - rate) < 0.05 * rate + 0.002, "\(found), expected \(rate)")
        }
    }

    @Test(arguments: [-1, -0.5, 0, 0.5, 0.9, 1])
    func scoresCorrelateAsTheKnobSays(knob: Double) throws {
        let settings = smallShop {
            $0.tasks.correlation = knob
            $0.latents.nonlinearity = 0
            $0.sparsity.users = 0
            $0.sparsity.items = 0
            $0.users = 8_000
            $0.items = 8_000
            $0.categories = 8_000
        }
        let (world, block) = try simulated(settings)
        let click = block.scores[0].map(Double.init)
        for step in 1..<FunnelStep.count {
            let found = correlation(click, block.scores[step].map(Double.init))
            #expect(abs(found - knob) < 0.05, "step \(step): \(found), expected \(knob)")
            #expect(abs(cosine(world, 0, 0, 0, step) - knob) < 1e-9)
        }
        // The variance of a score is 1, so that `strength` is a standard deviation.
        let variance = mean(click.map { $0 * $0 })
        #expect(abs(variance - 1) < 0.1, "\(variance)")
    }

    /// The cosine of the directions of two tasks in two scenarios, of the first facet.
    private func cosine(
        _ world: SimulatedWorld,
        _ scenario: Int,
        _ step: Int,
        _ otherScenario: Int,
        _ otherStep: Int,
        at share: Double = 0,
        and otherShare: Double = 0
    ) -> Double {
        let width = 2 * world.space.dimension
        func direction(_ scenario: Int, _ step: Int, _ share: Double) -> [Double] {
            let start = (scenario * FunnelStep.count + step) * world.space.facets * width
            let all = world.space.directions(at: share).map(Double.init)
            return share == 0
                ? Array(world.space.directions[start..<start + width])
                : Array(all[start..<start + width])
        }
        return zip(
            direction(scenario, step, share),
            direction(otherScenario, otherStep, otherShare)
        )
        .reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test(arguments: [0, 0.3, 0.8, 1])
    func scenariosAreAsAlikeAsTheKnobSays(knob: Double) throws {
        let world = try SimulatedWorld(smallShop { $0.scenario.similarity = knob })
        for step in 0..<FunnelStep.count {
            #expect(abs(cosine(world, 0, step, 1, step) - knob) < 1e-9)
            #expect(abs(cosine(world, 1, step, 2, step) - knob) < 1e-9)
        }
    }

    @Test func scenariosOfSimilarityOneHaveTheSameClickFunction() throws {
        let settings = smallShop(rows: 5_000) {
            $0.scenario.similarity = 1
            $0.scenario.spread = 0
        }
        let (world, block) = try simulated(settings)
        var other = block
        // The same rows, each in another scenario.
        other.scenario = block.scenario.map { ($0 + 1) % 3 }
        let generator = ImpressionGenerator(world)
        generator.fillScores(&other)
        generator.fillProbabilities(&other)
        for (one, two) in zip(block.probability[0], other.probability[0]) {
            // Directions are the same up to rounding.
            #expect(abs(one - two) < 1e-5)
        }
        // With other settings they differ.
        let (apart, rows) = try simulated(smallShop(rows: 5_000) { $0.scenario.similarity = 0.5 })
        var moved = rows
        moved.scenario = rows.scenario.map { ($0 + 1) % 3 }
        ImpressionGenerator(apart).fillScores(&moved)
        let agreement = correlation(
            rows.scores[0].map(Double.init),
            moved.scores[0].map(Double.init)
        )
        #expect(agreement < 0.8, "\(agreement)")
    }

    @Test func tastesTurnAsFarAsTheDriftSays() throws {
        let still = try SimulatedWorld(smallShop())
        #expect(abs(cosine(still, 0, 0, 0, 0, at: 0, and: 1) - 1) < 1e-6)
        let half = try SimulatedWorld(smallShop { $0.drift = 0.5 })
        // Half of a right angle; the correlation of tasks stays.
        #expect(abs(cosine(half, 0, 0, 0, 0, at: 0, and: 1) - 0.5.squareRoot()) < 1e-6)
        #expect(abs(cosine(half, 0, 0, 0, 1, at: 1, and: 1) - 0.5) < 1e-6)
        let right = try SimulatedWorld(smallShop { $0.drift = 1 })
        #expect(abs(cosine(right, 1, 2, 1, 2, at: 0, and: 1)) < 1e-6)
    }

    @Test func clickedRowsConvertMoreOftenWhereSelectionIsHidden() throws {
        func excess(_ hidden: Double) throws -> Double {
            let settings = smallShop {
                $0.selection.hidden = hidden
                $0.tasks.correlation = 0
            }
            let (_, block) = try simulated(settings)
            let honest = block.isFake.indices.filter { !block.isFake[$0] }
            let all = mean(honest.map { Double(block.probability[1][$0]) })
            let clicked = honest.filter { block.outcome[0][$0] == 1 }
            return mean(clicked.map { Double(block.probability[1][$0]) }) - all
        }
        #expect(try abs(excess(0)) < 0.02)
        #expect(try excess(1) > 0.08)
    }

    @Test func identicalTasksHaveIdenticalScores() throws {
        let settings = smallShop(rows: 2_000) {
            $0.tasks.correlation = 1
            $0.latents.affinity = 1
        }
        let (_, block) = try simulated(settings)
        for step in 1..<FunnelStep.count {
            for (one, two) in zip(block.scores[0], block.scores[step]) {
                #expect(abs(one - two) < 1e-4)
            }
        }
    }
}
