import Testing

@testable import MotetFeatures

@Suite("Window of events") struct EventWindowTests {
    @Test func theFloorRisesByWholeTilesAndNeverFalls() {
        var window = EventWindow(lateness: 24_000)
        #expect(window.hop == 1_000)
        #expect(!window.isLate(0))
        let moved1 = window.advance(to: 100_500)
        #expect(moved1)
        #expect(window.floor == 76_000)
        #expect(window.isLate(76_500))
        #expect(!window.isLate(76_501))
        // Within a tile nothing is forgotten.
        let moved2 = window.advance(to: 100_999)
        #expect(!moved2)
        #expect(window.floor == 76_000)
        let moved3 = window.advance(to: 90_000)
        #expect(!moved3)
        #expect(window.newest == 100_999)
        let moved4 = window.advance(to: 101_000)
        #expect(moved4)
        #expect(window.floor == 77_000)
    }

    @Test func aRaisedLatenessKeepsTheFloorAndALoweredOneBindsAtOnce() {
        var window = EventWindow(lateness: 24_000)
        _ = window.advance(to: 100_999)
        let raised = window.kept(for: 240_000)
        #expect(raised.isLate(76_999))
        #expect(!raised.isLate(77_000))
        let lowered = window.kept(for: 1_000)
        #expect(lowered.isLate(99_999))
        #expect(!lowered.isLate(100_000))
        #expect(window.kept(for: 24_000) == window)
    }

    /// The first versions of snapshots had no floor.
    @Test func identitiesWithoutAFloorGetTheirsFromTheLateness() throws {
        var writer = ByteWriter()
        writer.write(signed: 100_500)
        writer.write(count: 1)
        writer.write(signed: 90)
        writer.write(count: 1)
        let identity = EventIdentity("a")
        writer.write(fixed: identity.high)
        writer.write(fixed: identity.low)
        var reader = ByteReader(writer.bytes[...])
        let old = try RecentIdentities(from: &reader, lateness: 24_000, hasFloor: false)
        var raised = old.kept(for: 240_000)
        #expect(raised.take(EventIdentity("forgotten"), at: 75_000) == .late)
        #expect(raised.take(identity, at: 90_100) == .duplicate)
        #expect(raised.take(EventIdentity("b"), at: 90_100) == .applied)
        var again = ByteWriter()
        raised.write(to: &again)
        var second = ByteReader(again.bytes[...])
        var read = try RecentIdentities(from: &second, lateness: 240_000, hasFloor: true)
        #expect(read.take(EventIdentity("forgotten"), at: 75_000) == .late)
        #expect(read.take(identity, at: 90_100) == .duplicate)
        #expect(second.isAtEnd)
    }
}
