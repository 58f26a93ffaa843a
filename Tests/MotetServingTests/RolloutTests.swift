import Foundation
import Logging
import Motet
import Synchronization
import Testing

@testable import MotetServing

@Suite("Experiments and shadows") struct RolloutTests {
    private static let shop = Result {
        let shop = try ServedShop()
        try shop.train("other", seed: 8)
        return shop
    }

    private static func body(_ user: String?) -> String {
        "{" + (user.map { "\"user\":{\"id\":\"\($0)\"}," } ?? "")
            + "\"items\":[{\"id\":1,\"item_id\":\"i4\",\"price\":2},{\"id\":2,\"price\":5}]}"
    }

    /// A log that is kept.
    private final class Lines: Sendable {
        private let all = Mutex<[String]>([])

        var logger: Logger {
            Logger(label: "test") { _ in
                JSONLogHandler(level: .info) { line in
                    self.all.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }
            }
        }

        func events(_ message: String) throws -> [[String: Any]] {
            try all.withLock { $0 }.filter { $0.contains("\"message\":\"\(message)\"") }
                .compactMap {
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                }
        }
    }

    @Test func aShareOfTheUsersIsAnsweredByTheOtherRunAndStaysThere() async throws {
        let shop = try Self.shop.get()
        let lines = Lines()
        let server = try await RunningServer(shop, logger: lines.logger) {
            $0.experiment = ServingSettings.Arm(run: shop.file("other"), share: 0.3, salt: "a")
        }
        func model(_ user: String?) async throws -> String {
            let reply = try await server.post("/v1/score", Self.body(user))
            return try #require(try reply.json()["model"] as? String, "\(reply.text)")
        }
        var models: [String: String] = [:]
        for number in 0..<60 { models["u\(number)"] = try await model("u\(number)") }
        let arm = Arm(models: ModelStore(), share: 0.3, salt: "a")
        for (user, found) in models {
            #expect(found.hasPrefix(arm.takes(user) ? "other-" : "run-"), "\(user)")
        }
        #expect(Set(models.values).count == 2)
        for user in ["u1", "u2", "u3", "u4"] { #expect(try await model(user) == models[user]) }
        // Who names no user gets the server's own run.
        #expect(try await model(nil).hasPrefix("run-"))
        try await server.stop()
        let requests = try lines.events("request").filter { $0["route"] as? String == "score" }
        #expect(requests.count == 65)
        let counted = requests.count { $0["variant"] as? String == "experiment" }
        #expect(counted == requests.count { ($0["model"] as? String ?? "").hasPrefix("other-") })
        #expect(counted >= models.values.count { $0.hasPrefix("other-") })
    }

    @Test func sharesAreEvenAndGrowByAddingUsers() {
        let users = (0..<20_000).map { "user-\($0)" }
        var before: Set<String> = []
        for share in [0, 0.01, 0.1, 0.5, 1] {
            let arm = Arm(models: ModelStore(), share: share, salt: "x")
            let taken = Set(users.filter { arm.takes($0) })
            // Five standard deviations of a binomial count.
            let spread = 5 * (Double(users.count) * share * (1 - share)).squareRoot()
            #expect(abs(Double(taken.count) - share * Double(users.count)) <= spread, "\(share)")
            #expect(taken.isSuperset(of: before))
            before = taken
        }
        // Another salt takes other users: half of a half.
        let first = Arm(models: ModelStore(), share: 0.5, salt: "x")
        let second = Arm(models: ModelStore(), share: 0.5, salt: "y")
        let both = users.count { first.takes($0) && second.takes($0) }
        #expect(abs(both - 5000) < 310)
    }

    @Test func aShadowIsAskedBesideAndNobodyGetsItsAnswer() async throws {
        let shop = try Self.shop.get()
        let lines = Lines()
        let plain = try await RunningServer(shop)
        let server = try await RunningServer(shop, logger: lines.logger) {
            $0.shadow = ServingSettings.Arm(run: shop.file("other"), share: 1)
        }
        let reply = try await server.post("/v1/score", Self.body("u1"))
        #expect(reply.text == (try await plain.post("/v1/score", Self.body("u1")).text))
        var events: [[String: Any]] = []
        for _ in 0..<400 where events.isEmpty {
            try await Task.sleep(for: .milliseconds(10))
            events = try lines.events("shadow")
        }
        let event = try #require(events.first)
        #expect(event["request_id"] as? String == reply.fields["x-request-id"])
        #expect((event["model"] as? String)?.hasPrefix("run-") == true)
        #expect((event["shadow"] as? String)?.hasPrefix("other-") == true)
        let differences = try #require(event["mean_difference"] as? [String: Double])
        #expect(differences.keys.sorted() == ["channel", "click", "purchase"])
        // What it is by hand: the other run's answer as a server of its own gives it.
        let other = try await RunningServer(shop, run: "other")
        func clicks(_ reply: Reply) throws -> [Double] {
            let items = try #require(try reply.json()["items"] as? [[String: Any]])
            return items.compactMap { ($0["scores"] as? [String: Any])?["click"] as? Double }
        }
        let (mine, theirs) = (
            try clicks(reply), try clicks(try await other.post("/v1/score", Self.body("u1")))
        )
        let expected = zip(mine, theirs).map { abs($0 - $1) }.reduce(0, +) / 2
        #expect(expected > 0)
        #expect(abs((differences["click"] ?? 0) - expected) < 1e-7)
        let metrics = try await server.get("/metrics").text
        #expect(metrics.contains("motet_shadow_total{outcome=\"done\"} 1\n"))
    }

    @Test func anExperimentMustAnswerTheSameQuestions() async throws {
        let shop = try Self.shop.get()
        try shop.write(
            "fewer.yaml",
            ServedShop.experiment.replacing(
                "  - { name: channel, label: channel, loss: categorical_cross_entropy }\n",
                with: ""
            )
        )
        _ = try ServedShop.runner.train(
            TrainRequest(configuration: shop.file("fewer.yaml"), output: shop.file("fewer"))
        )
        var settings = ServingSettings()
        settings.port = 0
        settings.limits.candidates = 16
        settings.experiment = ServingSettings.Arm(run: shop.file("fewer"), share: 0.5)
        let server = try ModelServer(
            run: shop.file("run"),
            settings: settings,
            engine: .oneDNN,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let error = await #expect(throws: ServingError.self) {
            try await server.run(handlesSignals: false)
        }
        #expect(error?.code == .armMismatch)
    }
}
