import Foundation
import Motet
import MotetForecasting
import Testing

@testable import MotetServing

@Suite("Requests of forecasts") struct ForecastRequestTests {
    /// Bodies with a mistake: the code and the field told.
    static let mistakes: [(body: String, code: String, field: String)] = {
        func item(_ more: String) -> String { "{\"items\":[{\"id\":\"i1\",\(more)}]}" }
        func order(_ more: String) -> String { item("\"reorder\":{\(more)}") }
        let order1 = "items[0].reorder"
        return [
            ("{}", "missing_field", "items"), ("{\"total\":false}", "missing_field", "items"),
            ("[]", "wrong_type", "body"), ("{", "malformed_json", ""),
            ("{\"total\":1}", "wrong_type", "total"),
            ("{\"total\":true,\"level\":\"shop\"}", "unknown_field", "level"),
            ("{\"total\":true,\"horizon\":5}", "out_of_range", "horizon"),
            ("{\"total\":true,\"horizon\":0}", "out_of_range", "horizon"),
            ("{\"total\":true,\"horizon\":1.5}", "wrong_type", "horizon"),
            ("{\"total\":true,\"time\":\(ForecastShop.now + 1)}", "future_time", "time"),
            (
                "{\"total\":true,\"time\":\(ForecastShop.now - ForecastShop.week)}", "out_of_range",
                "time"
            ),
            ("{\"total\":true,\"time\":-5}", "out_of_range", "time"),
            ("{\"total\":true,\"time\":\"now\"}", "wrong_type", "time"),
            ("{\"categories\":[\"c0\",\"shoes\"]}", "unknown_category", "categories[1]"),
            ("{\"categories\":[\"c0\",\"c0\"]}", "duplicate", "categories[1]"),
            ("{\"categories\":[]}", "out_of_range", "categories"),
            ("{\"categories\":\"c0\"}", "wrong_type", "categories"),
            ("{\"items\":[]}", "out_of_range", "items"),
            ("{\"items\":[{\"id\":\"i1\"},{\"id\":\"i1\"}]}", "duplicate", "items[1].id"),
            ("{\"items\":[\"i1\"]}", "wrong_type", "items[0]"),
            ("{\"items\":[{\"category\":\"c0\"}]}", "missing_field", "items[0].id"),
            ("{\"items\":[{\"id\":\"\"}]}", "out_of_range", "items[0].id"),
            (
                "{\"items\":[" + (0..<13).map { "{\"id\":\($0)}" }.joined(separator: ",") + "]}",
                "out_of_range", "items"
            ),
            (item("\"price\":2"), "unknown_field", "items[0].price"),
            (item("\"planned_prices\":[1,-2]"), "out_of_range", "items[0].planned_prices[1]"),
            (item("\"planned_prices\":[1,\"2\"]"), "wrong_type", "items[0].planned_prices[1]"),
            (item("\"planned_prices\":[1,1,1,1,1]"), "out_of_range", "items[0].planned_prices"),
            (item("\"planned_prices\":3"), "wrong_type", "items[0].planned_prices"),
            (order("\"cost\":1"), "missing_field", "\(order1).price"),
            (order("\"price\":1"), "missing_field", "\(order1).cost"),
            (order("\"price\":-1,\"cost\":1"), "out_of_range", "\(order1).price"),
            (order("\"price\":1e300,\"cost\":1"), "out_of_range", "\(order1).price"),
            (order("\"price\":1,\"cost\":2"), "cost_above_price", "\(order1).cost"),
            (order("\"price\":3,\"cost\":2,\"holding\":0"), "out_of_range", "\(order1).holding"),
            (order("\"price\":3,\"cost\":2,\"pack\":0"), "out_of_range", "\(order1).pack"),
            (order("\"price\":3,\"cost\":2,\"stock\":-1"), "out_of_range", "\(order1).stock"),
            (order("\"price\":3,\"cost\":2,\"lead\":4"), "out_of_range", "\(order1).lead"),
            (order("\"price\":3,\"cost\":2,\"lead\":9"), "out_of_range", "\(order1).lead"),
            (order("\"price\":3,\"cost\":2,\"review\":0"), "out_of_range", "\(order1).review"),
            (order("\"price\":3,\"cost\":2,\"margin\":1"), "unknown_field", "\(order1).margin"),
            (item("\"reorder\":1"), "wrong_type", order1),
        ]
    }()

