import Foundation
import MotetDecisions
import Testing

@Suite("risk policy") struct RiskPolicyTests {
    static let costs = (
        amounts: [0.0, 1, 20, 150, 4_000], probabilities: stride(from: 0, through: 1, by: 0.01)
    )

    private static func all() throws -> [RiskCosts] {
        [
            try RiskCosts(goodShare: 0.2, review: 3),
            try RiskCosts(
                fraudFixed: 15,
                goodShare: 0.3,
                goodFixed: 5,
                review: 4,
                reviewCatches: 0.9
            ),
            try RiskCosts(
                fraudShare: 0,
                fraudFixed: 50,
                goodShare: 0,
                goodFixed: 8,
                review: 2,
                reviewCatches: 0.7,
                reviewRefuses: 0.1
            ),
            try RiskCosts(goodShare: 0.2, review: 1_000),
            // With an amount of 0 it costs nothing to refuse a good one; reviewers that find nothing and cost nothing; perfect ones.
            try RiskCosts(fraudFixed: 10, goodShare: 0.2, review: 3),
            try RiskCosts(fraudFixed: 10, goodShare: 0.2, review: 3, reviewCatches: 0),
            try RiskCosts(fraudShare: 0, fraudFixed: 10, goodShare: 0.2, review: 0),
            try RiskCosts(
                fraudShare: 0,
                fraudFixed: 10,
                goodShare: 0.2,
                review: 2,
                reviewRefuses: 1
            ),
        ]
    }

    @Test func theDecisionCostsLeastOfAll() throws {
        for costs in try Self.all() {
            for amount in Self.costs.amounts {
                for probability in Self.costs.probabilities {
                    let table = costs.expected(probability, amount: amount)
                    let least = min(table.allow, table.review, table.block)
                    #expect(table[table.cheapest] == least)
                }
            }
        }
    }

    @Test func thresholdsAreWhereTheDecisionChanges() throws {
        for costs in try Self.all() {
            for amount in Self.costs.amounts {
                let (review, block) = costs.thresholds(amount: amount)
                for probability in Self.costs.probabilities
                where abs(probability - review) > 1e-9 && abs(probability - block) > 1e-9 {
                    let expected: RiskDecision =
                        probability > block ? .block : probability > review ? .review : .allow
                    let decided = costs.expected(probability, amount: amount).cheapest
                    // Nothing is lost either way where an amount of 0 costs nothing.
                    guard costs.ofFraud(amount) + costs.ofRefusal(amount) > 0 else { continue }
                    #expect(decided == expected, "\(costs), \(amount), \(probability)")
                }
            }
        }
    }

    @Test func expectedCostsAreMeansOfWhatHappens() throws {
        let costs = try RiskCosts(
            fraudFixed: 15,
            goodShare: 0.3,
            review: 4,
            reviewCatches: 0.8,
            reviewRefuses: 0.1
        )
        var draws = Draws(7)
        let (probability, amount, count) = (0.3, 80.0, 200_000)
        var sums = (allow: 0.0, review: 0.0, block: 0.0)
        for _ in 0..<count {
            let isFraud = draws.next() < probability
            sums.allow += isFraud ? 95 : 0
            sums.block += isFraud ? 0 : 24
            sums.review += 4
            let isRefused = draws.next() < (isFraud ? 0.8 : 0.1)
            if isFraud, !isRefused { sums.review += 95 }
            if !isFraud, isRefused { sums.review += 24 }
        }
        let table = costs.expected(probability, amount: amount)
        // Four standard errors of the widest, 95 sqrt(0.21 / n).
        let room = 4 * 95 * (0.21 / Double(count)).squareRoot()
        #expect(abs(sums.allow / Double(count) - table.allow) < room)
        #expect(abs(sums.review / Double(count) - table.review) < room)
        #expect(abs(sums.block / Double(count) - table.block) < room)
    }

