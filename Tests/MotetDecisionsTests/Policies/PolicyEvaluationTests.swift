import Foundation
import MotetDecisions
import Testing

/// What the Open Bandit Pipeline makes of logs; see `Tests/Goldens/decisions`.
struct PolicyGolden: Decodable {
    struct Case: Decodable {
        let rewards, propensities, targets, ofDecision, ofPolicy: [Double]
        let ips, snips, direct, dr: Double
        let ipsError, directError, drError, snipsError: Double

        func decisions() throws -> LoggedDecisions {
            try LoggedDecisions(
                rewards: rewards,
                propensities: propensities,
                targets: targets,
                expectation: LoggedDecisions.Expectation(ofDecision: ofDecision, ofPolicy: ofPolicy)
            )
        }
    }

    let cases: [Case]

    static func read() throws -> PolicyGolden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/decisions/policies.json")
        return try JSONDecoder().decode(PolicyGolden.self, from: Data(contentsOf: file))
    }
}

/// A world with two contexts and three decisions, whose truth is known.
struct KnownWorld {
    static let means = [[0.1, 0.5, 0.3], [0.6, 0.2, 0.4]]
    static let logging = [[0.5, 0.2, 0.3], [0.2, 0.6, 0.2]]
    static let target = [[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]]
    /// What a model that is wrong expects.
    static let expected = [[0.3, 0.3, 0.3], [0.5, 0.5, 0.1]]

