import Foundation
import MotetConfiguration
import MotetCore
import Testing

@testable import MotetSimulation

@Suite("Settings of a simulation") struct SettingsTests {
    private func settings(_ yaml: String) throws -> SimulationSettings {
        let read = try ConfigurationDocument(parsing: yaml, name: "shop.yaml").read {
            SimulationSettings($0)
        }
        try read.check()
        return read
    }

    @Test func everyKeyOfTheExampleIsRead() throws {
        let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Examples/Simulation/shop.yaml")
        // The example writes every default out.
        #expect(try SimulationSettings(contentsOf: example) == SimulationSettings())
        let text = try String(contentsOf: example, encoding: .utf8)
        let record = try JSONSerialization.jsonObject(
            with: SimulationRecord(
                SimulatedWorld(smallShop(rows: 10)),
                version: "test",
                parts: 1,
                counts: .init()
            ).json()
        )
        let written = try #require((record as? [String: Any])?["settings"] as? [String: Any])
        for (key, value) in written {
            #expect(text.contains("\(key):"), "\(key)")
            for name in (value as? [String: Any] ?? [:]).keys {
                #expect(text.contains("\(name):"), "\(key).\(name)")
            }
        }
    }

    @Test func theCommandLineHasTheLastWord() throws {
        let file = NSTemporaryDirectory() + "/motet-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data("name: small\nrows: 10\n".utf8).write(to: URL(fileURLWithPath: file))
        let read = try SimulationSettings(contentsOf: URL(fileURLWithPath: file)) {
            $0.seed = 7
        }
        #expect(read.rows == 10 && read.seed == 7 && read.name == "small")
    }

    @Test(
        arguments: [
            ("rowz: 1", "shop.yaml:1, rowz: unknown key. Did you mean `rows`?"),
            (
                "rows: 0",
                "shop.yaml:1, rows: out of range; expected from 1 to 100000000000; received 0."
            ),
            (
                "tasks: { correlation: 1.5 }",
                "shop.yaml:1, tasks.correlation: out of range; expected from -1.0 to 1.0; received 1.5."
            ),
            (
                "missing: { pay: -0.1 }",
                "shop.yaml:1, missing.pay: out of range; expected from 0.0 to 1.0; received -0.1."
            ),
            (
                "prices: { elasticity: 1 }",
                "shop.yaml:1, prices.elasticity: out of range; expected from -10.0 to 0.0; received 1."
            ),
            (
                "start: 2026-02-30",
                "simulation \"shop\": 'start' is no day; expected a date such as 2026-01-01; received "
                    + "\"2026-02-30\"."
            ),
            (
                "scenarios: [a, a]",
                "simulation \"shop\": 'scenarios' has names that are empty or doubled; expected each "
                    + "once; received [\"a\", \"a\"]."
            ),
            (
                "scenario_shares: [1, 2]",
                "simulation \"shop\": 'scenario_shares' does not fit the scenarios; expected 3 numbers; "
                    + "received 2."
            ),
            (
                "fraud: { active_days: 20 }",
                "simulation \"shop\": 'fraud.active_days' is longer than a period; expected at most 14, "
                    + "the `period_days`; received 20."
            ),
            (
                "users: 5",
                "simulation \"shop\": 'fraud.ring_size' is larger than the shop; expected at most 5, the "
                    + "`users`; received 8."
            ),
            (
                "calendar: { holidays: [60] }",
                "simulation \"shop\": 'calendar.holidays' has a day outside the log; expected numbers from "
                    + "0 to 59; received 60."
            ),
            (
                "ads: { least_budget: 3 }",
                "simulation \"shop\": 'ads.least_budget' is above the greatest; expected at most 2.0, the "
                    + "`greatest_budget`; received 3.0."
            ),
            (
                "{ items: 100000000, days: 10 }",
                "simulation \"shop\": 'days' makes too many days of items; expected at most 50000000, "
                    + "which are `items` times `days`; received 1000000000."
            ),
        ]
    )
    func aMistakeIsToldInOneSentence(yaml: String, sentence: String) {
        let error = #expect(throws: (any Error).self) { try settings(yaml) }
        #expect(error.map { "\($0)" } == sentence)
    }

    @Test(
        arguments: [
            ("1970-01-01", 0), ("1970-03-01", 59), ("2000-02-29", 11_016), ("2026-01-01", 20_454),
        ]
    )
    func daysAreCountedFrom1970(date: String, day: Int) {
        #expect(SimulationSettings.epochDay(of: date) == day)
    }
}
