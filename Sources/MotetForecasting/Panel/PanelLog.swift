public import MotetData
import MotetDecisions
import MotetFeatures

/// Adds up the rows of a log to what was sold of each item in each period.
public struct PanelLog {
    /// What became of the rows.
    public struct Report: Hashable, Sendable {
        /// All rows.
        public var rows = 0
        /// Rows that filters left out.
        public var filtered = 0
        /// Rows with negative units that were passed over.
        public var negative = 0
        /// Rows that are not as they should be, and were passed over.
        public var invalid = 0
        /// Items of periods before the first or after the last whole one.
        public var outside = 0
    }

    private struct Key: Hashable {
        var item: Int32
        var period: Int32
    }

    private struct Sum {
        var units = UnitCount.zero
        var priced = 0.0
        var revenue = 0.0
        var latest = Int64.min
        var category: Int32 = 0
    }

    /// A row that counts.
    private struct Row {
        var item: String
        var category: String
        var time: Int64
        var units: UnitCount
        var price: Double?
    }

    private let settings: PanelSettings
    private let now: Int64
    private let offset: Int64
    private let names = NameReader()
    private var items = NameNumbers()
    private var categories = NameNumbers()
    private var sums: [Key: Sum] = [:]
    private var days: (first: Int, last: Int)?
    /// What became of the rows so far.
    public private(set) var report = Report()

    /// Starts without a row.
    ///
    /// - Parameters:
    ///   - settings: which column is what.
    ///   - now: the time now, in milliseconds since 1970: nothing was sold after it.
    public init(_ settings: PanelSettings, now: Int64) {
        self.settings = settings
        self.now = now
        offset = Int64((settings.offsetHours * 3_600_000).rounded())
    }

    /// Reads a log.
    ///
    /// - Parameter source: where it is.
    /// - Throws: `TableError` where it cannot be read, ``ForecastError`` for the first row that is not as it should be, unless
    ///   such are passed over.
    public mutating func add(_ source: TableSource) throws {
        let wanted =
            [settings.time, settings.item]
            + [settings.category, settings.units, settings.price, settings.amount].compactMap(
                \.self
            )
            + (settings.keep + settings.exclude).map(\.column)
        var seen: Set<String> = []
        let reader = try source.reader(of: wanted.filter { seen.insert($0).inserted })
        while let batch = try reader.next() { try add(batch, reader) }
    }

    private mutating func add(_ batch: RecordBatch, _ reader: TableReader) throws {
        let times = try times(batch.column(settings.time), settings.unit)
        let items = try names.names(batch.column(settings.item))
        func values(_ name: String?) throws -> [Double]? {
            try name.map { try numbers(batch.column($0)) }
        }
        let categories = try settings.category.map { try names.names(batch.column($0)) }
        let (units, prices) = (try values(settings.units), try values(settings.price))
        let amounts = try values(settings.amount)
        let isKept = try kept(batch)
        report.rows += batch.rowCount
        for row in 0..<batch.rowCount {
            guard isKept[row] else {
                report.filtered += 1
                continue
            }
            cover(times[row])
            do throws(ForecastError) {
                let own = units?[row] ?? 1
                if own < 0, settings.negativeUnits == .skip {
                    report.negative += 1
                    continue
                }
                let made = try self.row(
                    times[row],
                    items[row],
                    categories.map { $0[row] ?? "unknown" },
                    own,
                    prices?[row] ?? amounts.map { $0[row] / own }
                )
                try add(made)
            } catch {
                guard settings.invalid == .error, error.code != .forecastOverflow else {
                    if error.code == .forecastOverflow { throw error }
                    report.invalid += 1
                    continue
                }
                throw ForecastError(
                    error.code,
                    "\(reader.place(ofRow: row, in: batch)): \(error.description) Set `invalid: skip` to pass over "
                        + "such rows."
                )
            }
        }
    }

    /// Takes a day as one that the log covers: something happened on it, if only that goods came back.
    private mutating func cover(_ time: Int64?) {
        guard let time, time <= now, (-Self.latest...Self.latest).contains(time) else { return }
        let day = SalesPeriod.day(of: time, offset: offset)
        days = days.map { (min($0.first, day), max($0.last, day)) } ?? (day, day)
    }

    /// The year 2100.
    private static let latest: Int64 = 4_102_444_800_000

