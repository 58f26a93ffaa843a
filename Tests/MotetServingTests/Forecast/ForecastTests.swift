import Foundation
import Motet
import MotetForecasting
import Testing

@testable import MotetServing

@Suite("Forecasts of demand") struct ForecastTests {
    private static let all =
        "\"items\":[" + (0..<9).map { "{\"id\":\"i\($0)\"}" }.joined(separator: ",")
        + "],\"categories\":[\"c0\",\"c1\",\"c2\"],\"total\":true"

    /// What `/v1/score` gives for the rows of a series, in units.
    private func scored(
        _ server: RunningServer,
        _ series: SalesSeries,
        _ shop: ForecastShop,
        planned: [Double?] = []
    ) async throws -> [(mean: Double, quantiles: [Double])] {
        var rows = ForecastRows(.week)
        rows.add(series, of: shop.panel, origin: 35, horizons: 1...4) { place in
            planned.indices.contains(place - 36) ? planned[place - 36] : nil
        }
        let wanted = ["series", "horizon", "scale", "lag_0", "mean_4", "price_ratio", "level"]
        let items = (0..<4).map { row in
            var members = ["\"id\":\(row)"]
            for (column, name) in rows.columns.texts.enumerated() where wanted.contains(name) {
                members.append("\"\(name)\":\"\(rows.texts[column][row])\"")
            }
            for (column, name) in rows.columns.numbers.enumerated() where wanted.contains(name) {
                members.append("\"\(name)\":\(Double(rows.numbers[column][row]))")
            }
            return "{\(members.joined(separator: ","))}"
        }
        let reply = try await server.post(
            "/v1/score",
            "{\"items\":[\(items.joined(separator: ","))]}"
        )
        let answers = try #require(try reply.json()["items"] as? [[String: Any]], "\(reply.text)")
        return answers.enumerated().map { row, answer in
            let scores = answer["scores"] as? [String: Double] ?? [:]
            let scale = Double(rows.scales[row])
            func units(_ task: String) -> Double { max(0, (scores[task] ?? .nan) * scale) }
            return (units("demand"), [units("low"), units("high")].sorted())
        }
    }

    @Test func theyAreTheModelsOwn() async throws {
        let shop = try ForecastShop.shared.get()
        let server = try await shop.server()
        let answer = try await server.forecast(Self.all)
        #expect(answer["period"] as? String == "week")
        #expect(answer["origin"] as? String == "2024-09-02")
        #expect(answer["degraded"] as? Bool == false)
        let items = try #require(answer["items"] as? [[String: Any]])
        for (place, item) in items.enumerated() {
            let told = try Forecasts(item)
            #expect(told.starts == ["2024-09-09", "2024-09-16", "2024-09-23", "2024-09-30"])
            #expect(item["fallback"] is NSNull && item["reorder"] is NSNull)
            #expect(item["category"] as? String == "c\(place % 3)")
            let own = try await scored(server, shop.panel.items[place], shop)
            for period in 0..<4 {
                // Rounded to thousandths, of rows that were computed among others.
                let tolerance = 0.0006 + 1e-5 * own[period].mean
                #expect(abs(told.means[period] - own[period].mean) < tolerance)
                for (left, right) in zip(told.quantiles[period], own[period].quantiles) {
                    #expect(abs(left - right) < 0.0006 + 1e-5 * right)
                }
                #expect(told.quantiles[period][0] <= told.quantiles[period][1])
            }
        }
    }

