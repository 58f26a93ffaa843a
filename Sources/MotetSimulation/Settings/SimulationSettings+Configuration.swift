public import Foundation
import MotetConfiguration
import MotetCore

extension SimulationSettings {
    /// Reads a simulation from a YAML file.
    ///
    /// - Parameters:
    ///   - url: the file.
    ///   - change: what is said elsewhere, such as on the command line; it is checked with the rest.
    /// - Throws: `ConfigurationError` with every mistake of the file, or ``SimulationError``.
    public init(
        contentsOf url: URL,
        _ change: (inout SimulationSettings) -> Void = { _ in }
    ) throws {
        self = try ConfigurationDocument(contentsOf: url).read { SimulationSettings($0) }
        change(&self)
        try check()
    }

    /// Reads the keys of a simulation; ``check()`` tells whether they go together.
    init(_ reader: ConfigurationReader) {
        self.init()
        name = reader.string("name", default: name)
        seed = UInt64(reader.integer("seed", default: Int(seed), in: .atLeast(0)))
        count(reader, "rows", \.rows, in: .between(1, Self.mostRows))
        count(reader, "days", \.days, in: .between(1, 3660))
        start = reader.string("start", default: start)
        for (key, path) in [
            ("users", \Self.users), ("items", \.items), ("categories", \.categories),
            ("sellers", \.sellers),
        ] { count(reader, key, path, in: .between(1, Self.mostCodes)) }
        scenarios = reader.strings(
            "scenarios",
            default: scenarios,
            count: .between(1, Self.mostScenarios),
            allowsOne: true
        )
        scenarioShares = reader.numbers(
            "scenario_shares",
            default: scenarioShares,
            in: .above(0)
        )
        number(reader, "drift", \.drift, in: .share)
        readTastes(reader)
        readSelection(reader)
        readFraud(reader)
        readMarket(reader)
        readAds(reader)
    }

    private mutating func number(
        _ reader: ConfigurationReader,
        _ key: String,
        _ path: WritableKeyPath<Self, Double>,
        in bounds: Bounds<Double>
    ) {
        self[keyPath: path] = reader.number(key, default: self[keyPath: path], in: bounds)
    }

    private mutating func count(
        _ reader: ConfigurationReader,
        _ key: String,
        _ path: WritableKeyPath<Self, Int>,
        in bounds: Bounds<Int>
    ) {
        self[keyPath: path] = reader.integer(key, default: self[keyPath: path], in: bounds)
    }

    private mutating func readTastes(_ reader: ConfigurationReader) {
        reader.section(orEmpty: "scenario") { scenario in
            number(scenario, "similarity", \.scenario.similarity, in: .share)
            number(scenario, "spread", \.scenario.spread, in: .between(0, 5))
        }
        reader.section(orEmpty: "latents") { latents in
            count(latents, "dimension", \.latents.dimension, in: .between(4, 64))
            count(latents, "facets", \.latents.facets, in: .between(1, 16))
            number(latents, "nonlinearity", \.latents.nonlinearity, in: .between(0, 10))
            number(latents, "feature_noise", \.latents.featureNoise, in: .share)
            number(latents, "affinity", \.latents.affinity, in: .between(0, 10))
        }
        reader.section(orEmpty: "tasks") { tasks in
            number(tasks, "correlation", \.tasks.correlation, in: .between(-1, 1))
            number(tasks, "strength", \.tasks.strength, in: .between(0, 10))
            let rates = Bounds.between(1e-6, 1 - 1e-6)
            number(tasks, "click_rate", \.tasks.clickRate, in: rates)
            number(tasks, "cart_rate", \.tasks.cartRate, in: rates)
            number(tasks, "pay_rate", \.tasks.payRate, in: rates)
            number(tasks, "return_rate", \.tasks.returnRate, in: rates)
        }
        reader.section(orEmpty: "sparsity") { sparsity in
            number(sparsity, "users", \.sparsity.users, in: .between(0, 5))
            number(sparsity, "items", \.sparsity.items, in: .between(0, 5))
        }
    }

