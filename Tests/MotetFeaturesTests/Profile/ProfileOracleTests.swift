import MotetCore
import Testing

@testable import MotetFeatures

@Suite("Profiles against their formulas") struct ProfileOracleTests {
    private static let rules = ProfileRules(halfLife: 2 * day, gap: 2 * hour, actions: 6)

    private static var definitions: FeatureDefinitions {
        FeatureDefinitions([], lateness: 30 * day, profile: rules)
    }

    /// Users who come now and then and do several things, over ten days; no two events at one time.
    private static func events(_ key: RandomKey) -> [Event] {
        var random = key.generator()
        var time = start
        return (0..<500).map { number in
            let isNext = Int.random(in: 0..<5, using: &random) > 0
            time += Int64.random(in: 1...(isNext ? hour / 2 : 5 * hour), using: &random)
            let kind = EventKind.allCases[Int.random(in: 0..<7, using: &random)]
            let item = Int.random(in: 0..<40, using: &random)
            let knows = Int.random(in: 0..<6, using: &random) > 0
            return Event(
                id: "e\(number)",
                time: time,
                kind: kind,
                user: "u\(Int.random(in: 0..<2, using: &random))",
                item: kind == .search ? nil : "i\(item % 13)",
                category: kind == .search || !knows ? nil : "c\(item % 17)",
                query: kind == .search ? "query \(item)" : nil
            )
        }
    }

    /// At every event, and at moments after it, the profile is what the formulas make of the events before.
    @Test(arguments: RandomKey.seeds(4))
    func everyPartIsWhatItsFormulaGives(key: RandomKey) {
        let events = Self.events(key)
        let store = MemoryFeatureStore(Self.definitions)
        var (visits, stages): (Int, Set<UserProfile.Stage>) = (0, [])
        for (index, event) in events.enumerated() {
            _ = store.apply([event])
            let own = events[...index].filter { $0.user == event.user }
            for moment in [event.time, event.time + 2 * hour - 1, event.time + 2 * hour] {
                let profile = store.profile(of: event.user, at: moment)
                let oracle = ProfileOracle(rules: Self.rules, events: own, time: moment)
                #expect(oracle.problems(profile) == [], "seed \(key), event \(index), \(moment)")
                if let profile {
                    visits += profile.visit == nil ? 0 : 1
                    stages.insert(profile.stage)
                }
            }
        }
        #expect(visits > 200)
        #expect(stages == Set(UserProfile.Stage.allCases))
    }

    /// What arrives in another order gives the same profiles.
    @Test func theOrderOfArrivalChangesNothing() {
        let events = Self.events(RandomKey(seed: 77))
        var random = RandomKey(seed: 78).generator()
        let store = MemoryFeatureStore(Self.definitions)
        for event in events.shuffled(using: &random) { _ = store.apply([event]) }
        for user in ["u0", "u1"] {
            let own = events.filter { $0.user == user }
            let moment = (own.last?.time ?? 0) + 1
            let oracle = ProfileOracle(rules: Self.rules, events: own, time: moment)
            #expect(oracle.problems(store.profile(of: user, at: moment)) == [])
        }
    }

    /// Profiles of other moments, rules and events are found to be others.
    @Test func theComparisonFindsWhatIsWrong() throws {
        let events = Self.events(RandomKey(seed: 0)).filter { $0.user == "u0" }
        let store = MemoryFeatureStore(Self.definitions)
        _ = store.apply(events)
        let last = try #require(events.last)
        func problems(_ rules: ProfileRules, _ events: [Event], _ time: Int64) -> [String] {
            ProfileOracle(rules: rules, events: events, time: time)
                .problems(store.profile(of: "u0", at: last.time + 1))
        }
        #expect(problems(Self.rules, events, last.time + 1) == [])
        #expect(problems(Self.rules, events, last.time + hour) != [])
        #expect(problems(Self.rules, Array(events.dropLast(8)), last.time + 1) != [])
        #expect(
            problems(Self.rules, Array(events.dropFirst(events.count - 20)), last.time + 1) != []
        )
        var slower = Self.rules
        slower.halfLife *= 2
        #expect(problems(slower, events, last.time + 1) != [])
        var longer = Self.rules
        longer.gap *= 4
        #expect(problems(longer, events, last.time + 1) != [])
    }
}
