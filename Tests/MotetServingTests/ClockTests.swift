import Foundation
import MotetFeatures
import Synchronization
import Testing

@testable import MotetServing

/// A clock that a test sets.
private final class SetClock: Sendable {
    private let time: Mutex<Int64>

    init(_ time: Int64) { self.time = Mutex(time) }

    var now: Int64 { time.withLock { $0 } }

    func jump(by milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}

@Suite("A clock that jumps") struct ClockTests {
    private static let hour: Int64 = 3_600_000
    private static let body =
        "{\"user\":{\"id\":\"u1\"},\"items\":[{\"id\":\"i1\",\"price\":3,\"category\":\"c1\",\"market\":\"home\"}]}"

    private func server(_ clock: SetClock) async throws -> RunningServer {
        try await RunningServer(
            try OnlineShop.shared.get(),
            { $0.features = ServingSettings.Features() },
            clock: { clock.now }
        )
    }

    /// The scores of a request, which are finite whatever the clock says.
    private func scores(_ server: RunningServer) async throws -> String {
        let reply = try await server.post("/v1/score", Self.body)
        #expect(reply.status == 200, "\(reply.text)")
        return reply.text
    }

    @Test(arguments: [1, 26, 24 * 365, -1, -26, -24 * 365])
    func scoresAndProfilesAreAnsweredMeanwhileAndTheSameAfterwards(hours: Int64) async throws {
        let start = OnlineShop.now
        let clock = SetClock(start)
        let server = try await server(clock)
        _ = try await server.send(OnlineShop.events(at: start))
        let (before, profile) = (try await scores(server), try await server.profile("u1").text)
        clock.jump(by: hours * Self.hour)
        _ = try await scores(server)
        let meanwhile = try await server.profile("u1")
        #expect(meanwhile.status == 200, "\(meanwhile.text)")
        // A question that names its time does not ask the clock.
        let timed = Self.body.replacing("{\"user\"", with: "{\"time\":\(start),\"user\"")
        #expect(try await server.post("/v1/score", timed).text == before)
        clock.jump(by: -hours * Self.hour)
        #expect(try await scores(server) == before)
        #expect(try await server.profile("u1").text == profile)
    }

    @Test func aClockAheadTakesTheEventsOfClientsThatAreRight() async throws {
        let start = OnlineShop.now
        let clock = SetClock(start)
        let server = try await server(clock)
        clock.jump(by: 26 * Self.hour)
        let counts = try await server.send(OnlineShop.events(at: start))
        #expect(counts == ["applied": 60, "duplicate": 0, "late": 0])
        clock.jump(by: -26 * Self.hour)
        // Late is told by the events' times alone: nothing became late.
        let next = OnlineShop.event("next", at: start - 1, "click")
        #expect(try await server.send([next])["applied"] == 1)
    }

    @Test func aClockBehindRefusesEventsOfItsFutureAndTakesThemLater() async throws {
        let start = OnlineShop.now
        let clock = SetClock(start)
        let server = try await server(clock)
        #expect(try await server.send([OnlineShop.event("a", at: start, "click")])["applied"] == 1)
        clock.jump(by: -Self.hour)
        let event = OnlineShop.event("b", at: start + 1, "click")
        let refused = try await server.post("/v1/events", event)
        #expect(refused.status == 400)
        let told = try refused.error()
        #expect(told.field == "time")
        #expect(told.message.contains("Check the clock"), "\(told.message)")
        clock.jump(by: Self.hour)
        #expect(try await server.send([event]) == ["applied": 1, "duplicate": 0, "late": 0])
        #expect(try await server.send([event]) == ["applied": 0, "duplicate": 1, "late": 0])
    }

    /// One client whose clock is ahead by less than is allowed makes nothing late that was in time.
    @Test func anEventOfAClientAheadMakesLateOnlyWhatIsOlderThanTheLateness() async throws {
        let start = OnlineShop.now
        let server = try await server(SetClock(start))
        let ahead = OnlineShop.event("ahead", at: start + 300_000, "click")
        #expect(try await server.send([ahead])["applied"] == 1)
        let tooFar = OnlineShop.event("far", at: start + 300_001, "click")
        #expect(try await server.post("/v1/events", tooFar).status == 400)
        let counts = try await server.send([
            OnlineShop.event("in time", at: start + 300_001 - Self.hour, "click"),
            OnlineShop.event("late", at: start + 300_000 - Self.hour, "click"),
        ])
        #expect(counts == ["applied": 1, "duplicate": 0, "late": 1])
    }
}