    @Test func weightsAddToTheLogarithmOfTheOdds() throws {
        let policy = try RiskPolicy(
            rules: [
                RiskRule("large", .amount(RiskRange(above: 100)), .weight(1.5)),
                RiskRule("young", .number("age", RiskRange(below: 2)), .weight(-0.5)),
                RiskRule("other", .number("visits", RiskRange(above: 3)), .weight(4)),
            ],
            costs: RiskCosts(goodShare: 0.2, review: 3)
        )
        let facts = RiskFacts(amount: 200, numbers: ["age": [5, 1], "visits": [.nan]])
        let verdict = policy.verdict(0.2, facts, counts: [:])
        #expect(verdict.hits.map(\.rule) == [0, 1])
        #expect(verdict.hits.map(\.value) == [200, 1])
        #expect(verdict.evidence == 1)
        // log(0.2 / 0.8) + 1 by hand.
        #expect(abs(verdict.probability - 0.404_609_675_192) < 1e-9)
        let plain = policy.verdict(0.2, RiskFacts(amount: 5), counts: [:])
        #expect(plain.probability == 0.2)
    }

    @Test func rulesOfCountsLookAtTheirOwnCounts() throws {
        let hour: Int64 = 3_600_000
        let policy = try RiskPolicy(
            rules: [
                RiskRule("orders", .orders(of: .device, window: hour, above: 2), .weight(1)),
                RiskRule("spend", .spend(of: .device, window: hour, above: 100), .weight(1)),
                RiskRule("shared", .accounts(of: .address, window: hour, above: 1), .weight(1)),
                RiskRule("day", .orders(of: .device, window: 24 * hour, above: 2), .weight(1)),
            ],
            costs: RiskCosts(goodShare: 0.2, review: 3)
        )
        let device = RiskLookback(.device, window: hour)
        #expect(policy.lookbacks.count == 3)
        func hits(_ counts: [RiskLookback: RiskCounts]) -> [Int] {
            policy.verdict(0.1, RiskFacts(amount: 1), counts: counts).hits.map(\.rule)
        }
        #expect(hits([:]).isEmpty)
        #expect(hits([device: RiskCounts(orders: 2, amount: 100, accounts: 9)]).isEmpty)
        #expect(hits([device: RiskCounts(orders: 3, amount: 100, accounts: 9)]) == [0])
        #expect(hits([device: RiskCounts(orders: 2, amount: 101, accounts: 9)]) == [1])
        let shared = RiskCounts(orders: 9, amount: 0, accounts: 2)
        #expect(hits([RiskLookback(.address, window: hour): shared]) == [2])
    }

