import Foundation
import MotetCore
import Testing

@testable import MotetDecisions

@Suite("A book of prices") struct PriceBookTests {
    private static let start: Int64 = 1_780_000_000_000
    private static let day: Int64 = 86_400_000

    /// A book that expectations may change.
    private final class Shared {
        private var book: PriceBook

        init(_ settings: PriceBook.Settings) { book = PriceBook(settings) }

        var count: Int { book.count }
        func choose(_ question: PriceQuestion, at time: Int64) throws -> PriceBook.Answer {
            try book.choose(question, at: time)
        }
        func keep(_ chosen: ChosenPrice) -> Bool { book.keep(chosen) }
        func takeBack(_ chosen: ChosenPrice) { book.takeBack(chosen) }
        func restore(_ chosen: ChosenPrice) { book.restore(chosen) }
        func options(of chosen: ChosenPrice) throws -> [PriceDecision.Option] {
            try book.options(of: chosen)
        }
        func last(item: String, scope: String?) -> ChosenPrice? {
            book.last(item: item, scope: scope)
        }
    }

    private static func book(_ change: (inout PriceBook.Settings) -> Void = { _ in }) -> Shared {
        var settings = PriceBook.Settings()
        change(&settings)
        return Shared(settings)
    }

    private static func question(
        _ item: String = "i1",
        present: Double = 20,
        elasticity: Double? = -2.5,
        level: Double = 1,
        cost: Double = 9,
        rules: PriceRules? = nil,
        stock: Int? = nil,
        scope: String? = nil
    ) throws -> PriceQuestion {
        PriceQuestion(
            item: item,
            scope: scope,
            present: Money(present),
            belief: try elasticity.map {
                try DemandBelief(
                    reference: Money(present),
                    level: level,
                    elasticity: $0,
                    levelDeviation: 0.5,
                    elasticityDeviation: 1
                )
            },
            rules: try rules
                ?? PriceRules(
                    floor: Money(10),
                    ceiling: Money(30),
                    step: Money(0.5),
                    greatestChange: 0.2
                ),
            objective: .margin(cost: Money(cost)),
            stock: stock
        )
    }

    @Test func everybodyGetsTheSamePriceInAPeriod() throws {
        let book = Self.book()
        let first = try book.choose(Self.question(), at: Self.start)
        #expect(!first.isRepeated && !first.isKept)
        #expect(book.keep(first.chosen))
        // Whatever is asked later in the period, and even at the new price.
        for question in [
            try Self.question(), try Self.question(present: first.chosen.price.units),
            try Self.question(elasticity: -0.5, level: 3, cost: 14, stock: 2),
            try Self.question(elasticity: nil),
        ] {
            let again = try book.choose(question, at: Self.start + 3_600_000)
            #expect(again.isRepeated && again.isKept && again.chosen == first.chosen)
        }
        let next = try book.choose(Self.question(), at: Self.start + Self.day)
        #expect(!next.isRepeated && next.chosen.period == first.chosen.period + 1)
        #expect(next.chosen.name != first.chosen.name)
    }

    @Test func aPriceThatTheRulesForbidIsChosenAnew() throws {
        let book = Self.book()
        let first = try book.choose(Self.question(), at: Self.start).chosen
        _ = book.keep(first)
        let above = try PriceRules(floor: first.price + Money(0.5), ceiling: Money(40))
        let second = try book.choose(Self.question(rules: above), at: Self.start + 1)
        #expect(!second.isRepeated && second.chosen.revision == 1)
        #expect(second.chosen.price > first.price && second.chosen.name != first.name)
        _ = book.keep(second.chosen)
        // Rules that allow it do not.
        let wide = try PriceRules(floor: Money(1), ceiling: Money(50))
        #expect(try book.choose(Self.question(rules: wide), at: Self.start + 2).isRepeated)
    }

