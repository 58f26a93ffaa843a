import MotetCore

/// When rows happen: hours of days, weekends, the year and holidays.
///
/// The intensity of hour `h` of day `d` is `c(d) (1 + 0.6 sin(2 pi (h - 9) / 24))`, which is lowest at 3 and
/// highest at 15, with the calendar `c`.
struct Traffic: Sendable {
    /// What part of all rows has happened before each hour; one more than there are hours.
    private let shares: [Double]
    /// `log c(d)` of each day.
    let logCalendar: [Double]
    /// The weekday of each day, 0 for Monday.
    let weekdays: [Int32]
    /// The first second of the log since 1970.
    let start: Int64

    init(_ settings: SimulationSettings) {
        let calendar = settings.calendar
        let first = settings.firstDay
        let holidays = Set(calendar.holidays)
        // 1970-01-01 was a Thursday.
        weekdays = (0..<settings.days).map { Int32((first + $0 + 3) % 7) }
        let weekdays = weekdays
        logCalendar = (0..<settings.days).map { day in
            (weekdays[day] >= 5 ? calendar.weekend : 0)
                + calendar.season * sine(2 * Double.pi * Double(first + day) / 365.25)
                + (holidays.contains(day) ? calendar.holidayLift : 0)
        }
        start = Int64(first) * 86_400
        var (shares, sum) = ([0.0], 0.0)
        for day in 0..<settings.days {
            for hour in 0..<24 {
                let wave = 1 + 0.6 * sine(2 * Double.pi * Double(hour - 9) / 24)
                sum += exponential(logCalendar[day]) * wave
                shares.append(sum)
            }
        }
        self.shares = shares.map { $0 / sum }
    }

    /// A moment of the log.
    struct Moment {
        /// Hours since the start.
        var hours: Double
        /// The day from 0.
        var day: Int
        /// What part of the day's rows has happened before.
        var shareOfDay: Double
    }

    /// The moment before which a part of all rows has happened.
    ///
    /// - Parameters:
    ///   - share: the part, in `[0, 1)`.
    ///   - hint: the hour where the search begins, which moves on; rows come in order.
    /// - Returns: the moment.
    func moment(_ share: Double, from hint: inout Int) -> Moment {
        while hint + 2 < shares.count, shares[hint + 1] <= share { hint += 1 }
        let within = (share - shares[hint]) / (shares[hint + 1] - shares[hint])
        let day = hint / 24
        let (morning, night) = (shares[day * 24], shares[day * 24 + 24])
        return Moment(
            hours: Double(hint) + min(max(within, 0), 1),
            day: day,
            shareOfDay: min(max((share - morning) / (night - morning), 0), 1)
        )
    }

    /// The hour before which a part of all rows has happened.
    func hour(_ share: Double) -> Int {
        var (low, high) = (0, shares.count - 2)
        while low < high {
            let middle = (low + high + 1) / 2
            if shares[middle] <= share { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
