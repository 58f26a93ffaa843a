import Foundation
import MotetCore
import Testing

@testable import MotetFeatures

@Suite("Profiles of users") struct ProfileTests {
    private let minute: Int64 = 60_000

    /// A store that heard of some events of one user: minutes from the start, kind, item and category.
    private func store(
        _ events: [(minute: Int64, kind: EventKind, item: String?, category: String?)],
        query: String? = nil
    ) throws -> MemoryFeatureStore {
        let store = MemoryFeatureStore(try definitions())
        let list = events.enumerated().map { index, event in
            Event(
                id: "e\(index)",
                time: start + event.minute * minute,
                kind: event.kind,
                user: "u",
                item: event.item,
                category: event.category,
                query: event.kind == .search ? query : nil
            )
        }
        // Arrived in the wrong order, which changes nothing.
        _ = store.apply(list.reversed())
        return store
    }

    private func at(_ minutes: Int64) -> Int64 { start + minutes * minute }

    @Test func nobodyHasNoProfile() throws {
        let store = try store([(0, .view, "i", "c")])
        #expect(store.profile(of: "somebody else", at: at(1)) == nil)
        #expect(store.forget(user: "u"))
        #expect(store.profile(of: "u", at: at(1)) == nil)
    }

    @Test func interestsAreDecayedAffinities() throws {
        // A fortnight is the half-life: a purchase of then weighs half of five.
        let fortnight: Int64 = 14 * 24 * 60
        let store = try store([
            (0, .purchase, "a", "shoes"), (fortnight - 60, .view, "b", "hats"),
            (fortnight - 60, .returned, "c", "bags"),
        ])
        let profile = try #require(store.profile(of: "u", at: at(fortnight)))
        #expect(profile.interests.map(\.category) == ["shoes", "hats"])
        let hats = pow(0.5, 60.0 / Double(fortnight))
        #expect(abs(profile.interests[0].affinity - 2.5) < 1e-5)
        #expect(abs(profile.interests[1].affinity - hats) < 1e-5)
        #expect(abs(profile.interests[0].share - 2.5 / (2.5 + hats)) < 1e-5)
        #expect(profile.stage == .idle)
        #expect(profile.visit == nil)
        #expect(profile.changes.isEmpty)
    }

    @Test func theVisitHasAFocusAndItems() throws {
        let store = try store(
            [
                (0, .view, "old", "hats"), (200, .search, nil, nil), (201, .view, "a", "shoes"),
                (205, .click, "b", "hats"), (210, .cart, "a", "shoes"),
                (215, .exposure, "x", "bags"),
            ],
            query: "red shoes"
        )
        let profile = try #require(store.profile(of: "u", at: at(220)))
        let visit = try #require(profile.visit)
        #expect(visit.start == at(200))
        #expect(visit.seconds == 1_200)
        #expect(visit.actions == 4)
        #expect(visit.focus == "shoes")
        #expect(visit.focusShare == 0.8)
        #expect(visit.items == ["a", "b"])
        #expect(visit.query == "red shoes")
        #expect(profile.stage == .basket)
    }

    @Test func whatIsNewInAVisitIsTold() throws {
        let day: Int64 = 24 * 60
        let store = try store([
            (0, .view, "a", "hats"), (1, .view, "b", "hats"), (2, .view, "c", "bags"),
            (day, .view, "d", "shoes"), (day + 1, .view, "e", "shoes"),
            (day + 2, .view, "f", "hats"),
        ])
        let profile = try #require(store.profile(of: "u", at: at(day + 3)))
        #expect(profile.changes.map(\.category) == ["shoes", "bags", "hats"])
        #expect(profile.changes.map(\.isNew) == [true, false, false])
        #expect(abs(profile.changes[0].visitShare - 2.0 / 3) < 1e-9)
        #expect(profile.changes[0].usualShare == 0)
        #expect(abs(profile.changes[1].usualShare - 1.0 / 3) < 1e-3)
        #expect(profile.changes[1].visitShare == 0)
    }

    /// Kinds and items of a visit, and the stage it ends in.
    private static let stages: [([(EventKind, String)], UserProfile.Stage)] = [
        ([(.view, "a"), (.click, "b")], .browsing),
        ([(.view, "a"), (.click, "b"), (.view, "a")], .considering),
        ([(.view, "a"), (.cart, "a")], .basket),
        ([(.cart, "a"), (.purchase, "a")], .bought),
        ([(.cart, "a"), (.purchase, "a"), (.view, "a")], .browsing),
        ([(.purchase, "a"), (.view, "b"), (.view, "b")], .considering),
        ([(.purchase, "a"), (.cart, "b"), (.view, "c")], .basket),
    ]

    @Test(arguments: stages.indices)
    func theStageFollowsTheLastActions(index: Int) throws {
        let (actions, stage) = Self.stages[index]
        let store = try store(
            actions.enumerated().map { (Int64($0.offset), $0.element.0, $0.element.1, "c") }
        )
        #expect(store.profile(of: "u", at: at(20))?.stage == stage)
        #expect(store.profile(of: "u", at: at(60))?.stage == .idle)
    }

    @Test func aProfileIsJSON() throws {
        let store = try store([(0, .view, "a", "shoes")])
        let profile = try #require(store.profile(of: "u", at: at(1)))
        let json = try JSONEncoder().encode(profile)
        #expect(try JSONDecoder().decode(UserProfile.self, from: json) == profile)
    }

    @Test func profilesMayBeLeftOut() throws {
        let text = everyForm.replacing(
            "lateness: 30d",
            with: "lateness: 30d\n  profile: { enabled: false }"
        )
        let store = MemoryFeatureStore(try definitions(text))
        _ = store.apply([
            Event(id: "e", time: start, kind: .view, user: "u", item: "i", category: "c")
        ])
        #expect(store.profile(of: "u", at: start + 1) == nil)
        #expect(try definitions().profile == ProfileRules())
    }
}
