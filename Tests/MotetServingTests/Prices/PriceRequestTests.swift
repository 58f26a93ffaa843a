import Foundation
import MotetDecisions
import Testing

@testable import MotetServing

@Suite("Requests of prices") struct PriceRequestTests {
    /// What is wrong with a body of i1 at 20, where it stands, and the field.
    static let wrong: [(String, String, String, String)] = [
        ("\"present\":20", "\"present\":-1", "out_of_range", "items[0].present"),
        ("\"present\":20", "\"present\":0", "out_of_range", "items[0].present"),
        ("\"present\":20", "\"present\":1e12", "out_of_range", "items[0].present"),
        ("\"present\":20", "\"present\":\"20\"", "wrong_type", "items[0].present"),
        ("\"present\":20", "\"present\":20,\"cost\":-1", "out_of_range", "items[0].cost"),
        ("\"present\":20", "\"present\":20,\"cost\":1e9", "out_of_range", "items[0].cost"),
        ("\"present\":20", "\"present\":20,\"stock\":-1", "out_of_range", "items[0].stock"),
        ("\"present\":20", "\"present\":20,\"stock\":1.5", "wrong_type", "items[0].stock"),
        ("\"present\":20", "\"present\":20,\"list\":[]", "wrong_type", "items[0].list"),
        (
            "\"present\":20", "\"present\":20,\"greatest_change\":0", "out_of_range",
            "items[0].greatest_change"
        ),
        ("\"currency\":\"EUR\",", "", "missing_field", "currency"),
        ("\"currency\":\"EUR\"", "\"currency\":\"USD\"", "unknown_currency", "currency"),
        ("\"currency\":\"EUR\"", "\"currency\":978", "wrong_type", "currency"),
        ("\"currency\"", "\"explain\":1,\"currency\"", "wrong_type", "explain"),
        ("\"currency\"", "\"curency\":1,\"currency\"", "unknown_field", "curency"),
        ("\"id\":\"i1\"", "\"id\":\"\"", "out_of_range", "items[0].id"),
        ("\"id\":\"i1\",", "", "missing_field", "items[0].id"),
        ("\"present\":20", "\"present\":20,\"colour\":1", "unknown_field", "items[0].colour"),
        ("\"hour\":12", "\"hour\":\"noon\"", "wrong_type", "context.hour"),
        ("\"id\":\"u1\"", "\"id\":[]", "wrong_type", "user.id"),
    ]

    /// Limits that no price obeys: a code of their own.
    static let contradictory: [(String, String)] = [
        ("\"floor\":30,\"ceiling\":12", "'ceiling' is out of range; expected at least the floor"),
        ("\"floor\":5", "'floor' is wider than the rules; expected at least 10.0"),
        ("\"ceiling\":50", "'ceiling' is wider than the rules; expected at most 30.0"),
        ("\"greatest_change\":0.5", "'greatest_change' is wider than the rules"),
        (
            "\"floor\":28",
            "expected one from 28.0 to 30.0 that the greatest change reaches after 20.0; received a reach from 16.0 to 24.0"
        ),
        ("\"greatest_change\":0.0001", "no price obeys all limits"),
        ("\"floor\":21.1,\"ceiling\":21.3", "none obeys the rules"),
    ]

    private static func one(_ more: String = "") -> String {
        PriceShop.body(["i1"], item: ",\"present\":20\(more)")
    }

    @Test func badRequestsAreRefusedWithCodeFieldAndSentence() async throws {
        let server = try await PriceShop.server()
        for (old, new, code, field) in Self.wrong {
            let body = Self.one().replacing(old, with: new)
            #expect(body != Self.one(), "\(old)")
            let reply = try await server.post("/v1/price", body)
            #expect(reply.status == 400, "\(new): \(reply.text)")
            let error = try reply.error()
            #expect(error.code == code, "\(new): \(error)")
            #expect(error.field == field, "\(new): \(error)")
            // What cannot be encoded is told by its column.
            let place = field.replacing("context.hour", with: "items[0], column \"hour\"")
            #expect(error.message.hasPrefix(place), "\(error)")
        }
        for (more, told) in Self.contradictory {
            let reply = try await server.post("/v1/price", Self.one("," + more))
            #expect(reply.status == 400, "\(more): \(reply.text)")
            let error = try reply.error()
            #expect(error.code == "contradictory_limits" && error.field == "items[0]", "\(error)")
            #expect(error.message.contains(told), "\(error)")
        }
        for body in [
            "[]", "{\"currency\":\"EUR\"}", "{\"currency\":\"EUR\",\"items\":[]}",
            "{\"currency\":\"EUR\",\"items\":[1]}", PriceShop.body(["i1", "i1"]),
            PriceShop.body((0..<65).map { "i\($0)" }),
            Self.one().replacing("\"present\":20", with: "\"present\":NaN"),
            Self.one().replacing("\"present\":20", with: "\"present\":1e999"),
        ] {
            let reply = try await server.post("/v1/price", body)
            #expect(reply.status == 400, "\(reply.text)")
        }
        // The margin of an item whose cost nobody tells.
        let cost = try await server.post("/v1/price", PriceShop.body(["i18"]))
        #expect(cost.status == 400)
        #expect(try cost.error().field == "items[0].cost")
        // Nothing of it was chosen.
        #expect(try await server.price(Self.one()).repeated == [false])
        #expect(try await server.get("/metrics").text.contains("motet_price_items 1\n"))
    }