    /// Over many periods each price comes as often as its propensity says.
    @Test func pricesComeAsOftenAsTheirPropensities() throws {
        let book = Self.book { $0.seed = 5 }
        let question = try Self.question()
        var counts: [Money: Int] = [:]
        var options: [PriceDecision.Option] = []
        let periods = 20_000
        for period in 0..<periods {
            let chosen = try book.choose(question, at: Self.start + Int64(period) * Self.day).chosen
            counts[chosen.price, default: 0] += 1
            if options.isEmpty { options = try book.options(of: chosen) }
            let own = options.first { $0.price == chosen.price }
            #expect(own?.propensity == chosen.propensity)
        }
        for option in options {
            let expected = Double(periods) * option.propensity
            let deviation = (expected * (1 - option.propensity)).squareRoot()
            // Of some twenty prices one beyond five standard deviations is not to be seen.
            #expect(abs(Double(counts[option.price] ?? 0) - expected) <= 5 * deviation + 1)
        }
        #expect(counts.count > 5)
        // What is not asked for any more is forgotten.
        #expect(book.count == 1)
    }

    @Test func itemsAndPlacesDrawForThemselves() throws {
        let book = Self.book()
        let prices = try (0..<50).map {
            try book.choose(Self.question("i\($0)"), at: Self.start).chosen
        }
        #expect(Set(prices.map(\.price)).count > 5)
        #expect(Set(prices.map(\.name)).count == 50)
        let places = try (0..<50).map {
            try book.choose(Self.question(scope: "s\($0)"), at: Self.start).chosen
        }
        #expect(Set(places.map(\.price)).count > 5)
        let other = Self.book { $0.seed = 9 }
        let others = try (0..<50).map {
            try other.choose(Self.question("i\($0)"), at: Self.start).chosen.price
        }
        #expect(others != prices.map(\.price))
    }

    @Test func aPriceChangesNoMoreOftenThanItMay() throws {
        let book = Self.book { $0.changes = .init(most: 2, window: 7 * Self.day) }
        var present = Money(20)
        var changes: [Int64] = []
        for period in 0..<200 {
            let time = Self.start + Int64(period) * Self.day
            let chosen = try book.choose(Self.question(present: present.units), at: time).chosen
            let recent = changes.count { $0 > time - 7 * Self.day }
            #expect((chosen.reason == .limited) == (recent >= 2))
            if chosen.reason == .limited {
                #expect(chosen.price == present && chosen.propensity == 1)
                #expect(try book.options(of: chosen).isEmpty)
            }
            if chosen.isChange { changes.append(time) }
            present = chosen.price
            #expect(book.keep(chosen))
        }
        #expect(changes.count > 40)
        for (index, time) in changes.enumerated() {
            #expect(changes[...index].count { $0 > time - 7 * Self.day } <= 2)
        }
    }

    /// A book that is filled from what was kept goes on as if it had never ended.
    @Test func whatIsRestoredGoesOn() throws {
        func settings(_ settings: inout PriceBook.Settings) {
            settings.changes = .init(most: 3, window: 9 * Self.day)
        }
        let whole = Self.book(settings)
        var journal: [ChosenPrice] = []
        var present = Money(20)
        for period in 0..<60 {
            let time = Self.start + Int64(period) * Self.day
            let part = Self.book(settings)
            for chosen in journal.suffix(20) { part.restore(chosen) }
            let question = try Self.question(present: present.units)
            let chosen = try whole.choose(question, at: time).chosen
            #expect(try part.choose(question, at: time).chosen == chosen)
            _ = whole.keep(chosen)
            journal.append(chosen)
            part.restore(chosen)
            let again = try part.choose(question, at: time + 5)
            #expect(again.isRepeated && again.isKept && again.chosen == chosen)
            present = chosen.price
        }
        #expect(journal.contains { $0.reason == .limited })
    }

    /// A choice that was made beside the book counts only where nothing else happened meanwhile.
    @Test func aDraftThatIsOutOfDateIsNotAdded() throws {
        var book = PriceBook(PriceBook.Settings())
        let question = try Self.question()
        let draft = book.draft(question, at: Self.start)
        let chosen = try book.settings.choice(draft)
        #expect(try PriceBook(book.settings).settings.choice(draft) == chosen)
        let added = book.add(ifCurrent: chosen, of: draft)
        let first = try #require(added)
        #expect(!first.isRepeated && !first.isKept && first.chosen == chosen)
        let isKept = book.keep(chosen)
        #expect(isKept)
        // The same draft again is the price of the period.
        let repeated = book.add(ifCurrent: chosen, of: draft)
        let again = try #require(repeated)
        #expect(again.isRepeated && again.isKept && again.chosen == chosen)
        // Rules that forbid the price make it another revision.
        let above = try PriceRules(floor: chosen.price + Money(0.5), ceiling: Money(40))
        let late = try Self.question(rules: above)
        let old = PriceBook(book.settings).draft(late, at: Self.start)
        let refused = book.add(ifCurrent: try book.settings.choice(old), of: old)
        #expect(refused == nil)
        let new = book.draft(late, at: Self.start)
        let other = book.add(ifCurrent: try book.settings.choice(new), of: new)
        let second = try #require(other)
        #expect(second.chosen.revision == 1 && above.allows(second.chosen.price))
        #expect(second.chosen.name != chosen.name)
    }

