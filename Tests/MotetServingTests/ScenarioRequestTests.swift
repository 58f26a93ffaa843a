import Motet
@testable import MotetExperiments
import Testing

@testable import MotetServing

/// Requests of models whose rows stand by scenario are answered in kept memory, in their own order.
@Suite("Requests of models with towers of scenarios") struct ScenarioRequestTests {
    /// Ways that models have for scenarios.
    static let models = [
        "architecture: mmoe, experts: 2, expert_units: [24, 16], tower_units: [8], scenario_towers: true",
        "architecture: star, star_units: [24, 16], tower_units: [8]",
        "architecture: m3oe, star_units: [16], experts: 2, expert_units: [16], tower_units: [8]",
        "architecture: per_scenario, bottom_units: [16], tower_units: [8]",
    ]

    /// The runs of the models; trained once.
    private static let shop = Result {
        let shop = try ServedShop(
            experiment: experiment(models[0]),
            train: table(rows: 900, seed: 4),
            valid: table(rows: 200, seed: 5)
        )
        for (number, model) in models.enumerated() {
            try shop.train("run\(number)", experiment(model))
        }
        return shop
    }

    private static func experiment(_ model: String) -> String {
        """
        name: scenarios
        seed: 3
        data:
          train: train.csv
          validation: valid.csv
          scenario: { column: market, values: [home, search, mail] }
        features:
          - { name: user_id, type: categorical, hash_buckets: 50, dimension: 8 }
          - { name: history, type: sequence, delimiter: "|", maximum_length: 5, dimension: 8 }
          - { name: item_id, type: categorical, hash_buckets: 80, dimension: 8 }
          - { name: brand, type: categorical, dimension: 4 }
          - { name: tags, type: sequence, delimiter: "|", maximum_length: 3, dimension: 4 }
          - { name: price, type: numeric, transform: standardise }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
          - { name: channel, label: channel, loss: categorical_cross_entropy }
        model: { \(model) }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 2
          threads: 1
        evaluation: { resamples: 0 }

        """
    }

    private static let markets = ["home", "search", "mail"]

