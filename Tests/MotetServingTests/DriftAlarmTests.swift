import Foundation
import Logging
import Motet
import MotetConfiguration
import Synchronization
import Testing

@testable import MotetServing

/// Keeps what is logged: level, message and name.
private final class KeptLog: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var logger: Logger {
        Logger(label: "kept") { _ in
            JSONLogHandler(level: .info) { line in
                let fields = try? JSONSerialization.jsonObject(with: Data(line))
                let texts = ["level", "message", "name"].map { key in
                    (fields as? [String: Any])?[key] as? String ?? ""
                }
                self.kept.withLock { $0.append(texts.joined(separator: " ")) }
            }
        }
    }
}

@Suite("Alarms of drift") struct DriftAlarmTests {
    private func model() throws -> ServedModel {
        try ServedModel(
            try ServedShop.shared.get().file("run"),
            engine: .oneDNN,
            workers: 1
        )
    }

    /// Rows such as those of the training, as samples; prices times a factor.
    private func samples(
        _ model: ServedModel,
        seed: UInt64,
        prices factor: Double
    ) throws -> [[Float]] {
        let reference = try #require(model.layout.samples.reference)
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        return try (0..<600).map { _ in
            let row = RawRows(
                count: 1,
                columns: [
                    "market": .same(.text(["home", "search", "mail", "home"][pick(4)])),
                    "user_id": .same(.text("u\(pick(20))")),
                    "item_id": .same(.text("i\(pick(30))")),
                    "brand": .same(.text(["Acme", " bolt ", "CORE", "dash", "?", ""][pick(6)])),
                    "price": .same(.number(factor * Double(1 + pick(5000)) / 100)),
                    "age": .same(pick(6) == 0 ? .missing : .integer(Int64(18 + pick(60)))),
                    "stock": .same(pick(7) == 0 ? .missing : .integer(Int64(pick(60) - 10))),
                    "size": .same(
                        pick(5) == 0 ? .missing : .text("\(pick(30)),\(pick(10))")
                    ),
                ]
            )
            let encoded = try model.encoder.encode(
                row,
                into: Set(reference.features.map(\.column))
            )
            let scores = model.layout.tasks.map { _ in Float(0.5) }
            return reference.values(of: encoded, row: 0) + scores
        }
    }

    private func checks(_ model: ServedModel) -> [DriftCheck] {
        let tasks = model.layout.tasks.map { task in
            [
                ScoreDrift(
                    task: task.name,
                    scenario: nil,
                    live: ScoreWindow.Cell(),
                    reference: task.reference?.all
                )
            ]
        }
        let watched = ScoreMonitor.Model(layout: model.layout, tasks: tasks)
        return DriftCheck.all(watched, ServingSettings.Drift(), at: 30)
    }

    @Test func trafficLikeTheTrainingRowsIsNoAlarm() throws {
        let model = try model()
        for values in try samples(model, seed: 5, prices: 1) {
            model.layout.samples.add(values, at: 10)
        }
        let features = checks(model).filter { $0.kind == .feature }
        #expect(features.count == model.layout.samples.reference?.features.count)
        for check in features {
            #expect(check.rows == 600)
            #expect(!check.isAlarm, "\(check)")
        }
    }

