import Testing

@testable import MotetData

@Suite("Times") struct TimeValueTests {
    @Test(arguments: [
        ("1970-01-01", 0.0), ("2000-03-01", 951_868_800), ("2011-12-09T12:50:00", 1_323_435_000),
        ("2011-12-09 12:50", 1_323_435_000), ("2011-12-09 12:50:00.25", 1_323_435_000.25),
        ("2011-12-09T14:50:00+02:00", 1_323_435_000), ("2011-12-09T12:50:00Z", 1_323_435_000),
        ("1969-12-31 23:59:59", -1), ("1900-02-28", -2_203_977_600), ("42.5", 42.5), ("-3", -3),
    ])
    func timesAreSeconds(text: String, seconds: Double) {
        #expect(TimeValue.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "yesterday", "2011-13-01", "2011-02-29", "2011-1-1", "2011-10-01 24:00", "2011-10-01x",
        "2011-10-01 12:00:60", "inf",
    ])
    func othersAreNot(text: String) { #expect(TimeValue.parse(text) == nil) }

    @Test(arguments: [
        "1970-01-01", "2000-02-29", "2011-12-09 12:50:07", "1969-12-31 23:59:59", "1899-03-01",
    ])
    func spellingsReadBack(text: String) throws {
        let seconds = try #require(TimeValue.parse(text))
        #expect(TimeValue.spelled(microseconds: Int64(seconds * 1e6)) == text)
    }
}
