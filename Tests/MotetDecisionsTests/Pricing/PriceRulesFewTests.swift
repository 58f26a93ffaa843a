import MotetCore
import Testing

@testable import MotetDecisions

@Suite("Some prices of many") struct PriceRulesFewTests {
    /// Rules as a shop might have them, many of them narrow.
    private static func rules(
        _ generator: inout RandomKeyGenerator
    ) -> (PriceRules, present: Money)? {
        func pick(_ values: [Double]) -> Double {
            values[min(Int(generator.nextUniform() * Double(values.count)), values.count - 1)]
        }
        let floor = pick([0.01, 0.5, 1, 4.37, 10, 99])
        let endings = [[], [], [99], [99, 49], [0, 50], [5]]
        let ending = endings[min(Int(generator.nextUniform() * 6), 5)]
        let rules = try? PriceRules(
            floor: Money(floor),
            ceiling: Money(floor + pick([0, 0.3, 2, 11, 60])),
            step: Money(pick([0.01, 0.01, 0.05, 0.25, 1, 1.5, 0.07])),
            greatestChange: generator.nextUniform() < 0.3 ? nil : pick([0.001, 0.02, 0.1, 0.5, 2]),
            endings: Set(ending)
        )
        let present = Money(
            micros: Int64(10_000 * (1 + (floor + pick([-3, 0, 1, 5])) * 100).rounded())
        )
        return rules.map { ($0, max(present, Money(0.01))) }
    }

    /// Against the list of all prices: those that are given are of it, few, and with the one that is nearest.
    @Test func somePricesAreSomeOfAllWithTheNearest() throws {
        var generator = RandomKey(seed: 3).generator()
        var (several, none, thinned) = (0, 0, 0)
        for _ in 0..<3_000 {
            guard let (rules, present) = Self.rules(&generator) else { continue }
            let all = rules.prices(after: present)
            let most = 1 + Int(generator.nextUniform() * 20)
            let some = rules.prices(after: present, most: most)
            #expect(some.isEmpty == all.isEmpty)
            #expect(Set(some).isSubset(of: all))
            #expect(zip(some, some.dropFirst()).allSatisfy { $0 < $1 })
            #expect(some.count <= max(most, rules.endings.count) + 1 + rules.endings.count)
            if all.count <= most, rules.endings.isEmpty { #expect(some == all) }
            #expect(all.allSatisfy { rules.allows($0) && rules.reaches($0, after: present) })
            let nearest = all.min {
                (abs($0.micros - present.micros), $0) < (abs($1.micros - present.micros), $1)
            }
            #expect(nearest.map { some.contains($0) } ?? true)
            if all.isEmpty { none += 1 } else { several += 1 }
            if some.count < all.count { thinned += 1 }
        }
        #expect(several > 500 && none > 100 && thinned > 200)
    }

    @Test func theNearestPriceIsThatOfTheList() throws {
        var generator = RandomKey(seed: 4).generator()
        for _ in 0..<3_000 {
            guard let (rules, present) = Self.rules(&generator) else { continue }
            let wanted = Money(
                micros: Int64((generator.nextUniform() * 120_000_000).rounded())
            )
            let clamped = min(
                max(wanted, rules.range(after: present).least),
                rules.range(after: present).greatest
            )
            let expected = rules.prices(after: present).min {
                (abs($0.micros - clamped.micros), $0) < (abs($1.micros - clamped.micros), $1)
            }
            #expect(rules.nearest(to: wanted, after: present) == expected, "\(rules) \(wanted)")
        }
    }

    @Test func aWideRangeIsCheapAndEven() throws {
        let rules = try PriceRules(floor: Money(0.01), ceiling: Money(1e9))
        let some = rules.prices(after: Money(123.45), most: 50)
        #expect(some.count == 51 && some[0] == Money(0.01) && some.contains(Money(123.45)))
        let ended = try PriceRules(floor: Money(1), ceiling: Money(1e9), endings: [99, 95])
        let others = ended.prices(after: Money(500), most: 50)
        #expect(others.count <= 53 && others.contains(Money(499.99)))
        #expect(others.allSatisfy { ended.allows($0) })
    }

    @Test func rulesBecomeNarrowerAndNotWider() throws {
        let rules = try PriceRules(
            floor: Money(10),
            ceiling: Money(20),
            greatestChange: 0.2,
            endings: [99]
        )
        let narrow = try rules.narrowed(
            floor: Money(12),
            ceiling: Money(18),
            greatestChange: 0.1
        )
        #expect(narrow.floor == Money(12) && narrow.ceiling == Money(18))
        #expect(narrow.greatestChange == 0.1 && narrow.endings == [99])
        #expect(try rules.narrowed() == rules)
        for (floor, ceiling, change, told) in [
            (
                9.0, 20.0, 0.1,
                "'floor' is wider than the rules; expected at least 10.0; received 9.0."
            ),
            (10, 21, 0.1, "'ceiling' is wider than the rules; expected at most 20.0"),
            (10, 20, 0.3, "'greatest_change' is wider than the rules; expected at most 0.2"),
            (19, 12, 0.1, "'ceiling' is out of range; expected at least the floor"),
            (12, 12.5, 0.1, "none obeys the rules"),
        ] {
            let error = #expect(throws: DecisionError.self) {
                try rules.narrowed(
                    floor: Money(floor),
                    ceiling: Money(ceiling),
                    greatestChange: change
                )
            }
            #expect("\(try #require(error))".contains(told))
        }
    }
}