    @Test func theModelsWeightAndTheInterceptCountForEveryOrder() throws {
        let policy = try RiskPolicy(
            rules: [RiskRule("large", .amount(RiskRange(above: 100)), .weight(1.5))],
            costs: RiskCosts(goodShare: 0.2, review: 3),
            modelWeight: 0.5,
            intercept: -1
        )
        // 0.5 log(0.2 / 0.8) - 1 and 0.5 more, by hand.
        let small = policy.verdict(0.2, RiskFacts(amount: 5), counts: [:])
        #expect(abs(small.probability - 1 / (1 + exp(1.693_147_180_559_945))) < 1e-12)
        let large = policy.verdict(0.2, RiskFacts(amount: 200), counts: [:])
        #expect(abs(large.probability - 1 / (1 + exp(0.193_147_180_559_945))) < 1e-12)
        #expect(throws: DecisionError.self) {
            _ = try RiskPolicy(
                rules: [],
                costs: RiskCosts(goodShare: 0.2, review: 3),
                modelWeight: -1
            )
        }
    }

    @Test func rulesMoveNoMoreThanTheLimit() throws {
        let rules = try (0..<5).map {
            try RiskRule("rule_\($0)", .amount(RiskRange(above: Double($0))), .weight(3))
        }
        let policy = try RiskPolicy(
            rules: rules,
            costs: RiskCosts(goodShare: 0.2, review: 3),
            evidenceLimit: 4
        )
        #expect(policy.verdict(0.5, RiskFacts(amount: 10), counts: [:]).evidence == 4)
        // Also a model that is certain leaves rules a say.
        let certain = policy.verdict(0, RiskFacts(amount: 10), counts: [:])
        #expect(certain.probability > 0 && certain.probability < 1e-4)
    }

    @Test func theStricterOfCostsAndRulesDecides() throws {
        let policy = try RiskPolicy(
            rules: [RiskRule("large", .amount(RiskRange(above: 100)), .atLeast(.review))],
            costs: RiskCosts(goodShare: 0.2, review: 3)
        )
        let forced = policy.verdict(0.0001, RiskFacts(amount: 200), counts: [:])
        #expect(forced.decision == .review && forced.cheapest == .allow)
        let blocked = policy.verdict(0.99, RiskFacts(amount: 200), counts: [:])
        #expect(blocked.decision == .block)
    }

    @Test func theRiskRisesWithTheProbability() throws {
        let policy = try RiskPolicy(rules: [], costs: RiskCosts(goodShare: 0.2, review: 3))
        var last = RiskDecision.allow
        for probability in Self.costs.probabilities {
            let decision = policy.verdict(probability, RiskFacts(amount: 100), counts: [:])
                .decision
            #expect(decision >= last)
            last = decision
        }
        #expect(last == .block)
    }

    @Test(arguments: [
        ("negative cost", "`review`"), ("share above one", "`review_catches`"),
        ("free mistakes", "nothing"),
        ("code", "code"), ("window", "window"), ("weight", "weight"), ("range", "range"),
        ("twice", "same code"),
    ])
    func whatCannotBeIsRefused(_ mistake: String, _ part: String) throws {
        let costs = try RiskCosts(goodShare: 0.2, review: 3)
        let error = #expect(throws: DecisionError.self) {
            switch mistake {
            case "negative cost": _ = try RiskCosts(goodShare: 0.2, review: -1)
            case "share above one":
                _ = try RiskCosts(goodShare: 0.2, review: 1, reviewCatches: 1.1)
            case "free mistakes": _ = try RiskCosts(goodShare: 0, review: 1)
            case "code": _ = try RiskRule("Not a code", .amount(RiskRange(above: 1)), .weight(1))
            case "window":
                _ = try RiskRule("r", .orders(of: .ip, window: 0, above: 1), .weight(1))
            case "weight": _ = try RiskRule("r", .amount(RiskRange(above: 1)), .weight(.nan))
            case "range": _ = try RiskRange(below: 5, above: 2)
            default:
                let rule = try RiskRule("r", .amount(RiskRange(above: 1)), .weight(1))
                _ = try RiskPolicy(rules: [rule, rule], costs: costs)
            }
        }
        #expect(error?.code == .risk)
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }
}

@Suite("risk patterns") struct TextPatternTests {
    @Test(arguments: [
        ("abc", "ABC", true), ("a*c", "abbbc", true), ("a*c", "abcd", false), ("*", "", true),
        ("?", "", false), ("a?c", "abc", true), ("u###*", "u123x", true), ("u###*", "u12x", false),
        ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxa", false),
    ])
    func patternsFitWholeTexts(_ pattern: String, _ text: String, _ fits: Bool) throws {
        #expect(try TextPattern(pattern).matches(text) == fits)
    }

    @Test(arguments: [
        ("trash.example", "a@trash.example", true), ("trash.example", "a@mx.trash.example", true),
        ("trash.example", "a@nottrash.example", false), ("*.temp", "x@one.temp", true),
        ("*####@*", "jo1234@mail.example", true), ("*####@*", "jo@mail.example", false),
    ])
    func patternsOfMailsFitDomainsOrAddresses(
        _ pattern: String,
        _ mail: String,
        _ fits: Bool
    ) throws {
        #expect(try TextPattern(pattern).matches(email: mail) == fits)
    }

    @Test func manyStarsTakeNoLongTime() throws {
        let pattern = try TextPattern(String(repeating: "a*", count: 100) + "b")
        let text = String(repeating: "a", count: 5_000)
        let taken = ContinuousClock().measure { #expect(!pattern.matches(text)) }
        // Exponential backtracking would take years; this takes milliseconds, and seconds on a machine that is very busy.
        #expect(taken < .seconds(20))
    }

    @Test func oneMailboxAndOneNumberHaveOneForm() {
        #expect(ContactForm.email("Jo+shop1@Mail.Example") == "jo@mail.example")
        #expect(ContactForm.email("+jo@mail.example") == "+jo@mail.example")
        #expect(ContactForm.email("no mail") == "no mail")
        #expect(ContactForm.phone("+49 (0)30 / 12-34") == "+490301234")
        #expect(ContactForm.phone("0049 30 1234") == "+49301234")
        #expect(ContactForm.phone("030 1234") == "0301234")
    }
}