    @Test func aFeatureThatMovedIsAnAlarmAndTheOthersAreNot() throws {
        let model = try model()
        for values in try samples(model, seed: 6, prices: 3) {
            model.layout.samples.add(values, at: 10)
        }
        let checks = checks(model)
        let alarms = checks.filter { $0.kind == .feature && $0.isAlarm }
        #expect(alarms.map(\.name) == ["price"])
        #expect(try #require(alarms[0].test).distance > 0.3)
        #expect(try #require(alarms[0].stability) > 0.25)
        // Scores of one half in every row are far from those of the reference.
        let scores = checks.filter { $0.kind == .score }
        #expect(scores.map(\.name) == ["click", "purchase", "channel"])
        for check in scores { #expect(check.isAlarm, "\(check)") }
        // After an hour nothing is left of them.
        #expect(model.layout.samples.columns(at: 3700).isEmpty)
    }

    @Test func theLogIsToldOnceOfEachAlarmAndOfItsEnd() throws {
        let (log, model) = (KeptLog(), try model())
        for values in try samples(model, seed: 7, prices: 3) {
            model.layout.samples.add(values, at: 10)
        }
        let features = checks(model).filter { $0.kind == .feature }
        var alarms = DriftWatch.tell(features, since: [], log.logger)
        alarms = DriftWatch.tell(features, since: alarms, log.logger)
        #expect(log.lines == ["warning drift price"])
        let steady = try self.model()
        for values in try samples(steady, seed: 8, prices: 1) {
            steady.layout.samples.add(values, at: 10)
        }
        let after = checks(steady).filter { $0.kind == .feature }
        alarms = DriftWatch.tell(after, since: alarms, log.logger)
        #expect(alarms.isEmpty)
        #expect(log.lines == ["warning drift price", "info drift is over price"])
    }

    /// Two checks of one thing, such as of a run that was read twice, are told of as one; an alarm without checks is over.
    @Test func eachAlarmIsToldOfOnceHoweverManyChecksNameIt() {
        let log = KeptLog()
        func check(_ name: String, _ isAlarm: Bool) -> DriftCheck {
            DriftCheck(
                version: "v",
                kind: .feature,
                name: name,
                rows: 9,
                stability: 1,
                test: nil,
                isAlarm: isAlarm
            )
        }
        var alarms: Set<DriftWatch.Alarm> = []
        func tell(_ checks: [DriftCheck]) {
            alarms = DriftWatch.tell(checks, since: alarms, log.logger)
        }
        for order in [[true, false], [false, true], [true, true]] {
            tell(order.map { check("price", $0) } + [check("age", true)])
        }
        #expect(log.lines == ["warning drift age", "warning drift price"])
        for _ in 0..<2 { tell([check("price", false), check("price", false), check("age", true)]) }
        #expect(log.lines.dropFirst(2) == ["info drift is over price"])
        for _ in 0..<2 { tell([]) }
        #expect(log.lines.dropFirst(3) == ["info drift is over age"])
        tell([check("age", true)])
        #expect(log.lines.dropFirst(4) == ["warning drift age"])
    }

    @Test func thresholdsDecide() {
        var settings = ServingSettings.Drift()
        let (near, far) = (
            TwoSampleTest.compare(sorted: [1, 2, 3], [1, 2, 3]),
            TwoSampleTest.compare(
                sorted: [Float](repeating: 0, count: 100),
                [Float](repeating: 1, count: 100)
            )
        )
        #expect(!settings.isAlarm(0.2, near) && settings.isAlarm(0.3, near))
        #expect(settings.isAlarm(nil, far) && !settings.isAlarm(nil, nil))
        settings.stability = 0.5
        #expect(!settings.isAlarm(0.3, nil))
        settings.significance = 0
        #expect(!settings.isAlarm(nil, far))
    }

    @Test func requestsAreSampledAndShownInMetricsAndConsole() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.drift.rows = 1
            $0.admin = ServingSettings.Admin(port: 0)
        }
        let body =
            "{\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"items\":[{\"id\":\"i1\",\"item_id\":\"i1\",\"price\":9}]}"
        let start = ContinuousClock.now
        for _ in 0..<5 { #expect(try await server.post("/v1/score", body).status == 200) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let metrics = try await server.get("/metrics").text
        let line = metrics.split(separator: "\n").first {
            $0.hasPrefix("motet_drift_rows{") && $0.contains("name=\"price\"")
        }
        // One a second at most.
        let rows = try #require(line?.split(separator: " ").last.flatMap { Double($0) })
        // As many as seconds have begun, however long five requests take.
        #expect(rows >= 1 && rows <= seconds + 2, "\(rows) in \(seconds) s")
        #expect(metrics.contains("motet_drift_alarm{"))
        let port = try #require(server.adminPort)
        let reply = try await server.request("GET", "/console/data", nil, at: port)
        let drift = try #require(try reply.json()["drift"] as? [[String: Any]])
        #expect(
            drift.contains {
                $0["name"] as? String == "price" && $0["kind"] as? String == "feature"
            }
        )
        #expect(
            drift.contains { $0["name"] as? String == "click" && $0["kind"] as? String == "score" }
        )
    }

    @Test func everyKeyIsReadAndDocumented() throws {
        func settings(_ text: String) throws -> ServingSettings.Drift {
            try ServingSettings(
                ConfigurationDocument(parsing: text, name: "serve.yaml"),
                folder: "/etc/shop"
            ).drift
        }
        let all =
            "drift: { stability: 0.5, distance: 0.2, significance: 0.01, rows: 900, check_seconds: 5 }"
        var expected = ServingSettings.Drift()
        expected.stability = 0.5
        expected.distance = 0.2
        expected.significance = 0.01
        expected.rows = 900
        expected.checkSeconds = 5
        #expect(try settings(all) == expected)
        #expect(try settings("port: 1") == ServingSettings.Drift())
        for wrong in ["drift: { rows: 5 }", "drift: { distance: 2 }", "drift: { row: 50 }"] {
            #expect(throws: ConfigurationError.self) { try settings(wrong) }
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/serving/configuration.md"),
            encoding: .utf8
        )
        for match in all.matches(of: /([a-z_]+):/) {
            #expect(page.contains("`\(match.1)`"), "\(match.1)")
        }
    }
}