    /// Items that are asked for no more are forgotten, a few with every choice; those that are needed stay.
    @Test func whatNoAnswerNeedsIsForgottenLittleByLittle() throws {
        var book = PriceBook(PriceBook.Settings())
        var most = 0
        for period in 0..<30 {
            let time = Self.start + Int64(period) * Self.day
            for item in 0..<40 {
                let own = "i\(item % 10 == 0 ? item : 1000 * period + item)"
                if item % 10 == 0, period > 0 {
                    #expect(book.last(item: own, scope: nil)?.time == time - Self.day)
                }
                let chosen = try book.choose(Self.question(own), at: time).chosen
                let isKept = book.keep(chosen)
                let isRepeated = try book.choose(Self.question(own), at: time).isRepeated
                #expect(isKept && isRepeated)
            }
            most = max(most, book.count)
        }
        // Two periods of 36 new items each and the four of every period are needed; half as many may be kept beside.
        #expect(most <= 76 * 3 / 2 + 3, "\(most)")
        #expect(book.count >= 76)
    }

    @Test func whatCannotBeKeptDidNotHappen() throws {
        let book = Self.book { $0.changes = .init(most: 1, window: 30 * Self.day) }
        let before = try book.choose(Self.question(), at: Self.start).chosen
        #expect(before.isChange)
        book.takeBack(before)
        #expect(book.count == 0)
        // The change does not count, and the same draw is made again.
        let again = try book.choose(Self.question(), at: Self.start)
        #expect(!again.isRepeated && again.chosen == before)
        #expect(book.keep(before))
        book.takeBack(before)
        #expect(try book.choose(Self.question(), at: Self.start).isKept)
        // The next one falls back to the one that was kept.
        let next = try book.choose(Self.question(), at: Self.start + Self.day).chosen
        book.takeBack(next)
        #expect(book.last(item: "i1", scope: nil) == before)
        // Another call kept it meanwhile.
        #expect(book.keep(next))
        #expect(book.last(item: "i1", scope: nil) == next)
        // But not after another one was chosen.
        var other = next
        other.price = next.price + Money(1)
        #expect(!book.keep(other))
    }

    @Test func whatIsUnknownFallsBack() throws {
        let book = Self.book()
        var question = try Self.question(elasticity: nil)
        let kept = try book.choose(question, at: Self.start).chosen
        #expect(kept.reason == .fallback && kept.price == Money(20) && kept.propensity == 1)
        #expect(kept.units == nil && kept.value == nil && kept.isFallback)
        #expect(try book.options(of: kept).isEmpty)
        question.item = "i2"
        question.fallback = Money(29.7)
        // The list price is out of reach: the greatest change ends at 24.
        #expect(try book.choose(question, at: Self.start).chosen.price == Money(24))
        question.item = "i3"
        question.fallback = Money(22.2)
        #expect(try book.choose(question, at: Self.start).chosen.price == Money(22))
        question.item = "i4"
        question.present = Money(2)
        // No price that is allowed can be reached.
        let far = try book.choose(question, at: Self.start).chosen
        #expect(far.reason == .fallback && far.price == Money(2))
    }

    @Test func costsAboveEveryPriceAreFlagged() throws {
        let book = Self.book()
        let chosen = try book.choose(Self.question(cost: 50), at: Self.start).chosen
        #expect(chosen.reason == .noMargin && chosen.price == Money(24) && chosen.propensity == 1)
        #expect(try #require(chosen.value) < 0)
        #expect(try book.options(of: chosen).map(\.propensity).reduce(0, +) == 1)
        // A cost that some price covers is none of it.
        let other = try book.choose(Self.question("i2", cost: 23.5), at: Self.start).chosen
        #expect(other.reason == .explored && other.price == Money(24))
        let far = try Self.question("i3", present: 2)
        #expect(try book.choose(far, at: Self.start).chosen.reason == .kept)
    }

