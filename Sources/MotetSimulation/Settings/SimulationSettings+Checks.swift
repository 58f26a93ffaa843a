import MotetCore

extension SimulationSettings {
    /// The most rows of a simulation.
    public static let mostRows = 100_000_000_000
    /// The most users or items: their numbers are 32-bit integers.
    public static let mostCodes = 100_000_000
    /// The most scenarios.
    public static let mostScenarios = 1000
    /// The most days of all items together, which are held in memory.
    public static let mostItemDays = 50_000_000

    /// Checks settings that must go together.
    ///
    /// - Throws: ``SimulationError``, the first mistake.
    public func check() throws(SimulationError) {
        try checkSizes()
        try checkScenarios()
        guard Self.epochDay(of: start) != nil else {
            throw wrong("start", "is no day", "a date such as 2026-01-01", "\"\(start)\"")
        }
        guard fraud.activeDays <= fraud.periodDays else {
            throw wrong(
                "fraud.active_days",
                "is longer than a period",
                "at most \(fraud.periodDays), the `period_days`",
                "\(fraud.activeDays)"
            )
        }
        guard fraud.ringAccounts == 0 || fraud.ringSize <= users else {
            throw wrong(
                "fraud.ring_size",
                "is larger than the shop",
                "at most \(users), the `users`",
                "\(fraud.ringSize)"
            )
        }
        if let day = calendar.holidays.first(where: { !(0..<days).contains($0) }) {
            throw wrong(
                "calendar.holidays",
                "has a day outside the log",
                "numbers from 0 to \(days - 1)",
                "\(day)"
            )
        }
        guard ads.leastBudget <= ads.greatestBudget else {
            throw wrong(
                "ads.least_budget",
                "is above the greatest",
                "at most \(ads.greatestBudget), the `greatest_budget`",
                "\(ads.leastBudget)"
            )
        }
    }

    private func checkSizes() throws(SimulationError) {
        guard (1...Self.mostRows).contains(rows) else {
            throw wrong("rows", "is out of range", "from 1 to \(Self.mostRows)", "\(rows)")
        }
        let counts = [
            ("users", users), ("items", items), ("categories", categories), ("sellers", sellers),
        ]
        for (key, count) in counts where !(1...Self.mostCodes).contains(count) {
            throw wrong(key, "is out of range", "from 1 to \(Self.mostCodes)", "\(count)")
        }
        guard days >= 1, items * days <= Self.mostItemDays else {
            throw wrong(
                "days",
                "makes too many days of items",
                "at most \(Self.mostItemDays), which are `items` times `days`",
                "\(items * days)"
            )
        }
    }

    private func checkScenarios() throws(SimulationError) {
        guard !scenarios.isEmpty, Set(scenarios).count == scenarios.count,
            !scenarios.contains("")
        else {
            throw wrong(
                "scenarios",
                "has names that are empty or doubled",
                "each once",
                "\(scenarios)"
            )
        }
        guard scenarioShares.isEmpty || scenarioShares.count == scenarios.count else {
            throw wrong(
                "scenario_shares",
                "does not fit the scenarios",
                "\(scenarios.count) numbers",
                "\(scenarioShares.count)"
            )
        }
    }

    private func wrong(
        _ key: String,
        _ what: String,
        _ expected: String,
        _ received: String
    ) -> SimulationError {
        SimulationError(
            .simulationSettings,
            "simulation \"\(name)\": '\(key)' \(what); expected \(expected); received \(received)."
        )
    }

    /// The first day of the log in days since 1970-01-01.
    var firstDay: Int { Self.epochDay(of: start) ?? 0 }

    /// The days since 1970-01-01 of a date, nil where it is none.
    ///
    /// - Parameter text: `YYYY-MM-DD`, from 1970 to 9999.
    /// - Returns: the days, or nil.
    static func epochDay(of text: String) -> Int? {
        guard let match = text.wholeMatch(of: /(\d{4})-(\d{2})-(\d{2})/),
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3),
            year >= 1970, (1...12).contains(month)
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[month - 1]).contains(day) else { return nil }
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400 - 477
        return (year - 1970) * 365 + leaps + lengths[..<(month - 1)].reduce(0, +) + day - 1
    }
}
