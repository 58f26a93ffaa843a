import Foundation
import Testing

@Suite("Evaluating a policy") struct PolicyTests {
    /// Four prices of two items, chosen with known probabilities, and what they sold.
    private static func shop() throws -> Shop {
        let shop = try Shop()
        var lines = ""
        for (name, item, price, propensity) in [
            ("p1", "7", 18, 0.5), ("p2", "8", 22, 0.25), ("p3", "7", 22, 0.5),
            ("p4", "8", 18, 0.75),
            ("p5", "7", 18, 0.5), ("p6", "9", 18, 0.5),
        ] {
            lines +=
                "{\"decision\":\"\(name)\",\"draw\":\"\(name)\",\"item\":\"\(item)\",\"objective\":\"margin\","
                + "\"present\":20,\"price\":\(price),\"propensity\":\(propensity),\"best\":18,\"level\":1,"
                + "\"elasticity\":-2,\"cost\":9,\"stock\":null,\"currency\":\"EUR\"}\n"
        }
        let unknown =
            "{\"decision\":\"p7\",\"draw\":\"p7\",\"item\":\"9\",\"objective\":\"margin\",\"present\":20,\"price\":20,"
            + "\"propensity\":1,\"best\":20,\"level\":null,\"elasticity\":null,\"cost\":9,\"stock\":null,"
            + "\"currency\":\"EUR\"}\n"
        try FileManager.default.createDirectory(
            atPath: shop.file("prices"),
            withIntermediateDirectories: true
        )
        try shop.write("prices/prices-00000001.jsonl", lines)
        // The last line is torn, as after `kill -9`.
        try shop.write("prices/prices-00000002.jsonl", unknown + String(lines.prefix(50)))
        try shop.write("sold.csv", "decision,units\np1,3\np2,1\np3,2\np4,4\np6,1\np7,1\n")
        try shop.write("other.csv", "item,price\n7,18\n8,22\n")
        return shop
    }

    private struct Report: Decodable {
        struct Estimate: Decodable {
            let value, standard_error: Double
            let interval: [Double]
        }
        struct Counts: Decodable {
            let logged, without_outcome, without_candidate, without_demand, choices: Int
        }
        struct Weights: Decodable { let effective_number, mean, greatest: Double }
        let candidate, objective, currency: String
        let logged: Estimate
        let estimates: [String: Estimate]
        let counts: Counts
        let weights: Weights
    }

    @Test func theValuesAreThoseOfTheFormulas() throws {
        let shop = try Self.shop()
        let result = try shop.motet(
            "policy",
            "evaluate",
            "prices",
            "--outcomes",
            "sold.csv",
            "--candidate",
            "other.csv",
            "--format",
            "json"
        )
        #expect(result.status == 0, "\(result.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        #expect(report.objective == "margin" && report.currency == "EUR")
        #expect(report.counts.logged == 7 && report.counts.choices == 4)
        #expect(report.counts.without_outcome == 1 && report.counts.without_candidate == 1)
        #expect(report.counts.without_demand == 1)
        // p1, p2, p3, p4: margins 27, 13, 26, 36, weights 2, 4, 0, 0.
        let ips = (2.0 * 27 + 4 * 13) / 4
        func expected(_ price: Double) -> Double { exp(1) * pow(price / 20, -2) * (price - 9) }
        let direct = (expected(18) + expected(22)) / 2
        let surprise = (2 * (27 - expected(18)) + 4 * (13 - expected(22))) / 4
        for (name, value) in [
            ("ips", ips), ("snips", ips * 4 / 6), ("direct", direct), ("dr", direct + surprise),
        ] {
            let estimate = try #require(report.estimates[name])
            #expect(abs(estimate.value - value) < 1e-9, "\(name): \(estimate.value), \(value)")
            let half = 1.959964 * estimate.standard_error
            #expect(abs(estimate.interval[1] - estimate.value - half) < 1e-9)
        }
        #expect(report.logged.value == 25.5)
        #expect(report.weights.mean == 1.5 && report.weights.greatest == 4)
        #expect(abs(report.weights.effective_number - 36.0 / 20) < 1e-12)
    }

    @Test func theTableHasAllOfIt() throws {
        let shop = try Self.shop()
        try shop.write(
            "sold.jsonl",
            "{\"decision\": \"p1\", \"units\": 3}\n\n{\"decision\": \"p2\", \"units\": 1}\n"
        )
        let result = try shop.motet(
            "policy",
            "evaluate",
            "prices/prices-00000001.jsonl",
            "prices/prices-00000002.jsonl",
            "--outcomes",
            "sold.jsonl",
            "--candidate",
            "best",
            "--limit",
            "1.5"
        )
        #expect(result.status == 0, "\(result.errors)")
        // Of p1 and p2 the best price is 18: weights 2 and 0, the first limited. The model expects 30.2031 at
        // it, so that dr is the mean of 30.2031 + 1.5 (27 - 30.2031) and 30.2031.
        #expect(
            result.output == """
                best: the mean margin, EUR of a choice, over 2 choices
                7 prices logged, 4 without an outcome, 0 without a price of the other policy, 1 without a demand
                weights: effective number 1.0, mean 0.750, greatest 1.50, 1 limited to 1.50

                policy  estimator    value      from       to
                ------  ---------  -------  --------  -------
                logged  mean       20.0000    6.2803  33.7197
                best    ips        20.2500  -19.4393  59.9393
                best    snips      27.0000   27.0000  27.0000
                best    direct     30.2031   30.2031  30.2031
                best    dr         27.8008   23.0923  32.5093

                The effective number is small: few choices carry the values, and intervals are too narrow.
                Limited weights make `ips`, `snips` and `dr` too small or too great.

                """,
            "\(result.output)"
        )
    }

    @Test func aPolicyMayBeProbabilities() throws {
        let shop = try Self.shop()
        try shop.write(
            "other.csv",
            "decision,price,probability\np1,18,0.25\np1,22,0.75\np2,22,1\np3,18,1\np4,20,1\n"
        )
        let result = try shop.motet(
            "policy",
            "evaluate",
            "prices",
            "--outcomes",
            "sold.csv",
            "--candidate",
            "other.csv",
            "--format",
            "json"
        )
        #expect(result.status == 0, "\(result.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        // Weights 0.5, 4, 0, 0.
        let ips = try #require(report.estimates["ips"])
        #expect(abs(ips.value - (0.5 * 27 + 4 * 13) / 4) < 1e-12)
        let same = try shop.motet(
            "policy",
            "evaluate",
            "prices",
            "--outcomes",
            "sold.csv",
            "--candidate",
            "present",
            "--format",
            "markdown"
        )
        #expect(same.status == 0, "\(same.errors)")
        // Nobody kept the price of 20: nothing but the model says anything of it.
        let value: Double = exp(1.0) * 11
        let text = String(format: "| present | direct | %.4f |", value)
        #expect(same.output.contains(text), "\(same.output)")
        #expect(same.output.contains("| present | ips | 0.0000 |"))
        #expect(!same.output.contains("snips"))
        #expect(same.output.contains("- The mean weight is not near 1:"))
    }
}
