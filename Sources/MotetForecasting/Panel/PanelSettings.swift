import MotetConfiguration
public import Foundation
public import MotetDecisions
public import MotetFeatures

/// Which log is made into a panel of sales, and which rows of it models learn from.
public struct PanelSettings: Hashable, Sendable {
    /// What is done with negative units: goods that came back, or orders that were cancelled.
    public enum NegativeUnits: String, CaseIterable, Hashable, Sendable {
        /// They are passed over: demand is what was asked for.
        case skip
        /// They are taken off the period they stand in, down to 0.
        case subtract
    }

    /// What is done with a row of the log that is not as it should be.
    public enum InvalidRows: String, CaseIterable, Hashable, Sendable {
        /// The command stops and names the row.
        case error
        /// The row is passed over and counted.
        case skip
    }

    /// A column whose texts decide which rows of the log count.
    public struct Filter: Hashable, Sendable {
        /// The column.
        public var column: String
        /// Forms of its texts, one of which must fit.
        public var patterns: [TextPattern]
    }

    /// Prices that were planned, with the days on which they were announced.
    public struct Plans: Hashable, Sendable {
        /// The files of the table.
        public var files: [String]
        /// The columns of the item, the price, the first and the last day it holds, and the day it was announced.
        public var item, price, from, until, announced: String
        /// How the columns write times.
        public var unit: TimeUnit
    }

    /// How long a period is.
    public var period: SalesPeriod
    /// The column of the time of a row, and how it writes times.
    public var time: String
    /// How the column writes times.
    public var unit: TimeUnit
    /// Hours that the shop's clock is ahead of the log's.
    public var offsetHours: Double
    /// The column of the item.
    public var item: String
    /// The column of the category; nil where the item's first characters are it.
    public var category: String?
    /// How many first characters of the item are its category; 0 with a column.
    public var categoryCharacters: Int
    /// The column of the units; nil where every row is one.
    public var units: String?
    /// The column of a unit's price.
    public var price: String?
    /// The column of the price of all units of the row.
    public var amount: String?
    /// What is done with negative units.
    public var negativeUnits: NegativeUnits
    /// What is done with rows that are not as they should be.
    public var invalid: InvalidRows
    /// Rows must pass all of these.
    public var keep: [Filter]
    /// Rows that any of these fits are left out.
    public var exclude: [Filter]
    /// The first day; nil for the first whole period of the log.
    public var from: CalendarDay?
    /// The last day; nil for that of the last whole period of the log.
    public var until: CalendarDay?
    /// How many periods ahead is forecast.
    public var horizon: Int
    /// How many periods are known before the first row.
    public var history: Int
    /// How many periods before the test are for validation.
    public var validation: Int
    /// How many last periods are for the test.
    public var test: Int
    /// Rows of training are of every so many origins.
    public var every: Int
    /// Prices that were planned; nil where none are known.
    public var plans: Plans?

    /// Reads settings from a YAML file with the section `panel`.
    ///
    /// - Parameter url: the file; the paths in it are relative to its folder.
    /// - Throws: `ConfigurationError` with every mistake of the file.
    public init(contentsOf url: URL) throws {
        let document = try ConfigurationDocument(contentsOf: url)
        self = try document.read { reader in reader.section("panel") { PanelSettings($0) } }
        let folder = url.deletingLastPathComponent().path
        if let files = plans?.files {
            plans?.files = files.map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
        }
    }

    /// Reads the keys of the section.
    init(_ reader: ConfigurationReader) {
        period = reader.choice("period", as: SalesPeriod.self)
        time = reader.string("time", default: "time")
        unit = reader.choice("unit", default: TimeUnit.milliseconds)
        offsetHours = reader.number("utc_offset", default: 0, in: .between(-14, 14))
        item = reader.string("item", default: "item")
        category = reader.string(ifPresent: "category")
        categoryCharacters = reader.integer("category_characters", default: 0, in: .between(0, 64))
        if (category == nil) == (categoryCharacters == 0) {
            reader.fail(
                "category",
                "the category of an item comes from one place; expected `category` with a column, or "
                    + "`category_characters` with a number of the item's first characters; received "
                    + (category == nil ? "neither." : "both.")
            )
        }
        units = reader.string(ifPresent: "units")
        price = reader.string(ifPresent: "price")
        amount = reader.string(ifPresent: "amount")
        if price != nil, amount != nil {
            reader.fail("amount", "stands beside `price`; expected one of them.")
        }
        negativeUnits = reader.choice("negative_units", default: NegativeUnits.skip)
        invalid = reader.choice("invalid", default: InvalidRows.error)
        keep = Self.filters(reader, "keep")
        exclude = Self.filters(reader, "exclude")
        from = Self.day(reader, "from")
        until = Self.day(reader, "until")
        horizon = reader.integer("horizon", in: .between(1, Self.mostHorizon))
        let isWeek = period == .week
        history = reader.integer("history", default: isWeek ? 8 : 28, in: .between(1, 5_000))
        validation = reader.integer("validation", in: .between(1, 5_000))
        test = reader.integer("test", in: .between(1, 5_000))
        every = reader.integer("every", default: 1, in: .between(1, 365))
        plans = reader.section(ifPresent: "planned_prices") { plans in
            Plans(
                files: plans.strings("files", count: .atLeast(1), allowsOne: true),
                item: plans.string("item", default: "item"),
                price: plans.string("price", default: "price"),
                from: plans.string("from", default: "from"),
                until: plans.string("until", default: "until"),
                announced: plans.string("announced"),
                unit: plans.choice("unit", default: TimeUnit.milliseconds)
            )
        }
        checkDays(reader)
    }

    /// The farthest horizon of a panel.
    public static let mostHorizon = 365

    private func checkDays(_ reader: ConfigurationReader) {
        if let from, period.start(period.index(ofDay: from.number)) != from {
            reader.fail(
                "from",
                "a period does not begin on this day; expected a Monday; received \(from)."
            )
        }
        if let until, period.index(ofDay: until.number) == period.index(ofDay: until.number + 1) {
            reader.fail(
                "until",
                "a period does not end with this day; expected a Sunday; received \(until)."
            )
        }
        if let from, let until, from.number > until.number {
            reader.fail(
                "until",
                "before `from`; expected a later day than \(from); received \(until)."
            )
        }
    }

    private static func filters(_ reader: ConfigurationReader, _ key: String) -> [Filter] {
        reader.list(ifPresent: key) { value in
            value.section { filter in
                let column = filter.string("column")
                let texts = filter.strings("like", count: .atLeast(1), allowsOne: true)
                var patterns: [TextPattern] = []
                for text in texts {
                    do throws(DecisionError) { patterns.append(try TextPattern(text)) } catch {
                        filter.fail("like", error.description)
                    }
                }
                return Filter(column: column, patterns: patterns)
            }
        } ?? []
    }

    private static func day(_ reader: ConfigurationReader, _ key: String) -> CalendarDay? {
        reader.parsed(ifPresent: key) { text throws(ForecastError) in
            guard let day = CalendarDay(text) else {
                throw ForecastError(
                    .salesPanel,
                    "no day of the calendar; expected one such as 2011-12-09; received \"\(text)\"."
                )
            }
            return day
        }
    }
}
