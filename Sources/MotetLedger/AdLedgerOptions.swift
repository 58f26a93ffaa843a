/// What is written survives this.
public enum LedgerDurability: String, CaseIterable, Hashable, Sendable {
    /// The end of the process, however it comes.
    case process
    /// The end of the machine's power too: every commit waits for the disk.
    case power
}

/// How a ledger works.
public struct AdLedgerOptions: Hashable, Sendable {
    /// What sales and charges survive once they are acknowledged.
    public var durability = LedgerDurability.power
    /// By how many milliseconds days begin before those of UTC.
    public var dayOffset: Int64 = 0
    /// How often shares of bids are set, in milliseconds.
    public var pacingInterval: Int64 = 60_000
    /// The part of a deviation from the plan that one step corrects; 0 leaves bids as they are.
    public var pacingGain = 0.5
    /// Over how much of the plan spending is averaged.
    public var pacingMemory = 0.02
    /// The share of its bid a campaign begins its first day with.
    public var firstShare = 0.1
    /// For how many days ads can be charged after they were sold.
    public var keepDays = 7
    /// The most sales and events that may wait to be written.
    public var maximumWaiting = 10_000

    /// The defaults.
    public init() {}

    /// The number of a time's day.
    func day(of time: Int64) -> Int64 { (time + dayOffset).dividing(by: Self.dayLength) }

    /// The number of a time's day for a ledger that has begun a day before.
    ///
    /// A clock that is set back by less than a minute does not bring the day before back, whose budgets are spent.
    func day(of time: Int64, after begun: Int64) -> Int64 {
        let day = day(of: time)
        guard day < begun else { return day }
        return time + 60_000 >= begun * Self.dayLength - dayOffset ? begun : day
    }

    /// How much of its day is over at a time, from 0 to 1.
    func share(of time: Int64) -> Double {
        let begin = day(of: time) * Self.dayLength - dayOffset
        return Double(time - begin) / Double(Self.dayLength)
    }

    /// The milliseconds of a day.
    static let dayLength: Int64 = 86_400_000
}

extension Int64 {
    /// The quotient, rounded down, also of numbers below 0.
    fileprivate func dividing(by other: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: other)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
