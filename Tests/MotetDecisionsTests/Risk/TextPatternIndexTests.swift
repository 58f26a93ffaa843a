import MotetCore
import Testing

@testable import MotetDecisions

/// Patterns and texts made up of few letters, so that many fit.
private struct MadeTexts {
    private var draws: Draws
    private static let letters: [String] = ["a", "b", "A", "1", ".", "."]
    /// Letters whose lower case has other scalars, a letter in two forms, a joined mark.
    private static let rare = ["é", "e\u{301}", "İ", "ẞ", "@\u{301}", "Σ", "ﬀ"]
    private static let wild = ["*", "?", "#"]

    init(_ seed: UInt64) { draws = Draws(seed) }

    mutating func pick<T>(_ values: [T]) -> T {
        values[min(Int(draws.next() * Double(values.count)), values.count - 1)]
    }

    mutating func plain(_ most: Int) -> String {
        (0..<Int(draws.next() * Double(most + 1))).map { _ in
            draws.next() < 0.03 ? pick(Self.rare) : pick(Self.letters)
        }.joined()
    }

    mutating func pattern() -> String {
        let text: String
        switch Int(draws.next() * 8) {
        case 0: text = plain(5)
        case 1: text = "*." + plain(4)
        case 2: text = "*@" + plain(4)
        case 3: text = plain(2) + "@" + plain(3)
        case 4: text = plain(3) + "*"
        case 5: text = "*" + plain(3)
        case 6: text = plain(2) + pick(Self.wild) + "@" + plain(2) + pick(Self.wild)
        default: text = plain(2) + pick(Self.wild) + plain(2) + pick(Self.wild)
        }
        return text.isEmpty ? "*" : text
    }

    mutating func mail() -> String {
        switch Int(draws.next() * 8) {
        case 0: plain(6)
        case 1: plain(2) + "@" + plain(2) + "@" + plain(3)
        default: plain(3) + "@" + plain(7)
        }
    }
}

@Suite("risk patterns by look-up") struct TextPatternIndexTests {
    /// One by one, as each pattern says itself.
    private static func slow(_ patterns: [TextPattern], mail: String) -> Bool {
        patterns.contains { $0.matches(email: mail) }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aMailFitsJustWhereOnePatternDoes(_ seed: UInt64) throws {
        var made = MadeTexts(seed)
        var fits = [false: 0, true: 0]
        for _ in 0..<1_500 {
            // Alone each pattern must be told right; together, that none hides another.
            let count = made.pick([1, 1, 1, 3, 8])
            let patterns = try (0..<count).map { _ in try TextPattern(made.pattern()) }
            let index = MailPatternIndex(patterns)
            for _ in 0..<12 {
                let mail = made.mail()
                let expected = Self.slow(patterns, mail: mail)
                fits[expected, default: 0] += 1
                #expect(
                    index.matches(mail) == expected,
                    "\(patterns.map(\.description)) of \(mail)"
                )
            }
        }
        // Both happen often, else nothing was told apart.
        #expect((fits[true] ?? 0) > 2_000 && (fits[false] ?? 0) > 2_000, "\(fits)")
    }

    @Test(arguments: [5, 6] as [UInt64])
    func aTextFitsJustWhereOnePatternDoes(_ seed: UInt64) throws {
        var made = MadeTexts(seed)
        var fits = [false: 0, true: 0]
        for _ in 0..<1_500 {
            let count = made.pick([1, 1, 3, 8])
            let patterns = try (0..<count).map { _ in try TextPattern(made.pattern()) }
            let index = TextPatternIndex(patterns)
            for _ in 0..<12 {
                let text = made.mail()
                let expected = patterns.contains { $0.matches(text) }
                fits[expected, default: 0] += 1
                #expect(
                    index.matches(text) == expected,
                    "\(patterns.map(\.description)) of \(text)"
                )
            }
        }
        #expect((fits[true] ?? 0) > 1_000 && (fits[false] ?? 0) > 2_000, "\(fits)")
    }

    /// A list of domains as shops use it: each is found with what is below it, and nothing else is.
    @Test func aLongListOfDomainsIsFoundWithWhatIsBelow() throws {
        let names = (0..<5_000).map { "trash\($0).example" }
        let index = MailPatternIndex(try names.map { try TextPattern($0) })
        for name in names {
            #expect(index.matches("jo@" + name) && index.matches("JO@mx.a." + name.uppercased()))
            #expect(!index.matches("jo@x" + name) && !index.matches("jo@" + name + ".org"))
        }
    }

    /// Rules decided before the counts are known decide as all rules at once.
    @Test func hitsBesideCountsAreThoseOfAllRulesInOrder() throws {
        let policy = try RiskPolicy(
            rules: [
                RiskRule("mail", .email([TextPattern("a.example")]), .weight(1)),
                RiskRule("fast", .orders(of: .device, window: 5, above: 1), .weight(2)),
                RiskRule("phone", .phone([TextPattern("+99*")]), .weight(0.5)),
                RiskRule("spend", .spend(of: .device, window: 5, above: 10), .weight(1)),
                RiskRule("large", .amount(RiskRange(above: 50)), .atLeast(.review)),
                RiskRule("young", .number("age", RiskRange(below: 3)), .weight(0.1)),
            ],
            costs: RiskCosts(goodShare: 0.2, review: 3)
        )
        #expect(policy.lookbacks == [RiskLookback(.device, window: 5)])
        let facts = RiskFacts(
            amount: 60,
            email: "x@b.a.example",
            phone: "+991",
            numbers: ["age": [7, 2]]
        )
        let hits = policy.hits(facts)
        #expect(hits.map(\.rule) == [0, 2, 4, 5] && hits.map(\.value) == [1, 1, 60, 2])
        let counts = [
            RiskLookback(.device, window: 5): RiskCounts(orders: 2, amount: 70, accounts: 1)
        ]
        let verdict = policy.verdict(0.1, 60, beside: hits, counts: counts)
        #expect(verdict.hits.map(\.rule) == [0, 1, 2, 3, 4, 5])
        #expect(verdict == policy.verdict(0.1, facts, counts: counts))
        #expect(verdict.evidence == 4.6 && verdict.decision >= .review)
        #expect(policy.verdict(0.1, facts, counts: [:]).hits == hits)
    }
}
