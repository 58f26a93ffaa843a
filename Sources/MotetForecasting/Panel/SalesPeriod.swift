/// How long a period of sales is: what is forecast is the demand of whole periods.
public enum SalesPeriod: String, CaseIterable, Codable, Hashable, Sendable {
    /// A day.
    case day
    /// A week from Monday to Sunday.
    case week

    /// Its days.
    public var days: Int { self == .day ? 1 : 7 }

    /// The period that a day is in.
    ///
    /// - Parameter day: days since 1970-01-01, a Thursday.
    /// - Returns: the number of the period.
    public func index(ofDay day: Int) -> Int {
        guard self == .week else { return day }
        let days = day + 3
        return (days >= 0 ? days : days - 6) / 7
    }

    /// The period that a time is in.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970.
    ///   - offset: milliseconds that the shop's clock is ahead of UTC.
    /// - Returns: the number of the period.
    public func index(of time: Int64, offset: Int64 = 0) -> Int {
        index(ofDay: Self.day(of: time, offset: offset))
    }

    /// The day that a time is in, as days since 1970-01-01.
    public static func day(of time: Int64, offset: Int64 = 0) -> Int {
        let length: Int64 = 86_400_000
        let local = time + offset
        return Int((local >= 0 ? local : local - length + 1) / length)
    }

    /// The first day of a period.
    public func start(_ index: Int) -> CalendarDay {
        CalendarDay(self == .day ? index : index * 7 - 3)
    }

    /// The periods after which sales are alike: a week of days, a year of weeks.
    public var season: Int { self == .day ? 7 : 52 }
}

/// What a series of sales is of.
public enum SalesLevel: String, CaseIterable, Codable, Hashable, Sendable {
    /// Everything.
    case total
    /// A category of items.
    case category
    /// An item.
    case item
}