    @Test func everyMistakeIsToldWithCodeFieldAndSentence() async throws {
        let server = try await ForecastShop.shared.get().server()
        for mistake in Self.mistakes {
            let reply = try await server.post("/v1/forecast", mistake.body)
            #expect(reply.status == 400, "\(mistake.body): \(reply.text)")
            let error = try reply.error()
            #expect(error.code == mistake.code, "\(mistake.body): \(reply.text)")
            #expect(error.field ?? "" == mistake.field, "\(mistake.body): \(reply.text)")
            #expect(error.message.count > 20)
        }
    }

    /// What is expected excludes what was received.
    @Test(arguments: [
        (
            "\"price\":2,\"cost\":2",
            "cost: not below the price, so that nothing is lost by a missing unit; expected less than 2.0, the price and "
                + "`shortage`; received 2.0."
        ),
        ("\"price\":3,\"cost\":2,\"pack\":-1", "pack: out of range; expected from 0.001 to "),
        ("\"price\":3,\"cost\":2,\"pack\":0", "pack: out of range; expected from 0.001 to "),
    ])
    func whatIsExpectedOfAReorderExcludesWhatWasReceived(
        terms: String,
        told: String
    ) async throws {
        let server = try await ForecastShop.shared.get().server()
        let reply = try await server.post(
            "/v1/forecast",
            "{\"items\":[{\"id\":\"i1\",\"reorder\":{\(terms)}}]}"
        )
        #expect(reply.status == 400)
        #expect(try reply.error().message.hasPrefix("items[0].reorder.\(told)"), "\(reply.text)")
    }

    @Test func answersAreThoseThatTheDocumentSays() async throws {
        let server = try await ForecastShop.shared.get().server()
        let reply = try await server.get("/openapi.json")
        let document = try reply.body.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
        let check = SchemaCheck(document: document)
        let good = [
            "{\"total\":true}", "{\"categories\":[\"c1\"],\"horizon\":2,\"time\":null}",
            "{\"items\":[{\"id\":\"i1\",\"reorder\":{\"price\":3,\"cost\":2}},{\"id\":4,\"category\":\"c0\"}],\"total\":true}",
        ]
        for body in good + Self.mistakes.map(\.body) {
            let reply = try await server.post("/v1/forecast", body)
            #expect((reply.status == 200) == good.contains(body), "\(body): \(reply.text)")
            #expect(check.problems(reply, "POST", "/v1/forecast") == [], "\(body): \(reply.text)")
        }
        let properties = document["paths"]?["/v1/forecast"]?["post"]?["requestBody"]?["content"]?[
            "application/json"
        ]?["schema"]?["properties"]
        #expect(properties?["horizon"]?["maximum"] == 4)
        #expect(properties?["items"]?["maxItems"] == 12)
    }

