import MotetCore
import MotetData
import Testing

@testable import MotetCandidates

@Suite("Items bought together") struct BasketTests {
    private let files: TemporaryFiles

    init() throws { files = try TemporaryFiles() }

    /// Baskets of random items, some twice in one.
    private static func baskets(_ count: Int, items: Int, seed: UInt64) -> [[Int]] {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        return (0..<count).map { _ in
            (0...pick(7)).map { _ in pick(pick(items) + 1) }
        }
    }

    /// The score of two items by its definition: every basket is looked at.
    private static func naive(
        _ baskets: [Set<Int>],
        _ first: Int,
        _ second: Int,
        _ measure: BasketCounts.Measure
    ) -> (count: Int, score: Double) {
        let both = baskets.count { $0.contains(first) && $0.contains(second) }
        let (one, other) = (
            baskets.count { $0.contains(first) }, baskets.count { $0.contains(second) }
        )
        let score =
            switch measure {
            case .count: Double(both)
            case .cosine: Double(both) / (Double(one) * Double(other)).squareRoot()
            case .lift:
                (Double(both) / Double(baskets.count))
                    / (Double(one) / Double(baskets.count) * Double(other) / Double(baskets.count))
            }
        return (both, score)
    }

    @Test(arguments: BasketCounts.Measure.allCases)
    func countsEqualThoseOfLookingAtEveryBasketForEveryPair(
        measure: BasketCounts.Measure
    ) throws {
        let baskets = Self.baskets(300, items: 25, seed: 11)
        var counts = BasketCounts()
        // The rows of all baskets mixed: the last ones first.
        for place in (0..<8).reversed() {
            for (number, basket) in baskets.enumerated() where basket.indices.contains(place) {
                counts.add(basket: "b\(number)", item: "\(basket[place])")
            }
        }
        var rules = BasketCounts.Rules()
        rules.measure = measure
        rules.neighbours = 100
        rules.maximumBasket = 6
        let (pairs, report) = counts.pairs(rules)
        let sets = baskets.map { Set($0) }
        let kept = sets.filter { $0.count <= 6 }
        #expect(kept.count < sets.count)
        #expect(report.baskets == kept.count)
        #expect(report.passedOver == sets.count - kept.count)
        #expect(report.pairs == pairs.count)
        var expected = 0
        for first in 0..<25 {
            for second in 0..<25 where first != second {
                let naive = Self.naive(kept, first, second, measure)
                let found = pairs.first { $0.item == "\(first)" && $0.other == "\(second)" }
                guard naive.count >= 2 else {
                    #expect(found == nil, "\(first) and \(second)")
                    continue
                }
                expected += 1
                let pair = try #require(found, "\(first) and \(second)")
                #expect(pair.count == naive.count)
                // The same numbers in another order of operations.
                #expect(abs(pair.score - naive.score) <= 1e-12 * naive.score)
            }
        }
        #expect(pairs.count == expected)
        #expect(expected > 100)
        for (pair, next) in zip(pairs, pairs.dropFirst()) where pair.item == next.item {
            #expect(pair.score >= next.score)
        }
    }

    @Test func onlyTheNearestAreKept() {
        var counts = BasketCounts()
        for basket in 0..<12 {
            counts.add(basket: "\(basket)", item: "a")
            counts.add(basket: "\(basket)", item: basket < 6 ? "b" : basket < 10 ? "c" : "d")
        }
        var rules = BasketCounts.Rules()
        rules.measure = .count
        rules.neighbours = 2
        let pairs = counts.pairs(rules).pairs.filter { $0.item == "a" }
        #expect(pairs.map(\.other) == ["b", "c"])
        #expect(pairs.map(\.count) == [6, 4])
    }

    @Test func aLogBecomesAFileAndItsCompanions() throws {
        let log = try files.write(
            "log.csv",
            """
            order,product
            1,10
            1,11
            2,10
            2,11
            2,12
            3,10
            3,12
            4,12
            4,
            ,12
            5,99
            5,10
            6,99
            6,10

            """
        )
        var counts = BasketCounts()
        #expect(try counts.add(TableSource(log), basket: "order", item: "product") == 12)
        let (pairs, _) = counts.pairs()
        let path = files.path("together.parquet")
        try BasketCounts.write(pairs, to: path)
        let catalogue = try Catalogue(
            CatalogueFiles(
                files: [try files.write("items.csv", "id\n12\n11\n10\n")],
                item: "id"
            )
        )
        let together = try BoughtTogether([path], of: catalogue)
        // 10 is in five baskets, 11 in two and 12 in three of them; nobody knows 99.
        #expect(together.strangers == 2)
        let of10 = together.companions(of: [2], limit: 5)
        #expect(of10.map(\.place) == [1, 0])
        #expect(abs(of10[0].score - 2 / (5.0 * 2).squareRoot()) < 1e-15)
        #expect(abs(of10[1].score - 2 / (5.0 * 3).squareRoot()) < 1e-15)
        #expect(together.companions(of: [2], limit: 1).map(\.place) == [1])
        #expect(together.companions(of: [], limit: 5).isEmpty)
        // Seeds are no companions of each other, and one that comes twice counts once.
        #expect(together.companions(of: [2, 1, 2], limit: 5).map(\.place) == [0])
        #expect(together.companions(of: [2, 1, 2], limit: 5)[0].score == of10[1].score)
    }

    @Test func companionsAreThoseWithTheGreatestSumOverAllSeeds() throws {
        let baskets = Self.baskets(400, items: 20, seed: 5)
        var counts = BasketCounts()
        for (number, basket) in baskets.enumerated() {
            for item in basket { counts.add(basket: "\(number)", item: "\(item)") }
        }
        let pairs = counts.pairs().pairs
        let path = files.path("together.csv")
        try BasketCounts.write(pairs, to: path)
        let names = (0..<20).map { "\($0)" }
        let catalogue = try Catalogue(
            CatalogueFiles(
                files: [
                    try files.write("items.csv", "id\n" + names.joined(separator: "\n") + "\n")
                ],
                item: "id"
            )
        )
        let together = try BoughtTogether([path], of: catalogue)
        for seeds in [[0], [3, 7], [1, 2, 3, 4, 19], Array(0..<20)] {
            let found = together.companions(of: seeds, limit: 8)
            var naive: [(Int, Double)] = []
            for item in 0..<20 where !seeds.contains(item) {
                let sum = seeds.reduce(0.0) { sum, seed in
                    let pair = pairs.first { $0.item == "\(seed)" && $0.other == "\(item)" }
                    return sum + (pair?.score ?? 0)
                }
                if sum > 0 { naive.append((item, sum)) }
            }
            naive.sort { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }
            #expect(found.map(\.place) == naive.prefix(8).map(\.0), "\(seeds)")
            for (pair, expected) in zip(found, naive) {
                #expect(abs(pair.score - expected.1) < 1e-12)
            }
        }
    }

    @Test func aFileOfSomethingElseIsRefused() throws {
        let catalogue = try Catalogue(
            CatalogueFiles(files: [try files.write("items.csv", "id\na\nb\n")], item: "id")
        )
        let wrong = try files.write("wrong.csv", "item,other,score\na,b,0.5\na,b,0\n")
        let error = #expect(throws: CandidateError.self) {
            try BoughtTogether([wrong], of: catalogue)
        }
        #expect(error?.description.contains("wrong.csv:3, column \"score\"") == true)
        let other = try files.write("other.csv", "item,score\na,0.5\n")
        #expect(throws: TableError.self) { try BoughtTogether([other], of: catalogue) }
    }
}
