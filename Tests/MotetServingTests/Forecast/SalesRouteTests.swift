import Foundation
import Motet
import MotetForecasting
import Testing

@testable import MotetServing

@Suite("Sales that are reported") struct SalesRouteTests {
    private static let items = (0..<9).map { "i\($0)" }

    private static func sales(_ start: String, _ units: [Double]) -> String {
        let lines = zip(items, units).map { "{\"id\":\"\($0)\",\"units\":\($1)}" }
        return "{\"start\":\"\(start)\",\"items\":[\(lines.joined(separator: ","))]}"
    }

    private func data(_ server: RunningServer) async throws -> [String: Any] {
        let reply = try await server.request("GET", "/console/data", nil, at: server.adminPort)
        return try #require(try reply.json()["forecasts"] as? [String: Any], "\(reply.text)")
    }

    private func server(
        _ shop: ForecastShop,
        _ folder: String,
        week: Int
    ) async throws -> RunningServer {
        let forecast = try shop.settings("outcomes: { store: \(folder) }")
        return try await RunningServer(
            shop.served,
            {
                $0.forecast = forecast
                $0.admin = ServingSettings.Admin(port: 0)
            },
            clock: { ForecastShop.time(week: week) }
        )
    }

    /// Figures are those of the answers that were given, whatever was started again between.
    @Test func whatWasSaidIsHeldAgainstWhatIsReported() async throws {
        let shop = try ForecastShop.shared.get()
        let folder = shop.folder()
        let before = try await server(shop, folder, week: 0)
        let answer = try await before.forecast(
            "\"items\":[\(Self.items.map { "{\"id\":\"\($0)\"}" }.joined(separator: ","))],\"total\":true"
        )
        let told = try (answer["items"] as? [Any] ?? []).map { try Forecasts($0) }
        let total = try Forecasts(answer["total"])
        #expect((try await data(before)["scores"] as? [Any])?.isEmpty == true)
        try await before.stop()
        let server = try await server(shop, folder, week: 5)
        // Of some weeks about what was expected, of one far more.
        let sold = (0..<4).map { week in
            (0..<9).map { item in
                let units = told[item].means[week] * (week == 2 ? 3 : 0.9 + 0.02 * Double(item))
                return (units * 1000).rounded() / 1000
            }
        }
        for (start, units) in zip(total.starts, sold) {
            // Sent twice, the first time wrong: the last one stands.
            _ = try await server.post("/v1/forecast/sales", Self.sales(start, units.map { $0 + 1 }))
            let reply = try await server.post("/v1/forecast/sales", Self.sales(start, units))
            #expect(reply.status == 200, "\(reply.text)")
            let body = try reply.json()
            #expect(body["start"] as? String == start && body["items"] as? Int == 9)
            #expect(abs((body["units"] as? Double ?? 0) - units.reduce(0, +)) < 1e-6)
        }
        try await check(server, told, total, sold)
        try await server.stop()
        let again = try await self.server(shop, folder, week: 6)
        try await check(again, told, total, sold)
    }

    private func check(
        _ server: RunningServer,
        _ told: [Forecasts],
        _ total: Forecasts,
        _ sold: [[Double]]
    ) async throws {
        let data = try await data(server)
        let scores = try #require(data["scores"] as? [[String: Any]])
        #expect(scores.count == 12)
        let metrics = try await server.get("/metrics").text
        for week in 0..<4 {
            let sum = sold[week].reduce(0, +)
            let errors = (0..<9).map { abs(sold[week][$0] - told[$0].means[week]) }
            let inside = (0..<9).filter { item in
                let quantiles = told[item].quantiles[week]
                return sold[week][item] >= quantiles[0] - 1e-3
                    && sold[week][item] <= quantiles[1] + 1e-3
            }
            func score(_ level: String) throws -> [String: Any] {
                try #require(
                    scores.first {
                        $0["level"] as? String == level && $0["ahead"] as? Int == week + 1
                    }
                )
            }
            let items = try score("item")
            #expect(items["count"] as? Int == 9 && items["periods"] as? Int == 1)
            let wape = errors.reduce(0, +) / sum
            #expect(abs((items["wape"] as? Double ?? -1) - wape) < 1e-6)
            #expect(abs((items["inside"] as? Double ?? -1) - Double(inside.count) / 9) < 1e-9)
            let everything = try score("total")
            let bias = (total.means[week] - sum) / sum
            #expect(abs((everything["bias"] as? Double ?? -9) - bias) < 1e-6)
            let line = "motet_forecast_outcome_wape{level=\"item\",ahead=\"\(week + 1)\"} "
            let found = metrics.split(separator: "\n").first { $0.hasPrefix(line) }
            let value = Double(found?.dropFirst(line.count) ?? "")
            #expect(abs((value ?? -1) - wape) < 1e-6, "\(found ?? "none")")
        }
        #expect(metrics.contains("motet_forecast_outcome_stated 0.8"))
        let series = try #require(data["series"] as? [[String: Any]])
        #expect(
            series.map { $0["level"] as? String ?? "" } == ["total"]
                + Array(repeating: "category", count: 3)
        )
        let points = try #require(series[0]["points"] as? [[String: Any]])
        #expect(points.map { $0["start"] as? String ?? "" } == total.starts)
        for (week, point) in points.enumerated() {
            #expect(abs((point["mean"] as? Double ?? 0) - total.means[week]) < 1e-9)
            #expect(abs((point["low"] as? Double ?? 0) - total.quantiles[week][0]) < 1e-3)
            #expect(abs((point["high"] as? Double ?? 0) - total.quantiles[week][1]) < 1e-3)
            #expect(abs((point["actual"] as? Double ?? 0) - sold[week].reduce(0, +)) < 1e-6)
        }
    }

    /// A server with events counts purchases, whoever bought, and each once.
    @Test func purchasesAmongTheEventsAreOutcomes() async throws {
        let shop = try ForecastShop.shared.get()
        let forecast = try shop.settings()
        let clock = WeekClock(ForecastShop.time(week: 0))
        let server = try await RunningServer(
            shop.served,
            {
                $0.forecast = forecast
                $0.features = ServingSettings.Features()
                $0.admin = ServingSettings.Admin(port: 0)
            },
            clock: clock.now
        )
        #expect(try await data(server)["counts_events"] as? Bool == true)
        clock.set(ForecastShop.time(week: 1))
        func event(_ id: Int, _ kind: String, _ quantity: Double) -> String {
            "{\"id\":\"e\(id)\",\"time\":\(ForecastShop.time(week: 1, hours: Int64(id))),\"kind\":\"\(kind)\","
                + "\"user\":\"u\(id)\",\"item\":\"i\(id)\",\"quantity\":\(quantity)}"
        }
        let events = [event(0, "purchase", 2), event(1, "purchase", 3.5), event(2, "view", 50)]
        for _ in 0..<2 {
            let reply = try await server.post("/v1/events", "[\(events.joined(separator: ","))]")
            #expect(reply.status == 200, "\(reply.text)")
        }
        clock.set(ForecastShop.time(week: 2))
        let data = try await data(server)
        let points = (data["series"] as? [[String: Any]])?.first?["points"] as? [[String: Any]]
        #expect(points?[1]["actual"] as? Double == 5.5, "\(data)")
        #expect(points?[0]["actual"] is NSNull)
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("motet_forecast_outcomes{level=\"item\",ahead=\"2\"} 9"))
    }

    @Test(arguments: [
        ("{\"items\":[]}", "missing_field", "start"),
        ("{\"start\":\"2024-09-09\"}", "missing_field", "items"),
        ("{\"start\":\"2024-09-10\",\"items\":[]}", "out_of_range", "start"),
        ("{\"start\":\"2024-09-02\",\"items\":[]}", "out_of_range", "start"),
        ("{\"start\":\"2024-10-07\",\"items\":[]}", "out_of_range", "start"),
        ("{\"start\":\"2024-09-16\",\"items\":[]}", "unfinished_period", "start"),
        ("{\"start\":\"September\",\"items\":[]}", "wrong_type", "start"),
        ("{\"start\":\"2024-09-09\",\"items\":{}}", "wrong_type", "items"),
        ("{\"start\":\"2024-09-09\",\"items\":[{\"units\":1}]}", "missing_field", "items[0].id"),
        (
            "{\"start\":\"2024-09-09\",\"items\":[{\"id\":\"a\"}]}", "missing_field",
            "items[0].units"
        ),
        (
            "{\"start\":\"2024-09-09\",\"items\":[{\"id\":\"a\",\"units\":-1}]}", "out_of_range",
            "items[0].units"
        ),
        (
            "{\"start\":\"2024-09-09\",\"items\":[{\"id\":\"a\",\"units\":1},{\"id\":\"a\",\"units\":1}]}",
            "duplicate", "items[1].id"
        ),
        ("{\"start\":\"2024-09-09\",\"items\":[],\"end\":1}", "unknown_field", "end"),
    ])
    func everyMistakeIsTold(_ body: String, _ code: String, _ field: String) async throws {
        let shop = try ForecastShop.shared.get()
        let server = try await shop.server("", at: ForecastShop.time(week: 1))
        let reply = try await server.post("/v1/forecast/sales", body)
        #expect(reply.status == 400, "\(reply.text)")
        let error = try reply.error()
        #expect(error.code == code && error.field == field, "\(reply.text)")
    }

    @Test func answersAndFiguresAreThoseThatTheDocumentsSay() async throws {
        let shop = try ForecastShop.shared.get()
        let server = try await server(shop, shop.folder(), week: 1)
        func check(_ reply: Reply) throws -> SchemaCheck {
            SchemaCheck(
                document: try reply.body.withUnsafeBufferPointer {
                    try JSONParser.parse($0, maximumDepth: 64)
                }
            )
        }
        let open = try check(try await server.get("/openapi.json"))
        let admin = try check(
            try await server.request("GET", "/openapi.json", nil, at: server.adminPort)
        )
        for body in [Self.sales("2024-09-09", [1, 2.5]), Self.sales("2024-09-09", []), "{}"] {
            let reply = try await server.post("/v1/forecast/sales", body)
            #expect(open.problems(reply, "POST", "/v1/forecast/sales") == [], "\(reply.text)")
            let figures = try await server.request(
                "GET",
                "/console/data",
                nil,
                at: server.adminPort
            )
            #expect(admin.problems(figures, "GET", "/console/data") == [])
        }
        // With events or the history alone nothing is said of the first week: it went on when the server began.
        let data = try await data(server)
        #expect(data["counts_events"] as? Bool == false && data["period"] as? String == "week")
    }
}