    @Test(arguments: ["", ",\"planned_prices\":[0.5,null,9]"])
    func categoriesAndTotalAreExactSums(planned: String) async throws {
        let shop = try ForecastShop.shared.get()
        let server = try await shop.server()
        let asked = Self.all.replacing("{\"id\":\"i4\"}", with: "{\"id\":\"i4\"\(planned)}")
        let answer = try await server.forecast(asked)
        let items = try #require(answer["items"] as? [[String: Any]]).map { try Forecasts($0) }
        let categories = try #require(answer["categories"] as? [[String: Any]]).map {
            try Forecasts($0)
        }
        let total = try Forecasts(answer["total"])
        for period in 0..<4 {
            for category in 0..<3 {
                let own = items.indices.filter { $0 % 3 == category }
                #expect(
                    categories[category].thousandths[period]
                        == own.reduce(0) { $0 + items[$1].thousandths[period] }
                )
                // The quantiles of the category's own model, brought to the sum of its items.
                let series = try await scored(server, shop.panel.categories[category], shop)[period]
                let factor = categories[category].means[period] / series.mean
                for (left, right) in zip(categories[category].quantiles[period], series.quantiles) {
                    // The model's mean is kept in thousandths.
                    #expect(abs(left - right * factor) < 0.002 + 1e-4 * left)
                }
            }
            #expect(
                total.thousandths[period]
                    == categories.reduce(0) { $0 + $1.thousandths[period] }
            )
        }
        guard !planned.isEmpty else { return }
        let own = try await scored(server, shop.panel.items[4], shop, planned: [0.5, nil, 9])
        for period in 0..<4 {
            #expect(abs(items[4].means[period] - own[period].mean) < 0.001 * (1 + own[period].mean))
        }
        let before = try await server.forecast(Self.all)
        let unplanned = try Forecasts((before["items"] as? [[String: Any]])?[4])
        #expect(unplanned.thousandths != items[4].thousandths)
        #expect(unplanned.thousandths[1] == items[4].thousandths[1])
    }

    @Test func anItemWithoutHistoryFallsBackAndIsFlagged() async throws {
        let shop = try ForecastShop.shared.get()
        let server = try await shop.server()
        let new =
            "{\"id\":77,\"category\":\"c1\"},{\"id\":\"new\"},{\"id\":\"odd\",\"category\":\"c9\"}"
        let answer = try await server.forecast(
            Self.all.replacing("{\"id\":\"i0\"}", with: "{\"id\":\"i0\"},\(new)")
        )
        let items = try #require(answer["items"] as? [[String: Any]])
        #expect(items[1]["fallback"] as? String == "average")
        #expect(items[1]["id"] as? Int == 77 && items[1]["category"] is NSNull)
        let all = try items.map { try Forecasts($0) }
        let known = [all[0]] + all[4...]
        for period in 0..<4 {
            func mean(_ own: [Int]) -> Double {
                own.reduce(0) { $0 + known[$1].means[period] } / Double(own.count)
            }
            #expect(abs(all[1].means[period] - mean([1, 4, 7])) < 0.0006)
            #expect(abs(all[2].means[period] - mean(Array(0..<9))) < 0.0006)
            // A category that is not known tells nothing.
            #expect(all[3].means[period] == all[2].means[period])
            // They are in no sum.
            let total = try Forecasts(answer["total"]).thousandths[period]
            #expect(total == known.reduce(0) { $0 + $1.thousandths[period] })
        }
        let zero = try await shop.server("fallback: zero")
        let nothing = try #require(
            try await zero.forecast("\"items\":[{\"id\":\"new\"}]")["items"] as? [[String: Any]]
        )
        #expect(nothing[0]["fallback"] as? String == "zero")
        let told = try Forecasts(nothing[0])
        #expect(told.means == [0, 0, 0, 0] && told.quantiles.allSatisfy { $0 == [0, 0] })
        let strict = try await shop.server("fallback: refuse")
        let reply = try await strict.post(
            "/v1/forecast",
            "{\"items\":[{\"id\":\"i1\"},{\"id\":\"new\"}]}"
        )
        let error = try reply.error()
        #expect(reply.status == 400 && error.code == "unknown_item" && error.field == "items[1].id")
    }

    @Test func anOldHistoryIsFlagged() async throws {
        let shop = try ForecastShop.shared.get()
        for (weeks, isDegraded) in [(0, false), (1, false), (2, true)] as [(Int64, Bool)] {
            let server = try await shop.server(at: ForecastShop.now + weeks * ForecastShop.week)
            let now = try await server.forecast("\"total\":true,\"horizon\":1")
            #expect(now["degraded"] as? Bool == isDegraded)
            let then = try await server.forecast("\"total\":true,\"time\":\(ForecastShop.now)")
            #expect(then["degraded"] as? Bool == false)
            #expect(try Forecasts(now["total"]).means.count == 1)
        }
    }

    @Test func theReorderIsTheNewsvendors() async throws {
        let shop = try ForecastShop.shared.get()
        let server = try await shop.server()
        let order =
            "\"reorder\":{\"price\":10,\"cost\":6,\"shortage\":1,\"stock\":3,\"on_order\":2,\"lead\":2,\"review\":1,\"pack\":6}"
        let answer = try await server.forecast("\"items\":[{\"id\":\"i5\",\(order)}]")
        let item = try #require((answer["items"] as? [[String: Any]])?.first)
        let told = try #require(item["reorder"] as? [String: Double])
        let forecasts = try Forecasts(item)
        let periods = try (0..<3).map { period in
            (
                mean: forecasts.means[period],
                quantiles: try ForecastQuantiles(
                    levels: [0.1, 0.9],
                    predicted: forecasts.quantiles[period]
                )
            )
        }
        let demand = DemandDistribution(try ForecastQuantiles.ofSum(periods, correlation: 0.25))
        var terms = Reorder.Terms(price: 10, cost: 6, holding: 0.5)
        (terms.shortage, terms.stock, terms.onOrder, terms.pack) = (1, 3, 2, 6)
        let expected = try Reorder(terms, demand: demand)
        // Numbers of JSON may be read in their last bit.
        #expect(abs((told["critical_ratio"] ?? 0) - 5 / 5.5) < 1e-12)
        #expect(told["quantity"] == expected.quantity)
        #expect(expected.quantity > 0)
        // Quantiles are told in thousandths.
        #expect(abs((told["target"] ?? 0) - expected.target) < 0.02)
        #expect(abs((told["expected_cost"] ?? 0) - expected.expectedCost) < 0.02)
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("motet_forecast_reorders_total 1\n"))
        #expect(metrics.contains("motet_forecast_series_total{kind=\"item\"} 1\n"))
        #expect(metrics.contains("motet_forecast_stage_seconds_count{stage=\"compute\"} 1\n"))
    }
}
