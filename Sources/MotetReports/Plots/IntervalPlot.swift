/// Values with their intervals, one below the other, beside a line such as 0.
///
/// A value whose interval leaves the line out is filled, others are hollow.
public struct IntervalPlot: Plot, Hashable {
    /// A value with its interval.
    public struct Row: Hashable, Sendable {
        /// What it is called.
        public var name: String
        /// The value; nil for none.
        public var value: Double?
        /// The lower end; nil for none.
        public var lower: Double?
        /// The upper end; nil for none.
        public var upper: Double?

        /// Creates a row.
        public init(_ name: String, _ value: Double?, lower: Double? = nil, upper: Double? = nil) {
            self.name = name
            self.value = value
            self.lower = lower
            self.upper = upper
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
    /// The rows.
    public var rows: [Row]
    /// Where the line stands.
    public var level: Double
    /// Whether values above the line are good; nil where neither side is.
    public var isHigherBetter: Bool?

    /// Creates a plot.
    public init(
        _ title: String,
        x xTitle: String,
        _ rows: [Row],
        format: AxisFormat = .number,
        level: Double = 0,
        isHigherBetter: Bool? = true,
        remark: String? = nil
    ) {
        self.title = title
        self.xTitle = xTitle
        self.rows = rows
        self.format = format
        self.level = level
        self.isHigherBetter = isHigherBetter
        self.remark = remark
    }

    /// Each row, in words.
    public var summary: String {
        rows.map { row in "\(row.name): \(text(row))" }.joined(separator: "; ") + "."
    }

    private func text(_ row: Row) -> String {
        guard let value = row.value else { return "no value" }
        func written(_ number: Double) -> String {
            format == .percent
                ? ReportNumber.fixed(100 * number, digits: 2, isSigned: true) + " %"
                : ReportNumber.compact(number)
        }
        guard let lower = row.lower, let upper = row.upper else { return written(value) }
        return "\(written(value)), from \(written(lower)) to \(written(upper))"
    }

    /// Draws the rows.
    public func drawing() -> PlotDrawing {
        let names = rows.map { Mark.shortened($0.name, to: 24) }
        let (width, rowHeight, top) = (360.0, 22.0, 8.0)
        let left = 12 + (names.map(Mark.width).max() ?? 0)
        let bottom = top + rowHeight * Double(rows.count)
        let x = PlotScale(
            rows.flatMap { [$0.value, $0.lower, $0.upper].compactMap { $0 } } + [level],
            from: left + 4,
            to: width - 12,
            tickCount: 4,
            format: format
        )
        let frame = PlotFrame(
            width: width,
            height: bottom + 34,
            left: left,
            right: width - 8,
            top: top,
            bottom: bottom,
            x: x,
            y: PlotScale([0, 1], from: bottom, to: top, tickCount: 0)
        )
        var marks = x.ticks.compactMap { tick in
            x.place(tick.value).map { Mark.line($0, top, $0, bottom, "g") }
        }
        marks.append(frame.horizontalAxis(xTitle))
        if let place = x.place(level) { marks.append(Mark.line(place, top, place, bottom, "r")) }
        for (index, row) in rows.enumerated() {
            let y = top + rowHeight * (Double(index) + 0.5)
            marks.append(
                .element(
                    "g",
                    [:],
                    [
                        .element("title", [:], [HTML(text: "\(row.name): \(text(row))")]),
                        Mark.text(names[index], left - 6, y + 4, "e"),
                    ]
                )
            )
            marks.append(mark(row, y, x))
        }
        return PlotDrawing(width: width, height: frame.height, marks: .joined(marks))
    }

    private func mark(_ row: Row, _ y: Double, _ x: PlotScale) -> HTML {
        guard let value = row.value, let place = x.place(value) else { return .empty }
        var isClear = false
        var parts: [HTML] = []
        if let lower = row.lower, let upper = row.upper, let from = x.place(lower),
            let to = x.place(upper)
        {
            isClear = lower > level || upper < level
            parts += [
                Mark.line(from, y, to, y, "w"), Mark.line(from, y - 4, from, y + 4, "w"),
                Mark.line(to, y - 4, to, y + 4, "w"),
            ]
        }
        parts.append(Mark.circle(place, y, 4, isClear ? "d" : "o", "\(row.name): \(text(row))"))
        var tone = "tn"
        if isClear, let isHigherBetter { tone = (value > level) == isHigherBetter ? "tg" : "tb" }
        return Mark.group(tone, parts)
    }
}