    @Test func whatIsExpectedIsThatOfTheOption() throws {
        let book = Self.book()
        let chosen = try book.choose(Self.question(stock: 3), at: Self.start).chosen
        let options = try book.options(of: chosen)
        let own = try #require(options.first { $0.price == chosen.price })
        #expect(chosen.units == own.units && chosen.value == own.value)
        #expect(own.units <= 3)
        #expect(chosen.best == options.max { $0.value < $1.value }?.price)
    }

    /// 100,000 random requests: every price obeys the rules, or is the present one with the reason why.
    @Test func everyPriceObeysTheRules() throws {
        var generator = RandomKey(seed: 31).generator()
        let book = Self.book {
            $0.changes = .init(most: 2, window: 5 * Self.day)
            $0.exploration = .thompson(draws: 20)
        }
        func uniform(_ least: Double, _ greatest: Double) -> Double {
            least + (greatest - least) * generator.nextUniform()
        }
        var reasons: [PriceReason: Int] = [:]
        var presents: [String: Money] = [:]
        var changes: [String: [Int64]] = [:]
        var asked = 0
        while asked < 100_000 {
            let floor = (100 * uniform(0.5, 40)).rounded() / 100
            let endings: Set<Int> =
                generator.nextUniform() < 0.5
                ? [] : Set((0..<3).map { _ in Int(uniform(0, 99.99)) })
            guard
                let rules = try? PriceRules(
                    floor: Money(floor),
                    ceiling: Money((100 * uniform(floor, 4 * floor)).rounded() / 100),
                    step: Money([0.01, 0.05, 0.1, 1][Int(uniform(0, 3.99))]),
                    greatestChange: generator.nextUniform() < 0.2 ? nil : uniform(0.001, 0.6),
                    endings: endings
                )
            else { continue }
            asked += 1
            let item = "i\(Int(uniform(0, 400)))"
            let time = Self.start + Int64(asked) * 600_000
            let present = presents[item] ?? Money((100 * uniform(0.3, 90)).rounded() / 100)
            let objective: PriceObjective =
                [.revenue, .units, .margin(cost: Money(uniform(0, 60)))][Int(uniform(0, 2.99))]
            let known = generator.nextUniform() < 0.9
            let question = PriceQuestion(
                item: item,
                present: present,
                belief: known
                    ? try DemandBelief(
                        reference: present,
                        level: uniform(-3, 5),
                        elasticity: uniform(-5, 0),
                        levelDeviation: uniform(0.01, 2),
                        elasticityDeviation: uniform(0.01, 2)
                    ) : nil,
                fallback: Money(uniform(0.3, 90)),
                rules: rules,
                objective: objective,
                stock: generator.nextUniform() < 0.3 ? Int(uniform(0, 50)) : nil
            )
            let answer = try book.choose(question, at: time)
            let chosen = answer.chosen
            _ = book.keep(chosen)
            reasons[chosen.reason, default: 0] += 1
            #expect(chosen.propensity > 0 && chosen.propensity <= 1)
            guard !answer.isRepeated else {
                #expect(rules.allows(chosen.price) || chosen.question.rules == rules)
                continue
            }
            let isAllowed =
                rules.allows(chosen.price) && rules.reaches(chosen.price, after: present)
            switch chosen.reason {
            case .best, .explored, .noMargin: #expect(isAllowed, "\(chosen)")
            case .kept, .limited: #expect(chosen.price == present)
            case .fallback: #expect(isAllowed || chosen.price == present)
            }
            if chosen.reason == .kept { #expect(rules.prices(after: present).isEmpty) }
            if chosen.isChange { changes[item, default: []].append(time) }
            presents[item] = chosen.price
        }
        for times in changes.values {
            for (index, time) in times.enumerated() {
                #expect(times[...index].count { $0 > time - 5 * Self.day } <= 2)
            }
        }
        print("100,000 requests: \(reasons)")
        for reason in PriceReason.allCases where reason != .best {
            #expect((reasons[reason] ?? 0) > 20, "\(reason)")
        }
    }
}