    private static func table(rows: Int, seed: UInt64) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        var text = "market,user_id,history,item_id,brand,tags,price,clicked,channel\n"
        for _ in 0..<rows {
            let (user, item, market) = (pick(30), pick(40), pick(3))
            let history = (0..<pick(7)).map { _ in "i\(pick(40))" }.joined(separator: "|")
            let tags = (0..<pick(4)).map { _ in "t\(pick(9))" }.joined(separator: "|")
            let clicks =
                random.nextUniform() < Double(user % 5) / 8 + Double(item % 7 * market) / 28
            text += "\(markets[market]),u\(user),\(history),i\(item),b\(item % 6),\(tags),"
            text +=
                "\(1 + pick(90)),\(clicks ? 1 : 0),\(["web", "app", "shop"][(item + market) % 3])\n"
        }
        return text
    }

    /// Rows of one user; the market is that of each item, or one for all.
    private static func rows(
        _ count: Int,
        _ random: inout RandomKeyGenerator,
        mixed: Bool
    ) -> RawRows {
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        let user = pick(30)
        let items = (0..<count).map { _ in pick(40) }
        return RawRows(
            count: count,
            columns: [
                "user_id": .same(.text("u\(user)")),
                "history": .same(.list((0..<(user % 6)).map { .text("i\($0)") })),
                "market": mixed
                    ? .each(items.map { _ in .text(markets[pick(3)]) })
                    : .same(.text(markets[pick(3)])),
                "item_id": .each(items.map { .text("i\($0)") }),
                "brand": .each(items.map { $0 % 7 == 0 ? .missing : .text("b\($0 % 6)") }),
                "tags": .each(
                    items.map { item in .list((0..<(item % 4)).map { .text("t\($0)") }) }
                ),
                "price": .each(items.map { .number(Double(1 + $0)) }),
            ]
        )
    }

    private struct Served {
        let predictor: RunPredictor
        let encoder: RowEncoder

        init(_ model: Int) throws {
            let run = try TrainedRun(try ScenarioRequestTests.shop.get().file("run\(model)"))
            predictor = try RunPredictor(run, engine: .oneDNN)
            encoder = try RowEncoder(run.fitted)
        }

        func scores(
            _ rows: RawRows,
            _ items: ItemRows? = nil,
            isExact: Bool
        ) throws -> [String: [Float]] {
            try predictor.scores(
                predictor.batch(rows, items: items, isExact: isExact, encoder)
            )
        }

        /// The way of `motet predict`: a batch of a data set, sorted by scenario.
        func predicted(_ rows: RawRows) throws -> [String: [Float]] {
            try predictor.scores(try predictor.batch(rows, encoder))
        }
    }

    @Test(arguments: models.indices)
    func scoresAreThoseOfPredictBitForBit(_ model: Int) throws {
        let served = try Served(model)
        var random = RandomKey(seed: 11).generator()
        for round in 0..<24 {
            let count = [1, 2, 9, 40, 17, 3][round % 6]
            let rows = Self.rows(count, &random, mixed: round % 4 != 0)
            let expected = try served.predicted(rows)
            #expect(try served.scores(rows, isExact: true) == expected, "\(count) rows")
            // The user's part once: sums are taken in another order.
            #expect(worstDifference(try served.scores(rows, isExact: false), expected) < 2e-6)
            // A planted fault: markets in another order.
            guard count > 8, case .each(let markets)? = rows.columns["market"] else { continue }
            var other = rows
            other.columns["market"] = .each(markets.reversed())
            #expect(worstDifference(try served.scores(other, isExact: true), expected) > 1e-4)
        }
    }

    @Test(arguments: models.indices)
    func itemsOfATableAreScoredLikeTheSameInTheRequest(_ model: Int) throws {
        let served = try Served(model)
        var random = RandomKey(seed: 5).generator()
        var all = Self.rows(60, &random, mixed: true)
        for name in ["user_id", "history", "market"] { all.columns[name] = nil }
        for bytes in [0, 1 << 20] {
            let table = try served.predictor.items(
                all,
                served.encoder,
                storedBytes: bytes,
                leastOperations: 1
            ) { "item \($0)" }
            for round in 0..<6 {
                let chosen = (0..<(3 + 7 * round)).map { ($0 * 17 + round) % 60 }
                let user = Self.rows(chosen.count, &random, mixed: round % 2 == 0)
                var named = user
                for name in all.columns.keys { named.columns[name] = nil }
                let carried = named.columns.merging(
                    all.columns.mapValues { column in .each(chosen.map { column[$0] }) }
                ) { own, _ in own }
                let expected = try served.predicted(
                    RawRows(count: chosen.count, columns: carried)
                )
                let rows = ItemRows(table, rows: chosen)
                #expect(try served.scores(named, rows, isExact: true) == expected)
                #expect(
                    worstDifference(try served.scores(named, rows, isExact: false), expected) < 2e-6
                )
            }
        }
    }

    @Test func whatIsWrongIsToldByItsRowOfTheRequest() throws {
        let served = try Served(0)
        var random = RandomKey(seed: 8).generator()
        var rows = Self.rows(6, &random, mixed: true)
        rows.columns["market"] = .each(
            ["mail", "home", "search", "home", "mail", "home"].map { .text($0) }
        )
        func error(_ rows: RawRows) throws -> PreparationError? {
            #expect(throws: PreparationError.self) {
                try served.scores(rows, isExact: true)
            }
        }
        var wrong = rows
        var prices = (0..<6).map { RawValue.number(Double($0)) }
        prices[4] = .text("dear")
        wrong.columns["price"] = .each(prices)
        let price = try #require(try error(wrong))
        #expect(price.row == 4 && price.column == "price")
        #expect(price.description.hasPrefix("row 4, column \"price\""), "\(price)")
        var lost = rows
        lost.columns["market"] = .each(
            ["mail", "home", "search", "attic", "mail", "home"].map { .text($0) }
        )
        let market = try #require(try error(lost))
        #expect(market.code.rawValue == "unknown_scenario" && market.row == 3)
        #expect(market.description.hasPrefix("row 3, column \"market\""), "\(market)")
        // Nothing is left behind.
        #expect(try served.scores(rows, isExact: true) == served.predicted(rows))
    }

    @Test(.countsAllocations, arguments: [false, true])
    func aRequestLikeOneBeforeIsEncodedWithoutMemory(_ isExact: Bool) throws {
        let served = try Served(1)
        var random = RandomKey(seed: 2).generator()
        let requests = [true, false, true].map { Self.rows(30, &random, mixed: $0) }
        var sum: Float = 0
        for _ in 0..<2 {
            for rows in requests {
                _ = try served.predictor.scores(
                    served.predictor.batch(rows, isExact: isExact, served.encoder)
                )
            }
        }
        for rows in requests {
            let encoding = try allocations {
                _ = try served.predictor.batch(rows, isExact: isExact, served.encoder)
            }
            #expect(encoding == 0)
            // The products of each scenario's rows take memory of oneDNN's, whatever is done here.
            let batch = try served.predictor.batch(rows, isExact: isExact, served.encoder)
            try served.predictor.scores(batch) { _, values in sum += values.reduce(0, +) }
        }
        #expect(sum.isFinite && sum != 0)
    }
}