    /// Which rows of a batch the filters let through.
    private func kept(_ batch: RecordBatch) throws -> [Bool] {
        var kept = [Bool](repeating: true, count: batch.rowCount)
        for (filters, isKept) in [(settings.keep, true), (settings.exclude, false)] {
            for filter in filters {
                var known: [String: Bool] = [:]
                let texts = try names.names(batch.column(filter.column))
                for (row, text) in texts.enumerated() where kept[row] {
                    let text = text ?? ""
                    let fits = known[text] ?? filter.patterns.contains { $0.matches(text) }
                    known[text] = fits
                    if fits != isKept { kept[row] = false }
                }
            }
        }
        return kept
    }

    private func row(
        _ time: Int64?,
        _ item: String?,
        _ category: String?,
        _ units: Double,
        _ price: Double?
    ) throws(ForecastError) -> Row {
        func wrong(_ column: String, _ problem: String) -> ForecastError {
            ForecastError(.salesPanel, "column \"\(column)\": \(problem)")
        }
        guard let time, (-Self.latest...Self.latest).contains(time) else {
            throw wrong(settings.time, "no time; expected one before the year 2100.")
        }
        guard time <= now else {
            throw wrong(
                settings.time,
                "a time in the future; expected at most \(now) milliseconds; received \(time)."
            )
        }
        guard let item else { throw wrong(settings.item, "no item; expected a name.") }
        guard let count = UnitCount(units) else {
            throw wrong(
                settings.units ?? settings.item,
                "no number of units; expected at most \(UnitCount.greatest); received \(units)."
            )
        }
        var known = price
        if units == 0 || price?.isNaN == true { known = nil }
        if let known, known < 0 || known > UnitCount.greatest {
            throw wrong(
                settings.price ?? settings.amount ?? "",
                "a price out of range; expected from 0 to \(UnitCount.greatest); received \(known)."
            )
        }
        return Row(
            item: item,
            category: category ?? String(item.prefix(settings.categoryCharacters)),
            time: time,
            units: count,
            price: known
        )
    }

    private mutating func add(_ row: Row) throws(ForecastError) {
        let day = SalesPeriod.day(of: row.time, offset: offset)
        let key = Key(
            item: items.number(row.item),
            period: Int32(settings.period.index(ofDay: day))
        )
        var sum = sums[key] ?? Sum()
        sum.units = try sum.units.adding(row.units)
        if let price = row.price, price > 0, row.units > .zero {
            sum.priced += row.units.units
            sum.revenue += row.units.units * price
        }
        if row.time >= sum.latest {
            sum.latest = row.time
            sum.category = categories.number(row.category)
        }
        sums[key] = sum
    }

    /// The panel of the rows.
    ///
    /// A period counts where the log covers its days from the first to the last: a week that the log begins or ends within is
    /// none. `from` and `until` say otherwise, for shops that are closed on the days at its ends.
    ///
    /// - Returns: the sales, and the numbers of the first and last periods.
    /// - Throws: ``ForecastError`` where no whole period is left.
    public mutating func finish() throws(ForecastError) -> (
        lines: [SalesLine], first: Int, last: Int
    ) {
        guard let days else {
            throw ForecastError(
                .salesPanel,
                "panel: no row of the log counts; expected at least one; received \(report.rows) rows, \(report.filtered) "
                    + "of them left out by filters, \(report.invalid) passed over."
            )
        }
        let period = settings.period
        let first = period.index(ofDay: settings.from?.number ?? days.first + period.days - 1)
        let last = period.index(ofDay: settings.until?.number ?? days.last - period.days + 1)
        guard first <= last else {
            throw ForecastError(
                .salesPanel,
                "panel: the log has no whole \(period.rawValue); expected one from its first to its last day; received "
                    + "\(CalendarDay(days.first)) to \(CalendarDay(days.last))."
            )
        }
        var lines: [SalesLine] = []
        for (key, sum) in sums {
            guard (first...last).contains(Int(key.period)) else {
                report.outside += 1
                continue
            }
            lines.append(
                SalesLine(
                    item: items.names[Int(key.item)],
                    category: categories.names[Int(sum.category)],
                    period: Int(key.period),
                    units: max(.zero, sum.units),
                    price: sum.priced > 0 ? sum.revenue / sum.priced : nil
                )
            )
        }
        return (lines.sorted { ($0.item, $0.period) < ($1.item, $1.period) }, first, last)
    }
}

/// Names and their numbers, in the order in which they came.
private struct NameNumbers {
    private(set) var names: [String] = []
    private var numbers: [String: Int32] = [:]

    mutating func number(_ name: String) -> Int32 {
        if let known = numbers[name] { return known }
        let number = Int32(names.count)
        numbers[name] = number
        names.append(name)
        return number
    }
}
