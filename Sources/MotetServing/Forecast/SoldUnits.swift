import MotetFeatures
import MotetForecasting

/// The units that were sold of series that were forecast, in thousandths, by the numbers of periods.
struct SoldUnits: Codable, Sendable {
    /// The form of the file.
    var format = 1
    /// From when on events of each series that is followed are counted, in milliseconds since 1970; nil where they are not.
    var since: [SeriesName: Int64?] = [:]
    /// What events added up to.
    var counted: [SeriesName: [Int: Int64]] = [:]
    /// What was reported of whole periods: of every series that was followed then.
    var reported: [Int: [SeriesName: Int64]] = [:]

    /// Follows series, and forgets those and the periods that nobody asks for any more.
    ///
    /// - Parameters:
    ///   - names: the series.
    ///   - first: the number of the first period that was forecast.
    ///   - time: now, in milliseconds since 1970; nil where events are not counted.
    mutating func follow(_ names: Set<SeriesName>, from first: Int, at time: Int64?) {
        let before = since
        // What was not counted for a while has a gap: it begins anew.
        since = names.reduce(into: [:]) {
            $0[$1] = .some(time == nil ? nil : (before[$1] ?? nil) ?? time)
        }
        counted = counted.filter { names.contains($0.key) }
            .mapValues { $0.filter { $0.key >= first } }.filter { !$0.value.isEmpty }
        reported = reported.filter { $0.key >= first }
            .mapValues { $0.filter { names.contains($0.key) } }
    }

    /// Counts a purchase.
    ///
    /// - Parameters:
    ///   - units: how many, in thousandths.
    ///   - names: the series it belongs to; those that are not followed are left.
    ///   - period: the number of its period.
    mutating func count(_ units: Int64, of names: [SeriesName], in period: Int) {
        for name in names where since[name] != nil {
            let (sum, isTooMuch) = (counted[name]?[period] ?? 0).addingReportingOverflow(units)
            if !isTooMuch { counted[name, default: [:]][period] = sum }
        }
    }

    /// Keeps what was reported of a whole period, in place of what was reported before.
    ///
    /// - Parameters:
    ///   - lines: the units, in thousandths, and the series they belong to.
    ///   - period: the number of the period.
    mutating func report(_ lines: [(units: Int64, names: [SeriesName])], in period: Int) {
        var sums = since.mapValues { _ in Int64(0) }
        for line in lines {
            for name in line.names {
                guard let before = sums[name] else { continue }
                let (sum, isTooMuch) = before.addingReportingOverflow(line.units)
                if !isTooMuch { sums[name] = sum }
            }
        }
        reported[period] = sums
    }
}

extension ForecastStore {
    /// The series that an item's sales belong to.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - category: the category of an item without history; nil where it is not known.
    /// - Returns: everything, the category, the item.
    func names(of item: String, category: String?) -> [SeriesName] {
        var names = [SeriesName.total, SeriesName(level: .item, name: item)]
        let known = panel.place(ofItem: item).map { panel.categories[hierarchy.parents[$0]].name }
        if let category = known ?? category {
            names.append(SeriesName(level: .category, name: category))
        }
        return names
    }
}
