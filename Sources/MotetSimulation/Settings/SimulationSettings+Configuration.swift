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
        rows = reader.integer("rows", default: rows, in: .between(1, Self.mostRows))
        days = reader.integer("days", default: days, in: .between(1, 3660))
        start = reader.string("start", default: start)
        users = reader.integer("users", default: users, in: .between(1, Self.mostCodes))
        items = reader.integer("items", default: items, in: .between(1, Self.mostCodes))
        categories = reader.integer(
            "categories",
            default: categories,
            in: .between(1, Self.mostCodes)
        )
        sellers = reader.integer("sellers", default: sellers, in: .between(1, Self.mostCodes))
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
        drift = reader.number("drift", default: drift, in: .between(0, 1))
        reader.section(orEmpty: "scenario") { readScenario($0) }
        reader.section(orEmpty: "latents") { readLatents($0) }
        reader.section(orEmpty: "tasks") { readTasks($0) }
        reader.section(orEmpty: "sparsity") { sparsity in
            self.sparsity.users = sparsity.number(
                "users",
                default: self.sparsity.users,
                in: .between(0, 5)
            )
            self.sparsity.items = sparsity.number(
                "items",
                default: self.sparsity.items,
                in: .between(0, 5)
            )
        }
        reader.section(orEmpty: "selection") { readSelection($0) }
        reader.section(orEmpty: "delays") { readDelays($0) }
        reader.section(orEmpty: "missing") { readMissing($0) }
        reader.section(orEmpty: "fraud") { readFraud($0) }
        reader.section(orEmpty: "reviews") { reviews in
            self.reviews.rate = reviews.number("rate", default: self.reviews.rate, in: .share)
        }
        reader.section(orEmpty: "prices") { readPrices($0) }
        reader.section(orEmpty: "demand") { readDemand($0) }
        reader.section(orEmpty: "calendar") { readCalendar($0) }
        reader.section(orEmpty: "ads") { readAds($0) }
    }

    private mutating func readScenario(_ reader: ConfigurationReader) {
        scenario.similarity = reader.number("similarity", default: scenario.similarity, in: .share)
        scenario.spread = reader.number("spread", default: scenario.spread, in: .between(0, 5))
    }

    private mutating func readLatents(_ reader: ConfigurationReader) {
        latents.dimension = reader.integer(
            "dimension",
            default: latents.dimension,
            in: .between(4, 64)
        )
        latents.facets = reader.integer("facets", default: latents.facets, in: .between(1, 16))
        latents.nonlinearity = reader.number(
            "nonlinearity",
            default: latents.nonlinearity,
            in: .between(0, 10)
        )
        latents.featureNoise = reader.number(
            "feature_noise",
            default: latents.featureNoise,
            in: .share
        )
        latents.affinity = reader.number("affinity", default: latents.affinity, in: .between(0, 10))
    }

    private mutating func readTasks(_ reader: ConfigurationReader) {
        tasks.correlation = reader.number(
            "correlation",
            default: tasks.correlation,
            in: .between(-1, 1)
        )
        tasks.strength = reader.number("strength", default: tasks.strength, in: .between(0, 10))
        func rate(_ key: String, _ fallback: Double) -> Double {
            reader.number(key, default: fallback, in: .between(1e-6, 1 - 1e-6))
        }
        tasks.clickRate = rate("click_rate", tasks.clickRate)
        tasks.cartRate = rate("cart_rate", tasks.cartRate)
        tasks.payRate = rate("pay_rate", tasks.payRate)
        tasks.returnRate = rate("return_rate", tasks.returnRate)
    }

    private mutating func readSelection(_ reader: ConfigurationReader) {
        selection.observed = reader.number(
            "observed",
            default: selection.observed,
            in: .between(0, 10)
        )
        selection.hidden = reader.number("hidden", default: selection.hidden, in: .between(0, 10))
        selection.position = reader.number(
            "position",
            default: selection.position,
            in: .between(0, 10)
        )
    }

    private mutating func readDelays(_ reader: ConfigurationReader) {
        func hours(_ key: String, _ fallback: Double) -> Double {
            reader.number(key, default: fallback, in: .between(0, 100_000))
        }
        delays.payHours = hours("pay_hours", delays.payHours)
        delays.returnHours = hours("return_hours", delays.returnHours)
        delays.cutoffHours = hours("cutoff_hours", delays.cutoffHours)
    }

    private mutating func readMissing(_ reader: ConfigurationReader) {
        missing.click = reader.number("click", default: missing.click, in: .share)
        missing.cart = reader.number("cart", default: missing.cart, in: .share)
        missing.pay = reader.number("pay", default: missing.pay, in: .share)
        missing.returned = reader.number("returned", default: missing.returned, in: .share)
    }

    private mutating func readFraud(_ reader: ConfigurationReader) {
        func share(_ key: String, _ fallback: Double) -> Double {
            reader.number(key, default: fallback, in: .share)
        }
        fraud.ringAccounts = share("ring_accounts", fraud.ringAccounts)
        fraud.ringSize = reader.integer("ring_size", default: fraud.ringSize, in: .between(2, 1000))
        fraud.periodDays = reader.integer("period_days", default: fraud.periodDays, in: .atLeast(1))
        fraud.activeDays = reader.integer("active_days", default: fraud.activeDays, in: .atLeast(1))
        fraud.fakeOrderRate = share("fake_order_rate", fraud.fakeOrderRate)
        fraud.fakeReviewRate = share("fake_review_rate", fraud.fakeReviewRate)
        fraud.reported = share("reported", fraud.reported)
        fraud.falseReports = share("false_reports", fraud.falseReports)
    }

    private mutating func readPrices(_ reader: ConfigurationReader) {
        prices.elasticity = reader.number(
            "elasticity",
            default: prices.elasticity,
            in: .between(-10, 0)
        )
        func number(_ key: String, _ fallback: Double, _ most: Double) -> Double {
            reader.number(key, default: fallback, in: .between(0, most))
        }
        prices.elasticitySpread = number("elasticity_spread", prices.elasticitySpread, 2)
        prices.endogeneity = number("endogeneity", prices.endogeneity, 5)
        prices.variation = number("variation", prices.variation, 2)
        prices.shock = number("shock", prices.shock, 2)
        prices.shockMemory = reader.number(
            "shock_memory",
            default: prices.shockMemory,
            in: .from(0, below: 1)
        )
        prices.promotions = number("promotions", prices.promotions, 1)
        prices.discount = reader.number(
            "discount",
            default: prices.discount,
            in: .from(0, below: 1)
        )
    }

    private mutating func readDemand(_ reader: ConfigurationReader) {
        demand.units = reader.number("units", default: demand.units, in: .between(0, 1e6))
        demand.stockCover = reader.number(
            "stock_cover",
            default: demand.stockCover,
            in: .between(0, 1000)
        )
        demand.restockDays = reader.integer(
            "restock_days",
            default: demand.restockDays,
            in: .atLeast(1)
        )
    }

    private mutating func readCalendar(_ reader: ConfigurationReader) {
        calendar.weekend = reader.number("weekend", default: calendar.weekend, in: .between(-3, 3))
        calendar.season = reader.number("season", default: calendar.season, in: .between(0, 3))
        calendar.holidays = reader.integers("holidays", default: calendar.holidays)
        calendar.holidayLift = reader.number(
            "holiday_lift",
            default: calendar.holidayLift,
            in: .between(-3, 3)
        )
    }

    private mutating func readAds(_ reader: ConfigurationReader) {
        ads.share = reader.number("share", default: ads.share, in: .share)
        ads.items = reader.number("items", default: ads.items, in: .share)
        ads.competition = reader.number("competition", default: ads.competition, in: .above(0))
        ads.competitionSpread = reader.number(
            "competition_spread",
            default: ads.competitionSpread,
            in: .between(0, 5)
        )
        ads.leastBudget = reader.number("least_budget", default: ads.leastBudget, in: .above(0))
        ads.greatestBudget = reader.number(
            "greatest_budget",
            default: ads.greatestBudget,
            in: .above(0)
        )
    }
}

extension Bounds<Double> {
    /// From 0 to 1.
    static var share: Bounds { .between(0, 1) }
}
