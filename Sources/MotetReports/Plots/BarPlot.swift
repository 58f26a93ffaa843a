/// Bars, one below the other: one for each series, or one made of all series.
///
/// Such as the experts a task uses, or the importance of features.
public struct BarPlot: Plot, Hashable {
    /// How the series of a row lie to each other.
    public enum Arrangement: Hashable, Sendable {
        /// One behind the other: parts of a whole. Values below 0 are gaps.
        case stacked
        /// One below the other.
        case grouped
    }

    /// A value of each row.
    public struct Series: Hashable, Sendable {
        /// What it is called in the key.
        public var name: String
        /// The value of each row; nil for none.
        public var values: [Double?]
        /// The interval of each value; empty for none.
        public var intervals: [ClosedRange<Double>?]

        /// Creates a series.
        public init(
            _ name: String,
            _ values: [Double?],
            intervals: [ClosedRange<Double>?] = []
        ) {
            self.name = name
            self.values = values
            self.intervals = intervals
        }
    }

    /// What is drawn.
    public var title: String
    /// What is to be known beside it.
    public var remark: String?
    /// The title of the axis.
    public var xTitle: String
    /// How values are written.
    public var format: AxisFormat
    /// The names of the rows.
    public var rows: [String]
    /// The series.
    public var series: [Series]
    /// How they lie to each other.
    public var arrangement: Arrangement

    /// Creates a plot.
    public init(
        _ title: String,
        x xTitle: String,
        rows: [String],
        _ series: [Series],
        _ arrangement: Arrangement = .grouped,
        format: AxisFormat = .number,
        remark: String? = nil
    ) {
        self.title = title
        self.xTitle = xTitle
        self.rows = rows
        self.series = series
        self.arrangement = arrangement
        self.format = format
        self.remark = remark
    }

    /// Each row, in words.
    public var summary: String {
        rows.indices.map { row in
            let parts = series.map { "\($0.name) \(text(value($0, row)))" }
            return "\(rows[row]): " + parts.joined(separator: ", ")
        }
        .joined(separator: "; ") + "."
    }

    private func value(_ series: Series, _ row: Int) -> Double? {
        guard row < series.values.count, let value = series.values[row], value.isFinite else {
            return nil
        }
        return value
    }

    private func text(_ value: Double?) -> String {
        guard let value else { return "-" }
        return format == .percent
            ? ReportNumber.fixed(100 * value, digits: 1) + " %" : ReportNumber.compact(value)
    }

    private func interval(_ series: Series, _ row: Int) -> ClosedRange<Double>? {
        row < series.intervals.count ? series.intervals[row] : nil
    }

    /// Draws the bars.
    public func drawing() -> PlotDrawing {
        let names = rows.map { Mark.shortened($0, to: 22) }
        let (width, top) = (360.0, 8.0)
        let bar = arrangement == .stacked ? 15.0 : series.count == 1 ? 13 : 9
        let rowHeight = 8 + bar * (arrangement == .stacked ? 1 : Double(max(1, series.count)))
        let left = 12 + (names.map(Mark.width).max() ?? 0)
        let bottom = top + rowHeight * Double(rows.count)
        let x = PlotScale(
            extremes + [0],
            from: left,
            to: width - 12,
            rounds: arrangement == .grouped,
            tickCount: 4,
            format: format
        )
        let frame = PlotFrame(
            width: width,
            height: bottom + 34,
            left: left,
            right: width - 12,
            top: top,
            bottom: bottom,
            x: x,
            y: PlotScale([0, 1], from: bottom, to: top, tickCount: 0)
        )
        var marks = x.ticks.compactMap { tick in
            x.place(tick.value).map { Mark.line($0, top, $0, bottom, "g") }
        }
        marks.append(frame.horizontalAxis(xTitle))
        for row in rows.indices {
            let y = top + rowHeight * Double(row)
            marks.append(
                .element(
                    "g",
                    [:],
                    [
                        .element("title", [:], [HTML(text: rows[row])]),
                        Mark.text(names[row], left - 6, y + rowHeight / 2 + 4, "e"),
                    ]
                )
            )
            marks +=
                arrangement == .stacked
                ? stacked(row, y + 4, bar, x) : grouped(row, y + 4, bar, x)
        }
        if let place = x.place(0) { marks.append(Mark.line(place, top, place, bottom, "a")) }
        let keys = series.enumerated().map { index, entry in
            (Mark.group(Mark.colour(index), [Mark.rectangle(2, 2, 20, 10, "d")]), entry.name)
        }
        return PlotDrawing(
            width: width,
            height: frame.height,
            marks: .joined(marks),
            legend: series.count > 1 ? Mark.legend(keys) : nil
        )
    }

    private var extremes: [Double] {
        switch arrangement {
        case .stacked:
            rows.indices.map { row in series.reduce(0) { $0 + max(0, value($1, row) ?? 0) } }
        case .grouped:
            rows.indices.flatMap { row in
                series.flatMap { entry -> [Double] in
                    let ends = interval(entry, row).map { [$0.lowerBound, $0.upperBound] } ?? []
                    return (value(entry, row).map { [$0] } ?? []) + ends
                }
            }
        }
    }

    private func tip(_ entry: Series, _ row: Int) -> String {
        "\(rows[row]), \(entry.name): \(text(value(entry, row)))"
    }

    private func stacked(_ row: Int, _ y: Double, _ bar: Double, _ x: PlotScale) -> [HTML] {
        var marks: [HTML] = []
        var sum = 0.0
        for (index, entry) in series.enumerated() {
            guard let value = value(entry, row), value > 0, let from = x.place(sum),
                let to = x.place(sum + value)
            else { continue }
            sum += value
            // A gap between neighbours, so that they are two without their colours.
            let size = max(to - from - 1, 0.5)
            var parts = [Mark.rectangle(from, y, size, bar, "d", tip(entry, row))]
            let number = "\(index + 1)"
            let room = Mark.width(number) + 4
            if size > room + 4 {
                let middle = from + size / 2
                // On ground of its own: no colour of letters can be read on all colours of series.
                parts += [
                    Mark.rectangle(middle - room / 2, y + 2, room, bar - 4, "p"),
                    Mark.text(number, middle, y + bar - 4, "m"),
                ]
            }
            marks.append(Mark.group(Mark.colour(index), parts))
        }
        return marks
    }

    private func grouped(_ row: Int, _ y: Double, _ bar: Double, _ x: PlotScale) -> [HTML] {
        series.enumerated().compactMap { index, entry in
            guard let value = value(entry, row), let zero = x.place(0), let to = x.place(value)
            else { return nil }
            let place = y + bar * Double(index)
            var parts = [
                Mark.rectangle(
                    min(zero, to),
                    place,
                    abs(to - zero),
                    bar - 1,
                    "d",
                    tip(entry, row)
                )
            ]
            if let ends = interval(entry, row), let from = x.place(ends.lowerBound),
                let upper = x.place(ends.upperBound)
            {
                parts.append(Mark.line(from, place + bar / 2, upper, place + bar / 2, "a"))
            }
            return Mark.group(Mark.colour(index), parts)
        }
    }
}