    /// What the other policy really brings, with both contexts equally frequent.
    static var truth: Double {
        (0..<2).reduce(0) { sum, context in
            sum + 0.5 * zip(means[context], target[context]).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    static func log(_ count: Int, seed: UInt64) throws -> LoggedDecisions {
        var draws = Draws(seed)
        var (rewards, propensities, targets) = ([Double](), [Double](), [Double]())
        var (ofDecision, ofPolicy) = ([Double](), [Double]())
        for _ in 0..<count {
            let context = draws.next() < 0.5 ? 0 : 1
            let number = draws.next()
            let first = logging[context][0]
            let decision = number < first ? 0 : number < first + logging[context][1] ? 1 : 2
            rewards.append(draws.next() < means[context][decision] ? 1 : 0)
            propensities.append(logging[context][decision])
            targets.append(target[context][decision])
            ofDecision.append(expected[context][decision])
            ofPolicy.append(zip(expected[context], target[context]).reduce(0) { $0 + $1.0 * $1.1 })
        }
        return try LoggedDecisions(
            rewards: rewards,
            propensities: propensities,
            targets: targets,
            expectation: LoggedDecisions.Expectation(ofDecision: ofDecision, ofPolicy: ofPolicy)
        )
    }
}

@Suite("Evaluation of policies") struct PolicyEvaluationTests {
    @Test func estimatesAreThoseOfTheOpenBanditPipeline() throws {
        let golden = try PolicyGolden.read()
        #expect(golden.cases.count == 3)
        for log in golden.cases {
            let evaluation = try PolicyEvaluation(log.decisions())
            let expected: [(PolicyEstimator, Double, Double, Double)] = [
                (.ips, log.ips, log.ipsError, 1e-12),
                (.direct, log.direct, log.directError, 1e-12),
                (.doublyRobust, log.dr, log.drError, 1e-12),
                // The bootstrap is another estimate of the error: within 10 % of ours for 300 rows, 25 % for 40.
                (.snips, log.snips, log.snipsError, log.rewards.count < 100 ? 0.25 : 0.1),
            ]
            for (estimator, value, error, tolerance) in expected {
                let estimate = try #require(evaluation.estimate(estimator))
                #expect(abs(estimate.value - value) < 1e-12, "\(estimator)")
                #expect(abs(estimate.standardError / error - 1) < tolerance, "\(estimator)")
            }
        }
    }

    /// By hand: weights 2, 0.5 and 0; rewards 1, 3 and 8.
    @Test func aFewDecisionsByHand() throws {
        let decisions = try LoggedDecisions(
            rewards: [1, 3, 8],
            propensities: [0.25, 1, 0.5],
            targets: [0.5, 0.5, 0]
        )
        let evaluation = try PolicyEvaluation(decisions)
        #expect(evaluation.estimate(.ips)?.value == 3.5 / 3)
        #expect(evaluation.estimate(.snips)?.value == 3.5 / 2.5)
        #expect(evaluation.estimate(.direct) == nil && evaluation.estimate(.doublyRobust) == nil)
        #expect(evaluation.weights.effectiveCount == 2.5 * 2.5 / 4.25)
        #expect(evaluation.weights.greatest == 2 && evaluation.weights.mean == 2.5 / 3)
        #expect(evaluation.weights.limited == 0)
        let limited = try PolicyEvaluation(decisions, limit: 1)
        #expect(limited.estimate(.ips)?.value == 2.5 / 3)
        #expect(limited.weights.limited == 1 && limited.weights.greatest == 1)
    }

    /// The policy that made the decisions is worth what they brought, whichever way it is asked.
    @Test func theSamePolicyIsWorthWhatItBrought() throws {
        let log = try KnownWorld.log(1_000, seed: 3)
        let same = try LoggedDecisions(
            rewards: log.rewards,
            propensities: log.propensities,
            targets: log.propensities
        )
        let evaluation = try PolicyEvaluation(same)
        let mean = log.rewards.reduce(0, +) / 1_000
        for estimator in [PolicyEstimator.ips, .snips] {
            #expect(abs(try #require(evaluation.estimate(estimator)).value - mean) < 1e-12)
        }
        #expect(abs(evaluation.weights.effectiveCount - 1_000) < 1e-9)
    }

    /// Over 2,000 logs of 500 decisions.
    ///
    /// No bias beyond four standard errors, and 93 to 97 of 100 intervals hold the truth; the standard error of such a
    /// share is 0.5 %. A model that is wrong misleads `direct` alone.
    @Test func intervalsHoldTheTruth() throws {
        let estimators = [PolicyEstimator.ips, .snips, .doublyRobust]
        var (sums, squares, held) = ([0.0, 0, 0], [0.0, 0, 0], [0, 0, 0])
        var direct = 0.0
        for seed: UInt64 in 1...2_000 {
            let evaluation = try PolicyEvaluation(KnownWorld.log(500, seed: seed))
            direct += try #require(evaluation.estimate(.direct)).value / 2_000
            for (place, estimator) in estimators.enumerated() {
                let estimate = try #require(evaluation.estimate(estimator))
                let error = estimate.value - KnownWorld.truth
                sums[place] += error
                squares[place] += error * error
                if estimate.interval.contains(KnownWorld.truth) { held[place] += 1 }
            }
        }
        for (place, estimator) in estimators.enumerated() {
            let (bias, spread) = (sums[place] / 2_000, (squares[place] / 2_000).squareRoot())
            // The self-normalized estimate has a bias of the order of 1 / n.
            let allowed = 4 * spread / 2_000.0.squareRoot() + (estimator == .snips ? 1.0 / 500 : 0)
            #expect(abs(bias) < allowed, "\(estimator): bias \(bias), spread \(spread)")
            #expect(1_860...1_940 ~= held[place], "\(estimator): \(held[place]) of 2,000")
        }
        // Less variance than without the model, wrong as it is, or without normalization.
        #expect(squares[1] < squares[0])
        #expect(abs(direct - KnownWorld.truth) > 0.02)
    }

    /// What the test above looks for is found where propensities are not those of the log.
    @Test func wrongPropensitiesAreFoundOut() throws {
        var held = 0
        for seed: UInt64 in 1...200 {
            let log = try KnownWorld.log(500, seed: seed)
            let wrong = try LoggedDecisions(
                rewards: log.rewards,
                propensities: log.propensities.map { min($0 * 1.3, 1) },
                targets: log.targets
            )
            let estimate = try #require(PolicyEvaluation(wrong).estimate(.ips))
            if estimate.interval.contains(KnownWorld.truth) { held += 1 }
        }
        #expect(held < 100)
    }

    @Test func mistakesAreSentences() throws {
        func sentence(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        func log(_ rewards: [Double], _ propensities: [Double], _ targets: [Double]) throws {
            _ = try LoggedDecisions(rewards: rewards, propensities: propensities, targets: targets)
        }
        #expect(
            sentence { try log([1, 2], [0.5, 0], [0, 0]) }
                == "row 2: the propensity is out of range; expected more than 0 and at most 1; received 0.0."
        )
        #expect(
            sentence { try log([1], [.nan], [0]) }
                == "row 1: the propensity is out of range; expected more than 0 and at most 1; received nan."
        )
        #expect(
            sentence { try log([.infinity], [1], [0]) }
                == "row 1: the reward is out of range; expected a finite number; received inf."
        )
        #expect(
            sentence { try log([1], [1], [1.5]) }
                == "row 1: the target is out of range; expected 0 to 1; received 1.5."
        )
        #expect(
            sentence { try log([1, 2], [1], [1, 1]) }
                == "decisions: 'propensities' has another length than 'rewards'; expected 2; received 1."
        )
        #expect(
            sentence { try log([], [], []) }
                == "decisions: there are none; expected at least 1; received 0."
        )
        let one = try LoggedDecisions(rewards: [1], propensities: [1], targets: [0])
        #expect(
            sentence { _ = try PolicyEvaluation(one, limit: 0.5) }
                == "policy evaluation: 'limit' is out of range; expected at least 1; received 0.5."
        )
        #expect(try PolicyEvaluation(one).estimate(.snips) == nil)
    }
}