    private mutating func readSelection(_ reader: ConfigurationReader) {
        reader.section(orEmpty: "selection") { selection in
            number(selection, "observed", \.selection.observed, in: .between(0, 10))
            number(selection, "hidden", \.selection.hidden, in: .between(0, 10))
            number(selection, "position", \.selection.position, in: .between(0, 10))
        }
        reader.section(orEmpty: "delays") { delays in
            number(delays, "pay_hours", \.delays.payHours, in: .between(0, 100_000))
            number(delays, "return_hours", \.delays.returnHours, in: .between(0, 100_000))
            number(delays, "cutoff_hours", \.delays.cutoffHours, in: .between(0, 100_000))
        }
        reader.section(orEmpty: "missing") { missing in
            number(missing, "click", \.missing.click, in: .share)
            number(missing, "cart", \.missing.cart, in: .share)
            number(missing, "pay", \.missing.pay, in: .share)
            number(missing, "returned", \.missing.returned, in: .share)
        }
    }

    private mutating func readFraud(_ reader: ConfigurationReader) {
        reader.section(orEmpty: "fraud") { fraud in
            number(fraud, "ring_accounts", \.fraud.ringAccounts, in: .share)
            count(fraud, "ring_size", \.fraud.ringSize, in: .between(2, 1000))
            count(fraud, "period_days", \.fraud.periodDays, in: .atLeast(1))
            count(fraud, "active_days", \.fraud.activeDays, in: .atLeast(1))
            number(fraud, "fake_order_rate", \.fraud.fakeOrderRate, in: .share)
            number(fraud, "fake_review_rate", \.fraud.fakeReviewRate, in: .share)
            number(fraud, "reported", \.fraud.reported, in: .share)
            number(fraud, "false_reports", \.fraud.falseReports, in: .share)
        }
        reader.section(orEmpty: "reviews") { number($0, "rate", \.reviews.rate, in: .share) }
    }

    private mutating func readMarket(_ reader: ConfigurationReader) {
        reader.section(orEmpty: "prices") { prices in
            number(prices, "elasticity", \.prices.elasticity, in: .between(-10, 0))
            number(prices, "elasticity_spread", \.prices.elasticitySpread, in: .between(0, 2))
            number(prices, "endogeneity", \.prices.endogeneity, in: .between(0, 5))
            number(prices, "variation", \.prices.variation, in: .between(0, 2))
            number(prices, "shock", \.prices.shock, in: .between(0, 2))
            number(prices, "shock_memory", \.prices.shockMemory, in: .from(0, below: 1))
            number(prices, "promotions", \.prices.promotions, in: .share)
            number(prices, "discount", \.prices.discount, in: .from(0, below: 1))
        }
        reader.section(orEmpty: "demand") { demand in
            number(demand, "units", \.demand.units, in: .between(0, 1e6))
            number(demand, "stock_cover", \.demand.stockCover, in: .between(0, 1000))
            count(demand, "restock_days", \.demand.restockDays, in: .atLeast(1))
        }
        reader.section(orEmpty: "calendar") { calendar in
            number(calendar, "weekend", \.calendar.weekend, in: .between(-3, 3))
            number(calendar, "season", \.calendar.season, in: .between(0, 3))
            self.calendar.holidays = calendar.integers(
                "holidays",
                default: self.calendar.holidays
            )
            number(calendar, "holiday_lift", \.calendar.holidayLift, in: .between(-3, 3))
        }
    }

    private mutating func readAds(_ reader: ConfigurationReader) {
        reader.section(orEmpty: "ads") { ads in
            number(ads, "share", \.ads.share, in: .share)
            number(ads, "items", \.ads.items, in: .share)
            number(ads, "competition", \.ads.competition, in: .above(0))
            number(ads, "competition_spread", \.ads.competitionSpread, in: .between(0, 5))
            number(ads, "least_budget", \.ads.leastBudget, in: .above(0))
            number(ads, "greatest_budget", \.ads.greatestBudget, in: .above(0))
        }
    }
}

extension Bounds<Double> {
    /// From 0 to 1.
    fileprivate static var share: Bounds { .between(0, 1) }
}
