import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

@Suite("Logged prices") struct PriceLogTests {
    private static let grid = [16, 18, 20, 22, 24].map { Money(Double($0)) }
    private static let cost = 9.0
    private static let items: [(level: Double, elasticity: Double)] = (0..<30).map { item in
        let place = Double(item)
        return (1.5 + 0.03 * place, -1.2 - 0.06 * place)
    }

    private static func logged(
        _ decision: Int,
        item: Int,
        price: Double,
        propensity: Double,
        level: Double,
        elasticity: Double
    ) throws -> LoggedPrice {
        let text =
            "{\"decision\":\"d\(decision)\",\"draw\":\"i\(item)@\(decision)\",\"item\":\"i\(item)\",\"objective\":\"margin\","
            + "\"present\":20,\"price\":\(price),\"propensity\":\(propensity),\"best\":\(price),\"level\":\(level),"
            + "\"elasticity\":\(elasticity),\"cost\":\(cost),\"stock\":null}"
        return try JSONDecoder().decode(LoggedPrice.self, from: Data(text.utf8))
    }

    /// A log of prices chosen by Thompson sampling from beliefs that are wrong, and what they brought.
    private static func simulated(
        _ run: Int,
        decisions: Int
    ) throws -> (PriceLog, [String: Double]) {
        var prices: [LoggedPrice] = []
        var outcomes: [String: Double] = [:]
        let rules = try PricePolicyTests.rules(16, 24, step: 2)
        let policy = try PricePolicy(.margin(cost: Money(cost)))
        var generator = RandomKey(seed: 77).split(run).generator()
        for number in 0..<decisions {
            let item = min(Int(generator.nextUniform() * Double(items.count)), items.count - 1)
            let truth = items[item]
            // The model behind the direct estimate takes demand for 20 % greater, and every item for one.
            let belief = try DemandBelief(
                reference: Money(20),
                level: truth.level + 0.2,
                elasticity: -2,
                levelDeviation: 0.5,
                elasticityDeviation: 0.6
            )
            let decision = policy.decide(
                present: Money(20),
                belief,
                rules,
                key: RandomKey(seed: 5).split(run).split(number)
            )
            let price = decision.price
            prices.append(
                try logged(
                    number,
                    item: item,
                    price: price.units,
                    propensity: decision.propensity,
                    level: belief.mean.x,
                    elasticity: belief.mean.y
                )
            )
            let demand = KnownDemand(level: truth.level, elasticity: truth.elasticity)
            outcomes["d\(number)"] = Double(demand.units(at: price, &generator))
        }
        return (PriceLog(prices), outcomes)
    }

    /// The other policy: cheap where demand is elastic, dear where it is not.
    private static func candidate(_ item: Int) -> Double { items[item].elasticity < -2 ? 18 : 22 }

    private static let truth =
        items.indices.reduce(0.0) { sum, item in
            let (price, demand) = (candidate(item), items[item])
            return sum + exp(demand.level) * pow(price / 20, demand.elasticity) * (price - cost)
        } / Double(items.count)

    /// Over 200 simulated runs the intervals of IPS, SNIPS and DR hold the true value at their rate of 95 %; those of the direct
    /// estimate, whose model is wrong, do not.
    @Test func intervalsCoverTheTruthAtTheirRate() throws {
        let table = PriceCandidate.prices(
            Dictionary(
                uniqueKeysWithValues: Self.items.indices.map { ("i\($0)", Self.candidate($0)) }
            )
        )
        var covered: [PolicyEstimator: Int] = [:]
        var sums: [PolicyEstimator: Double] = [:]
        for run in 0..<200 {
            let (log, outcomes) = try Self.simulated(run, decisions: 1_500)
            let (decisions, counts) = try log.decisions(outcomes: outcomes, candidate: table)
            #expect(counts.evaluated == 1_500)
            let evaluation = try PolicyEvaluation(decisions)
            for estimator in PolicyEstimator.allCases {
                let estimate = try #require(evaluation.estimate(estimator))
                sums[estimator, default: 0] += estimate.value / 200
                if estimate.interval.contains(Self.truth) { covered[estimator, default: 0] += 1 }
            }
        }
        print("coverage of 200 runs: \(covered), means \(sums), truth \(Self.truth)")
        for estimator: PolicyEstimator in [.ips, .snips, .doublyRobust] {
            // 190 expected, of which the middle 99.8 % of 200 tosses lie between 180 and 198.
            let count = covered[estimator, default: 0]
            #expect(180...199 ~= count, "\(estimator): \(count)")
            #expect(abs((sums[estimator] ?? 0) / Self.truth - 1) < 0.02)
        }
        #expect(covered[.direct, default: 0] < 20)
    }

