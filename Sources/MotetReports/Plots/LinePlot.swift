/// Lines over a common axis: learning curves, weights, cosines and conflicts over time.
public struct LinePlot: Plot, Hashable {
    /// A point; without a value it is a gap.
    public struct Point: Hashable, Sendable {
        /// Along the axis.
        public var x: Double
        /// The value.
        public var y: Double?

        /// Creates a point.
        public init(_ x: Double, _ y: Double?) {
            self.x = x
            self.y = y
        }
    }

    /// A line.
    public struct Series: Hashable, Sendable {
        /// What it is called in the key.
        public var name: String
        /// Its points, from left to right.
        public var points: [Point]
        /// The number of its colour; nil for its place among the series.
        public var colour: Int?
        /// Whether the line is broken; nil for a pattern of its own, so that it is told from others.
        public var isDashed: Bool?
        /// Where a point stands out, such as at the best epoch.
        public var marked: Double?

        /// Creates a line.
        public init(
            _ name: String,
            _ points: [Point],
            colour: Int? = nil,
            isDashed: Bool? = nil,
            marked: Double? = nil
        ) {
            self.name = name
            self.points = points
            self.colour = colour
            self.isDashed = isDashed
            self.marked = marked
        }
    }

    /// A line across the plot, with a word beside it.
    public struct Rule: Hashable, Sendable {
        /// Where it stands.
        public var at: Double
        /// What it says.
        public var label: String

        /// Creates a line.
        public init(at place: Double, _ label: String) {
            at = place
            self.label = label
        }
    }

    /// What is drawn.
    public var title: String
    /// What is to be known beside it.
    public var remark: String?
    /// The title of the horizontal axis.
    public var xTitle: String
    /// The title of the vertical axis.
    public var yTitle: String
    /// The lines.
    public var series: [Series]
    /// How values lie along the vertical axis.
    public var yScale = AxisScale.linear
    /// How values are written.
    public var yFormat = AxisFormat.number
    /// Values that are shown in any case, such as -1 and 1 for cosines.
    public var includes: [Double] = []
    /// Upright lines, such as at the best epoch or between phases.
    public var rules: [Rule] = []
    /// A level line, such as at 0.
    public var level: Double?
    /// The most points drawn of a line; longer ones are thinned, and keep their peaks.
    public var pointLimit = 400

    /// Creates a plot.
    public init(
        _ title: String,
        x xTitle: String,
        y yTitle: String,
        _ series: [Series],
        remark: String? = nil
    ) {
        self.title = title
        self.remark = remark
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.series = series
    }

    /// Each line's ends, in words.
    public var summary: String {
        let lines = series.map { line -> String in
            let values = line.points.compactMap { point in
                point.y.flatMap { $0.isFinite ? (point.x, $0) : nil }
            }
            guard let first = values.first, let last = values.last else {
                return "\(line.name): no values"
            }
            return "\(line.name): from \(ReportNumber.compact(first.1)) at "
                + "\(ReportNumber.compact(first.0)) to \(ReportNumber.compact(last.1)) at "
                + ReportNumber.compact(last.0)
        }
        return "\(yTitle) over \(xTitle). " + lines.joined(separator: "; ") + "."
    }

    /// Draws the lines.
    public func drawing() -> PlotDrawing {
        let (width, height) = (360.0, 236.0)
        let (top, bottom) = (24.0, height - 34)
        let values =
            series.flatMap { $0.points.compactMap(\.y) } + includes + (level.map { [$0] } ?? [])
        let y = PlotScale(values, scale: yScale, from: bottom, to: top, format: yFormat)
        let left = PlotFrame.margin(y.ticks.map(\.label))
        let places = series.flatMap { $0.points.map(\.x) }
        let frame = PlotFrame(
            width: width,
            height: height,
            left: left,
            right: width - 10,
            top: top,
            bottom: bottom,
            x: PlotScale(
                places,
                from: left + 4,
                to: width - 14,
                rounds: false,
                tickCount: 6,
                wholeOnly: places.allSatisfy { $0 == $0.rounded() }
            ),
            y: y
        )
        var marks = [frame.axes(xTitle, yTitle)]
        if let level, let place = y.place(level) {
            marks.append(Mark.line(left, place, frame.right, place, "r"))
        }
        marks += rules.enumerated().compactMap { rule($1, $0, frame) }
        let lines = series.enumerated().map { index, line in self.line(line, index, frame) }
        marks += lines
        let hasValues = series.contains { line in
            line.points.contains { frame.x.place($0.x) != nil && y.place($0.y) != nil }
        }
        if !hasValues { marks.append(frame.nothing) }
        return PlotDrawing(
            width: width,
            height: height,
            marks: .joined(marks),
            legend: series.isEmpty ? nil : legend
        )
    }

    /// Words of neighbours lie on levels of their own.
    private func rule(_ rule: Rule, _ index: Int, _ frame: PlotFrame) -> HTML? {
        guard let place = frame.x.place(rule.at), place >= frame.left, place <= frame.right else {
            return nil
        }
        let isRight = place + Mark.width(rule.label) + 4 > frame.right
        return .joined([
            Mark.line(place, frame.top, place, frame.bottom, "r"),
            Mark.text(
                rule.label,
                place + (isRight ? -4 : 4),
                frame.top + 9 + 12 * Double(index % 3),
                isRight ? "t e" : "t"
            ),
        ])
    }

    private func dash(_ line: Series, _ index: Int) -> String? {
        line.isDashed.map { $0 ? "6 3" : nil } ?? (series.count > 1 ? Mark.dash(index) : nil)
    }

    private func line(_ line: Series, _ index: Int, _ frame: PlotFrame) -> HTML {
        let shown =
            yScale == .linear
            ? line.points : line.points.map { Point($0.x, $0.y.flatMap { $0 > 0 ? $0 : nil }) }
        let points = Thinning.thin(shown, to: pointLimit)
        let showsPoints = line.points.count <= 30
        var marks: [HTML] = []
        for part in Thinning.split(points) {
            let places = part.compactMap { point -> (x: Double, y: Double)? in
                guard let x = frame.x.place(point.x), let y = frame.y.place(point.y) else {
                    return nil
                }
                return (x, y)
            }
            if places.count > 1 { marks.append(Mark.path(places, "l", dash: dash(line, index))) }
            guard showsPoints || part.count == 1 else { continue }
            for (point, place) in zip(part, places) {
                marks.append(Mark.circle(place.x, place.y, 2.5, "d", tip(line, point)))
            }
        }
        if let marked = line.marked.flatMap({ x in line.points.first { $0.x == x } }),
            let x = frame.x.place(marked.x), let y = frame.y.place(marked.y)
        {
            marks.append(Mark.circle(x, y, 5, "o", tip(line, marked)))
        }
        return Mark.group(Mark.colour(line.colour ?? index), marks)
    }

    private func tip(_ line: Series, _ point: Point) -> String {
        let value = point.y.map { value in
            yFormat == .percent
                ? ReportNumber.fixed(100 * value, digits: 1) + " %"
                : ReportNumber.compact(value)
        }
        return "\(line.name), \(xTitle) \(ReportNumber.compact(point.x)): \(value ?? "-")"
    }

    private var legend: HTML {
        Mark.legend(
            series.enumerated().map { index, line in
                let style = Mark.colour(line.colour ?? index)
                let picture = Mark.group(
                    style,
                    [Mark.path([(1, 7), (25, 7)], "l", dash: dash(line, index))]
                )
                return (picture, line.name)
            }
        )
    }
}
