import MotetForecasting
import Testing

@Suite("Calendar") struct CalendarTests {
    // python3 -c "import datetime as d; x=d.date(2012,2,29); print((x-d.date(1970,1,1)).days, x.isoweekday())" and so on.
    @Test(arguments: [
        ("1969-12-31", -1, 3), ("1970-01-01", 0, 4), ("2000-02-29", 11_016, 2),
        ("2010-12-01", 14_944, 3), ("2011-12-09", 15_317, 5), ("2012-02-29", 15_399, 3),
        ("2017-12-31", 17_531, 7), ("2100-03-01", 47_541, 1), ("1900-01-01", -25_567, 1),
    ])
    func agreesWithPython(text: String, number: Int, weekday: Int) throws {
        let day = try #require(CalendarDay(text))
        #expect(day.number == number)
        #expect(day.weekday == weekday)
        #expect(CalendarDay(number).description == text)
    }

    @Test(arguments: [
        "", "2011-02-29", "2011-13-01", "2011-00-10", "2011-04-31", "2011-4-1", "11-04-01",
        "2011/04/01",
        "2011-04-01 ", "2011-04-00", "+011-04-01",
    ])
    func whatIsNoDayIsNone(text: String) { #expect(CalendarDay(text) == nil) }

    @Test func everyDayReadsBack() {
        for number in stride(from: -200_000, to: 200_000, by: 37) {
            let day = CalendarDay(number)
            #expect(CalendarDay(day.description)?.number == number)
            #expect((0..<1).contains(day.shareOfYear))
        }
    }

    @Test func weeksBeginOnMonday() {
        for day in -30...30 {
            let week = SalesPeriod.week.index(ofDay: day)
            let start = SalesPeriod.week.start(week)
            #expect(start.weekday == 1)
            #expect((start.number..<start.number + 7).contains(day))
        }
    }

    @Test func timesBelongToTheDayOfTheShop() {
        #expect(SalesPeriod.day(of: -1) == -1)
        #expect(SalesPeriod.day(of: 86_399_999) == 0)
        #expect(SalesPeriod.day(of: 86_400_000) == 1)
        // One hour east of Greenwich the next day has begun.
        #expect(SalesPeriod.day(of: 86_399_999, offset: 3_600_000) == 1)
        #expect(SalesPeriod.day(of: 0, offset: -3_600_000) == -1)
    }
}