    @Test func decisionsOfOneDrawAreOneChoice() throws {
        let first = try Self.logged(
            1,
            item: 1,
            price: 18,
            propensity: 0.5,
            level: 1,
            elasticity: -2
        )
        let again = LoggedPrice(first, decision: "d2")
        let (decisions, counts) = try PriceLog([first, again]).decisions(
            outcomes: ["d1": 4, "d2": 6],
            candidate: .propensities([
                "d1": [(18, 0.25), (20, 0.75)], "d2": [(18, 0.25), (20, 0.75)],
            ])
        )
        #expect(counts.logged == 2 && counts.evaluated == 1)
        #expect(decisions.rewards == [45] && decisions.targets == [0.25])
        let expectation = try #require(decisions.expectation)
        func value(_ price: Double) -> Double { exp(1) * pow(price / 20, -2) * (price - 9) }
        #expect(abs(expectation.ofDecision[0] - value(18)) < 1e-9)
        #expect(abs(expectation.ofPolicy[0] - 0.25 * value(18) - 0.75 * value(20)) < 1e-9)
    }

    @Test func whatIsMissingIsCounted() throws {
        let prices = try (0..<4).map {
            try Self.logged($0, item: $0, price: 18, propensity: 0.5, level: 1, elasticity: -2)
        }
        let (decisions, counts) = try PriceLog(prices).decisions(
            outcomes: ["d0": 1, "d1": 1, "d2": 1],
            candidate: .prices(["i0": 18, "i1": 20])
        )
        #expect(decisions.targets == [1, 0])
        #expect(counts.withoutOutcome == 1 && counts.withoutCandidate == 1)
        #expect(throws: DecisionError.self) {
            try PriceLog(prices).decisions(outcomes: [:], candidate: .best)
        }
        let error = #expect(throws: DecisionError.self) {
            try PriceLog(prices).decisions(
                outcomes: ["d0": 1],
                candidate: .propensities(["d0": [(18, 0.4)]])
            )
        }
        #expect("\(try #require(error))".contains("do not add up; expected 1; received 0.4"))
    }

    @Test func aTornLastLineIsPassedOverAndAnotherIsASentence() throws {
        let folder = NSTemporaryDirectory() + "motet-prices-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let line =
            "{\"decision\":\"a\",\"draw\":\"i@1\",\"item\":\"i\",\"objective\":\"units\",\"present\":20,\"price\":18,"
            + "\"propensity\":0.5,\"best\":18,\"level\":1,\"elasticity\":-2,\"cost\":null,\"stock\":3}\n"
        let file = folder + "/prices-00000001.jsonl"
        try (line + line.prefix(40)).write(toFile: file, atomically: true, encoding: .utf8)
        let log = try PriceLog(files: [file])
        #expect(log.prices.count == 1 && log.prices[0].stock == 3)
        try (line.prefix(40) + "\n" + line).write(toFile: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: DecisionError.self) { try PriceLog(files: [file]) }
        #expect(
            "\(try #require(error))".contains(
                "prices-00000001.jsonl:1: the line is no logged price"
            )
        )
    }
}

extension LoggedPrice {
    /// The same under another name.
    fileprivate init(_ other: LoggedPrice, decision: String) {
        self.init(
            decision: decision,
            draw: other.draw,
            item: other.item,
            objective: other.objective,
            present: other.present,
            price: other.price,
            propensity: other.propensity,
            best: other.best,
            level: other.level,
            elasticity: other.elasticity,
            cost: other.cost,
            stock: other.stock
        )
    }
}
