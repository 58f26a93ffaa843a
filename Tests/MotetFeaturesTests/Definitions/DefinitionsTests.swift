import MotetConfiguration
import MotetCore
import Testing

@testable import MotetFeatures

@Suite("Definitions of online features") struct DefinitionsTests {
    /// The problem of a section with one feature, without its place.
    private func problem(_ feature: String, more: String = "") -> String? {
        let text = "online_features:\n  features:\n    - \(feature)\n\(more)"
        do {
            _ = try definitions(text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func everyFormIsRead() throws {
        let definitions = try definitions()
        #expect(definitions.features.count == 16)
        #expect(definitions.lateness == 30 * day)
        #expect(
            definitions.features[2]
                == FeatureDefinition(
                    "user_spend_7d",
                    of: FeatureEntity([.user]),
                    .sum(
                        EventWeights([.purchase: 1, .returned: -1]),
                        of: .amount,
                        window: FeatureWindow(hop: day, tiles: 7)
                    )
                )
        )
        #expect(definitions.features[4].entity.description == "item*scenario")
        #expect(definitions.features[15].entity.description == "all")
        #expect(
            definitions.features.filter(\.isText).map(\.name) == ["user_items", "user_categories"]
        )
    }

    @Test func statisticsAreSharedBetweenFeatures() throws {
        let plan = FeaturePlan(try definitions(), keepsProfiles: false)
        let user = try #require(plan.entities.first { $0.entity.description == "user" })
        // Two features of one session; each rate has two counts; sums of different windows stay apart.
        #expect(user.sessions.count == 1)
        #expect(user.counts.count == 2)
        #expect(plan.columns.map(\.name) == plan.definitions.features.map(\.name))
    }

    @Test(
        arguments: [
            (
                "{ name: a, of: user, type: coutn, events: click, window: 1h }",
                "Did you mean `count`?"
            ),
            (
                "{ name: a, of: user, type: count, events: clik, window: 1h }",
                "Did you mean `click`?"
            ),
            (
                "{ name: a, of: usr, type: count, events: click, window: 1h }",
                "Did you mean `user`?"
            ),
            (
                "{ name: a, of: user, type: count, events: click, windw: 1h }",
                "Did you mean `window`?"
            ),
            ("{ name: a, of: user, type: count, events: click }", "window: missing"),
            ("{ name: a, of: user, type: count, window: 1h }", "events: missing"),
            ("{ name: a, of: [user, user], type: recency, events: click }", "stands twice"),
            (
                "{ name: a, of: user, type: count, events: click, window: 1hour }",
                "not a length of time"
            ),
            (
                "{ name: a, of: user, type: count, events: click, window: 0h }",
                "not a length of time"
            ),
            (
                "{ name: a, of: user, type: count, events: click, window: 99999w }",
                "up to ten years"
            ),
            (
                "{ name: a, of: user, type: count, events: click, window: 1s, tiles: 7 }",
                "cut into 7 tiles"
            ),
            ("{ name: a, of: user, type: sum, value: pice, events: click, window: 1h }", "`price`"),
            (
                "{ name: a, of: item, type: rate, events: click, per: view, window: 1h, prior: 0.1, strength: 0 }",
                "out of range"
            ),
            ("{ name: a, of: user, type: decayed, events: { click: 1 } }", "half_life: missing"),
            ("{ name: a, of: user, type: decayed, events: { clik: 1 }, half_life: 1d }", "`click`"),
            (
                "{ name: a, of: user, type: sequence, events: click, value: item, length: 0 }",
                "length"
            ),
        ]
    )
    func mistakesAreTold(feature: String, sentence: String) {
        #expect(problem(feature)?.contains(sentence) == true, "\(problem(feature) ?? "accepted")")
    }

    @Test func aNameStandsOnce() {
        let feature = "{ name: a, of: user, type: recency, events: click }"
        #expect(problem(feature, more: "    - \(feature)\n")?.contains("given twice") == true)
        #expect(problem(feature) == nil)
    }

    @Test(arguments: [
        ("90s", 90_000), ("30m", 1_800_000), ("7d", 604_800_000), ("2w", 1_209_600_000),
    ])
    func lengthsOfTimeAreRead(text: String, milliseconds: Int64) throws {
        #expect(try TimeSpan.parse(text) == milliseconds)
    }
}
