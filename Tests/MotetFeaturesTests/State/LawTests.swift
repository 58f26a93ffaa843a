import MotetCore
import Testing

@testable import MotetFeatures

@Suite("Laws of online features") struct LawTests {
    @Test(arguments: RandomKey.seeds(6))
    func featuresFollowTheirFormulas(key: RandomKey) throws {
        let definitions = try definitions()
        let events = log(400, key: key)
        let oracle = FormulaOracle(events: events)
        var state = FeatureState(FeaturePlan(definitions))
        var next = 0
        var seen = 0
        // Some moments between events, one of them that of an event, which it does not see.
        let times = [
            start, events[120].time, start + 9 * day + 7, events[399].time + 1,
            events[399].time + 40 * day,
        ]
        for time in times {
            while next < events.count, events[next].time < time {
                #expect(state.apply(events[next]) == .applied)
                next += 1
            }
            for request in requests(at: time) {
                let table = state.features(request, ItemTable())
                for (row, candidate) in request.items.enumerated() {
                    for (feature, value) in zip(definitions.features, table.row(row)) {
                        let expected = oracle.value(feature, request, candidate)
                        if value != .number(0), value != .text("") { seen += 1 }
                        #expect(
                            agree(value, expected),
                            "\(feature.name) of \(request.user ?? "nobody"), \(candidate.item ?? ""), at \(time)"
                        )
                    }
                }
            }
        }
        #expect(seen > 1_000)
    }

    @Test(arguments: RandomKey.seeds(8))
    func anyOrderGivesTheSameState(key: RandomKey) throws {
        let definitions = try definitions()
        let events = log(300, key: key)
        #expect(!dependsOnOrder(events, key: key) { state($0, definitions).shards })
    }

    @Test func theCheckOfOrderFindsWhatDependsOnIt() {
        let events = log(300, key: RandomKey(seed: 1))
        // Plain sums of floats and "the last that arrived" are what the laws are there to refuse.
        #expect(dependsOnOrder(events, key: RandomKey(seed: 2)) { $0.last?.id })
        #expect(
            dependsOnOrder(events, key: RandomKey(seed: 2)) { events in
                events.reduce(Float(0)) { $0 + Float($1.price ?? 0) * 0.1 }
            }
        )
    }

    @Test(arguments: RandomKey.seeds(4))
    func lateEventsWithinTheLatenessGiveTheSameState(key: RandomKey) throws {
        let short = everyForm.replacing("lateness: 30d", with: "lateness: 6h")
        let definitions = try definitions(short)
        let events = log(600, key: key)
        var random = key.generator()
        // Each event arrives up to six hours after its time, so some windows were cut off meanwhile.
        let arrivals = events.map { ($0, $0.time + Int64.random(in: 0..<6 * hour, using: &random)) }
            .sorted { $0.1 < $1.1 }.map(\.0)
        #expect(arrivals != events)
        #expect(state(arrivals, definitions).shards == state(events, definitions).shards)
    }

    @Test(arguments: RandomKey.seeds(4))
    func anEventSentAgainDoesNothing(key: RandomKey) throws {
        let definitions = try definitions()
        let events = log(200, key: key)
        var random = key.generator()
        var twice = state(events, definitions)
        for event in events.shuffled(using: &random) {
            #expect(twice.apply(event) == .duplicate)
        }
        var moved = events[0]
        moved.time += day
        #expect(twice.apply(moved) == .duplicate)
        #expect(twice.shards == state(events, definitions).shards)
    }

    @Test func anEventTooFarBehindDoesNothing() throws {
        let definitions = try definitions(everyForm.replacing("30d", with: "1h"))
        let events = log(50, days: 1, key: RandomKey(seed: 3))
        var late = state(events, definitions)
        let newest = events[49].time
        let before = late.shards
        var old = Event(id: "old", time: newest - hour, kind: .click, user: "u0", item: "i0")
        #expect(late.apply(old) == .late)
        #expect(late.shards == before)
        old.time += 1
        #expect(late.apply(old) == .applied)
        #expect(late.shards != before)
    }

    @Test(arguments: RandomKey.seeds(4))
    func statesOfDifferentEventsMerge(key: RandomKey) throws {
        let definitions = try definitions()
        let plan = FeaturePlan(definitions)
        let events = log(300, key: key)
        let whole = state(events, definitions)
        var random = key.generator()
        let picks = events.map { _ in Bool.random(using: &random) }
        let first = state(zip(events, picks).filter(\.1).map(\.0), definitions)
        let second = state(zip(events, picks).filter { !$0.1 }.map(\.0), definitions)
        var merged = 0
        for (shard, partitions) in whole.shards.enumerated() {
            for (key, partition) in partitions {
                for (sub, expected) in partition.keys {
                    let entity = plan.entities[sub.entity]
                    var sum = first.shards[shard][key]?.keys[sub] ?? KeyState(entity)
                    let other = second.shards[shard][key]?.keys[sub] ?? KeyState(entity)
                    sum.merge(other, entity, lateness: plan.lateness)
                    #expect(sum == expected)
                    merged += 1
                }
            }
        }
        #expect(merged > 50)
    }

    @Test func whatIsKeptForAKeyIsBounded() throws {
        let definitions = try definitions(everyForm.replacing("30d", with: "1h"))
        let events = log(4_000, days: 60, key: RandomKey(seed: 5))
        let state = state(events, definitions)
        for partition in state.shards.flatMap(\.values) {
            for (sub, key) in partition.keys {
                let plan = state.plan.entities[sub.entity]
                for (sums, statistic) in zip(key.counts, plan.counts) {
                    #expect(sums.tiles.count <= statistic.rule.tiles)
                }
                for (sums, statistic) in zip(key.sums, plan.sums) {
                    #expect(sums.tiles.count <= statistic.rule.tiles)
                }
                for (texts, statistic) in zip(key.texts, plan.texts) {
                    #expect(texts.entries.count <= statistic.length)
                }
                for (sessions, statistic) in zip(key.sessions, plan.sessions) {
                    #expect(Int64(sessions.sessions.count) <= hour / statistic.gap + 2)
                }
            }
        }
        #expect(state.identities.count < 200)
    }

    @Test func aForgottenUserHasNoTraceAndOthersStay() throws {
        let definitions = try definitions()
        var state = state(log(300, key: RandomKey(seed: 6)), definitions)
        let before = requests(at: start + 21 * day).map { state.features($0, ItemTable()) }
        let wasThere = [state.forget(user: "u1"), state.forget(user: "u1")]
        #expect(wasThere == [true, false])
        let after = requests(at: start + 21 * day).map { state.features($0, ItemTable()) }
        #expect(after[0] == before[0])
        #expect(after[1] != before[1])
        var nobody = requests(at: start + 21 * day)[1]
        nobody.user = "never seen"
        #expect(after[1] == state.features(nobody, ItemTable()))
    }
}
