import Foundation
import Motet
import MotetConfiguration
import Testing

@testable import MotetServing

@Suite("Calibration by what happens") struct OutcomeWatchTests {
    private static let start: Int64 = 1_700_000_000_000

    private static func settings(
        _ more: String = "",
        task: String = "click"
    ) throws
        -> ServingSettings
    {
        try ServingSettings(
            ConfigurationDocument(
                parsing: """
                    features: { store: memory }
                    admin: { port: 0 }
                    outcomes:
                      share: 1
                      rows: 20
                      tasks: [ { task: \(task), event: click, window: 1h } ]
                    \(more)

                    """,
                name: "serve.yaml"
            ),
            folder: try OnlineShop.shared.get().path
        )
    }

    private static func server(_ clock: TestClock) async throws -> RunningServer {
        let given = try settings()
        return try await RunningServer(
            try OnlineShop.shared.get(),
            {
                $0.features = given.features
                $0.outcomes = given.outcomes
                $0.admin = given.admin
            },
            clock: { clock.time }
        )
    }

    private static func items(_ count: Int) -> String {
        (0..<count).map { item in
            "{\"id\":\"i\(item)\",\"item_id\":\"i\(item)\",\"price\":\(1 + item),\"category\":\"c\",\"market\":"
                + "\"\(item < 15 ? "home" : "search")\"}"
        }.joined(separator: ",")
    }

    private func gauge(_ text: String, _ name: String, _ scenario: String? = nil) -> Double? {
        text.split(separator: "\n").first { line in
            line.hasPrefix(name + "{") && line.contains("task=\"click\"")
                && line.contains("scenario=") == (scenario != nil)
                && (scenario.map { line.contains("scenario=\"\($0)\"") } ?? true)
        }.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    @Test func whatWasExpectedStandsBesideWhatHappened() async throws {
        let clock = TestClock(Self.start)
        let server = try await Self.server(clock)
        let reply = try await server.post(
            "/v1/score",
            "{\"user\":{\"id\":\"u1\"},\"items\":[\(Self.items(40))]}"
        )
        let rows = try #require(try reply.json()["items"] as? [[String: Any]], "\(reply.text)")
        let scores = rows.map { ($0["scores"] as? [String: Double])?["click"] ?? .nan }
        clock.time += 1000
        // 30 of the 40 are shown; one is clicked, twice, and one that was not shown.
        var events = (0..<30).map { item in
            OnlineShop.event("x\(item)", at: clock.time, "exposure", item: "i\(item)")
        }
        events += [("a", 3), ("b", 3), ("c", 35)].map { id, item in
            OnlineShop.event(id, at: clock.time + 5, "click", item: "i\(item)")
        }
        // Sent again they are no other events.
        for _ in 0..<2 { _ = try await server.send(events) }
        let early = try await server.get("/metrics").text
        #expect(gauge(early, "motet_outcome_predictions") == nil)
        clock.time += 3_600_000 + 61_000
        let text = try await server.get("/metrics").text
        #expect(gauge(text, "motet_outcome_predictions") == 30)
        #expect(gauge(text, "motet_outcome_observed") == 1)
        let expected = try #require(gauge(text, "motet_outcome_expected"))
        #expect(abs(expected - scores[..<30].reduce(0, +)) < 1e-5)
        #expect(gauge(text, "motet_outcome_predictions", "home") == 15)
        let home = try #require(gauge(text, "motet_outcome_expected", "home"))
        #expect(abs(home - scores[..<15].reduce(0, +)) < 1e-5)
        #expect(gauge(text, "motet_outcome_observed", "search") == 0)
        // Far more were expected: the console says so too.
        let data = try await server.request("GET", "/console/data", nil, at: server.adminPort)
            .json()
        let drift = try #require(data["drift"] as? [[String: Any]])
        let check = try #require(drift.first { $0["kind"] as? String == "outcome" })
        #expect(check["name"] as? String == "click" && check["rows"] as? Int == 30)
        #expect(check["alarm"] as? Bool == (expected > 9))
        #expect(abs((check["calibration"] as? Double ?? 0) - expected) < 1e-9)
        // A day later they are forgotten.
        clock.time += 24 * 3_600_000
        #expect(gauge(try await server.get("/metrics").text, "motet_outcome_predictions") == nil)
    }

    @Test func aUserWhoIsForgottenIsNotCounted() async throws {
        let clock = TestClock(Self.start)
        let server = try await Self.server(clock)
        for user in ["u1", "u2"] {
            _ = try await server.post(
                "/v1/score",
                "{\"user\":{\"id\":\"\(user)\"},\"items\":[\(Self.items(5))]}"
            )
            let events = (0..<5).map { item in
                OnlineShop.event(
                    "\(user)\(item)",
                    at: clock.time,
                    "exposure",
                    user: user,
                    item: "i\(item)"
                )
            }
            _ = try await server.send(events)
        }
        #expect(try await server.request("DELETE", "/v1/users/u1", nil).status == 204)
        clock.time += 3_700_000
        #expect(gauge(try await server.get("/metrics").text, "motet_outcome_predictions") == 5)
    }

    /// Users are watched by the share, and always the same.
    @Test func theShareOfUsersIsWatched() throws {
        var outcomes = try #require(try Self.settings().outcomes)
        outcomes.share = 0.25
        let watch = OutcomeWatch(outcomes) { 0 }
        let watched = (0..<20_000).count { watch.isWatched("u\($0)") }
        // Four standard deviations.
        #expect(abs(Double(watched) - 5000) < 245)
        #expect((0..<100).allSatisfy { watch.isWatched("u\($0)") == watch.isWatched("u\($0)") })
    }

    @Test func settingsThatCannotBeAreSentences() async throws {
        func sentence(_ text: String) -> String {
            do {
                _ = try ServingSettings(
                    ConfigurationDocument(parsing: text, name: "serve.yaml"),
                    folder: "/"
                )
                return ""
            } catch { return "\(error)" }
        }
        let task = "{ task: click, event: click }"
        #expect(
            sentence("outcomes: { tasks: [ \(task) ] }\n")
                .contains("there are no events to tell what happened; expected `features`")
        )
        #expect(
            sentence("features: { store: memory }\noutcomes: { tasks: [ \(task), \(task) ] }\n")
                .contains("the task \"click\" is there twice")
        )
        #expect(
            sentence(
                "features: { store: memory }\noutcomes: { tasks: [ { task: buy, event: purchase, within: click }, \(task) ] }\n"
            ).contains("is within one that does not stand before it; expected \"click\" before it")
        )
        let given = try Self.settings(task: "order")
        let server = try ModelServer(
            run: try OnlineShop.shared.get().file("run"),
            settings: {
                var settings = given
                settings.port = 0
                settings.workers = 1
                settings.logLevel = .error
                return settings
            }(),
            engine: .oneDNN
        )
        let error = await #expect(throws: (any Error).self) {
            try await server.run(handlesSignals: false)
        }
        #expect(
            "\(try #require(error))".contains(
                "no task of yes or no with the name; expected one of click; received `order`"
            )
        )
    }
}