    private func refusal(
        _ shop: ServedShop,
        _ forecast: ServingSettings.Forecast
    ) async throws -> String {
        var settings = ServingSettings()
        settings.port = 0
        settings.workers = 1
        settings.logLevel = .error
        settings.forecast = forecast
        let made = settings
        let error = await #expect(throws: (any Error).self) {
            let server = try ModelServer(run: shop.file("run"), settings: made, engine: .oneDNN)
            try await server.run(handlesSignals: false)
        }
        return "\(try #require(error))"
    }

    @Test func aServerThatCouldNotForecastDoesNotStart() async throws {
        let shop = try ForecastShop.shared.get()
        var lacking = try shop.settings()
        lacking.task.text = "units"
        let sentence = try await refusal(shop.served, lacking)
        #expect(sentence.hasPrefix("serve.yaml:3, forecast.task: the run \""), "\(sentence)")
        #expect(
            sentence.contains(
                "has no task of numbers with the name; expected one of demand, low, high; received `units`. Name one "
                    + "of them by `forecast.task`"
            ),
            "\(sentence)"
        )
        var quantile = try shop.settings()
        quantile.quantiles[1].task.text = "median"
        #expect(try await refusal(shop.served, quantile).contains("received `median`"))
        // A run of something else has none of its columns.
        var other = try shop.settings()
        other.task.text = "stars"
        other.quantiles = [.init(level: 0.5, task: other.task)]
        let columns = try await refusal(AdShop.shared.get(), other)
        #expect(columns.contains("reads the column \"") && columns.contains("does not have"))
        let far = try shop.settings("maximum_horizon: 5")
        #expect(
            try await refusal(shop.served, far).contains("forecast.maximum_horizon: farther than")
        )
        var missing = try shop.settings()
        missing.history = shop.path
        #expect(try await refusal(shop.served, missing).contains("panel.json: it cannot be read"))
    }

    @Test(arguments: [
        ("task: demand", "tasks: demand", "forecast.task"),
        ("level: 0.9", "level: 0.05", "forecast.quantiles"),
        ("level: 0.9", "level: 1", "forecast.quantiles[1].level"),
        ("maximum_items: 12", "maximum_items: 0", "forecast.maximum_items"),
        ("maximum_items: 12", "fallback: naive", "forecast.fallback"),
        ("maximum_items: 12", "stale: 3", "forecast.stale"),
        ("holding: 0.5", "holding: -1", "forecast.reorder.holding"),
        ("correlation: 0.25", "correlation: 2", "forecast.reorder.correlation"),
    ])
    func settingsThatAreWrongAreNamed(key: String, value: String, path: String) throws {
        let text =
            "forecast:\n  history: panel\n  task: demand\n  maximum_items: 12\n"
            + "  quantiles: [ { level: 0.1, task: low }, { level: 0.9, task: high } ]\n"
            + "  reorder: { holding: 0.5, correlation: 0.25 }\n"
        #expect(text.contains(key))
        let error = #expect(throws: ConfigurationError.self) {
            try ServingSettings(
                ConfigurationDocument(
                    parsing: text.replacing(key, with: value),
                    name: "serve.yaml"
                ),
                folder: "/shop"
            )
        }
        #expect(error?.description.contains(path) == true, "\(error?.description ?? "")")
    }

    @Test func everyKeyIsReadAndThePageNamesIt() throws {
        let text = """
            forecast:
              history: sales
              task: demand
              quantiles: [ { level: 0.1, task: low }, { level: 0.9, task: high } ]
              maximum_horizon: 3
              maximum_items: 50
              fallback: zero
              stale_periods: 2
              reorder: { holding: 0.25, shortage: 2, lead: 0, review: 2, correlation: 1 }
              outcomes: { store: kept, series: 20, events: false }

            """
        let read = try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: "/shop"
        ).forecast
        let forecast = try #require(read)
        #expect(forecast.history == "/shop/sales" && forecast.task.text == "demand")
        #expect(forecast.quantiles.map(\.level) == [0.1, 0.9])
        #expect(forecast.quantiles.map(\.task.text) == ["low", "high"])
        #expect(
            (forecast.maximumHorizon, forecast.maximumItems, forecast.stalePeriods) == (3, 50, 2)
        )
        #expect(forecast.fallback == .zero)
        #expect((forecast.reorder.holding, forecast.reorder.shortage) == (0.25, 2))
        #expect(
            (forecast.reorder.lead, forecast.reorder.review, forecast.reorder.correlation) == (
                0, 2, 1
            )
        )
        #expect(forecast.outcomes.folder == "/shop/kept" && forecast.outcomes.series == 20)
        #expect(!forecast.outcomes.countsEvents)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "docs/serving/configuration.md"),
            encoding: .utf8
        )
        for key in [
            "forecast.history", "task", "quantiles", "maximum_horizon", "maximum_items", "fallback",
            "stale_periods", "holding", "shortage", "lead", "review", "correlation", "outcomes",
            "store", "series", "events",
        ] {
            #expect(page.contains("`\(key)`") || page.contains(key + ":"), "\(key)")
        }
    }
}