    @Test func answersAreThoseTheDocumentSays() async throws {
        let server = try await PriceShop.server()
        let reply = try await server.get("/openapi.json")
        let check = SchemaCheck(
            document: try reply.body.withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 64)
            }
        )
        let schema = check.document["paths"]?["/v1/price"]?["post"]?["requestBody"]?["content"]?[
            "application/json"
        ]?["schema"]
        let right = [
            Self.one(),
            Self.one(",\"stock\":3,\"cost\":null,\"list\":30").adding("\"explain\":true"),
            PriceShop.body(
                ["i4", "i19", "x"],
                item: ",\"present\":20,\"cost\":1,\"item_id\":\"i\""
            )
            .adding("\"explain\":true"),
            PriceShop.body(["i7"], item: ",\"present\":2").adding("\"explain\":false"),
            // What is never used may be anything.
            PriceShop.body(["i5"]).replacing("\"age\":40", with: "\"age\":[]"),
        ]
        for body in right + Self.wrong.map({ Self.one().replacing($0.0, with: $0.1) }) {
            let reply = try await server.post("/v1/price", body)
            #expect(check.problems(reply, "POST", "/v1/price") == [], "\(body): \(reply.text)")
            let value = try Array(body.utf8).withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 64)
            }
            let problems = check.problems(value, try #require(schema), "body")
            #expect(problems.isEmpty == right.contains(body), "\(body): \(problems)")
            #expect(reply.status == (right.contains(body) ? 200 : 400), "\(reply.text)")
        }
    }

    @Test func theLineOfAPriceReadsBackEqual() throws {
        let rules = try PriceRules(
            floor: Money(10),
            ceiling: Money(30.5),
            greatestChange: 0.25,
            endings: [99, 5]
        )
        for objective: PriceObjective in [.margin(cost: Money(9.37)), .revenue, .units] {
            for belief in [
                nil,
                try DemandBelief(
                    reference: Money(20.01),
                    level: 1.234567890123,
                    elasticity: -2.5,
                    levelDeviation: 0.4,
                    elasticityDeviation: 0.81
                ),
            ] {
                var question = PriceQuestion(
                    item: "a \"b\"\n\u{1F600}@7",
                    scope: belief == nil ? nil : "home",
                    present: Money(20.01),
                    belief: belief,
                    fallback: Money(19.99),
                    rules: rules,
                    objective: objective,
                    stock: belief == nil ? nil : 3
                )
                question.model = "run-1234"
                question.isDegraded = belief == nil
                let chosen = ChosenPrice(
                    question,
                    period: 20_614,
                    revision: 2,
                    time: 1_780_000_000_123,
                    price: Money(19.99),
                    propensity: 0.012345678901234567,
                    reason: belief == nil ? .fallback : .explored,
                    best: Money(20.99)
                )
                let line = PriceLine.bytes(chosen, currency: "EUR")
                #expect(!line.contains(10))
                let read = try #require(PriceLine.chosen(Data(line)))
                // Deviations are written as roots of variances.
                #expect(read.question.belief?.mean == chosen.question.belief?.mean)
                var same = read
                same.question.belief = chosen.question.belief
                #expect(same == chosen)
                let logged = try JSONDecoder().decode(LoggedPrice.self, from: Data(line))
                #expect(logged.decision == chosen.name && logged.item == question.item)
                #expect(logged.price == 19.99 && logged.present == 20.01 && logged.best == 20.99)
                #expect(logged.propensity == chosen.propensity && logged.currency == "EUR")
                #expect(logged.level == belief?.mean.x && logged.elasticity == belief?.mean.y)
                #expect(logged.cost == objective.cost?.units && logged.stock == question.stock)
                #expect(PriceLine.chosen(Data(line.dropLast(3))) == nil)
            }
        }
    }

    /// What lines have in common is written once, and each line is what it is alone, in whatever order they come.
    @Test func linesThatFollowOneAnotherAreThoseOfEach() throws {
        var questions: [PriceQuestion] = []
        for (floor, endings) in [(10.0, Set<Int>()), (10, [99]), (11, [99])] {
            for deviation in [nil, 0.4, 0.5] {
                for model in ["run-1", "run-2"] {
                    var question = PriceQuestion(
                        item: "i\(questions.count)",
                        present: Money(20),
                        belief: try deviation.map {
                            try DemandBelief(
                                reference: Money(20),
                                level: 1,
                                elasticity: -2,
                                levelDeviation: $0,
                                elasticityDeviation: 0.7
                            )
                        },
                        rules: try PriceRules(
                            floor: Money(floor),
                            ceiling: Money(30),
                            endings: endings
                        ),
                        objective: .revenue
                    )
                    question.model = model
                    question.isDegraded = questions.count % 5 == 0
                    questions.append(question)
                }
            }
        }
        func chosen(_ question: PriceQuestion) -> ChosenPrice {
            ChosenPrice(
                question,
                period: 1,
                revision: 0,
                time: 5,
                price: Money(19.99),
                propensity: 0.5,
                reason: .explored,
                best: Money(21)
            )
        }
        var lines = PriceLines(currency: "EUR")
        // Each after each, itself too.
        for before in questions {
            for question in [before] + questions {
                for price in [before, question].map(chosen) {
                    #expect(lines.bytes(price) == PriceLine.bytes(price, currency: "EUR"))
                }
            }
        }
        let read = try questions.map { question -> PriceQuestion in
            try #require(PriceLine.chosen(Data(lines.bytes(chosen(question))))).question
        }
        #expect(read.map(\.rules) == questions.map(\.rules))
        #expect(read.map(\.model) == questions.map(\.model))
        #expect(read.map(\.isDegraded) == questions.map(\.isDegraded))
        for (own, question) in zip(read, questions) {
            let variances = (own.belief?.covariance.level, question.belief?.covariance.level)
            #expect(abs((variances.0 ?? -1) - (variances.1 ?? -1)) < 1e-12)
        }
    }
}
