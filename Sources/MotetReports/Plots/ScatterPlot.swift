/// Points of two numbers each, numbered, with those of the Pareto front joined.
public struct ScatterPlot: Plot, Hashable {
    /// A point.
    public struct Point: Hashable, Sendable {
        /// What it is called in the key.
        public var name: String
        /// Along the horizontal axis; nil leaves the point out of the drawing.
        public var x: Double?
        /// Along the vertical axis; nil leaves the point out of the drawing.
        public var y: Double?
        /// Whether it stands out, as on the front.
        public var isOnFront: Bool

        /// Creates a point.
        public init(_ name: String, x: Double?, y: Double?, isOnFront: Bool = false) {
            self.name = name
            self.x = x
            self.y = y
            self.isOnFront = isOnFront
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
    /// The points.
    public var points: [Point]
    /// How numbers lie along the horizontal axis.
    public var xScale = AxisScale.linear
    /// How numbers of the vertical axis are written.
    public var yFormat = AxisFormat.number
    /// Whether points of the front are joined by a line, from left to right.
    public var joinsFront = true
    /// A level line, such as at 0.
    public var level: Double?

    /// Creates a plot.
    public init(
        _ title: String,
        x xTitle: String,
        y yTitle: String,
        _ points: [Point],
        remark: String? = nil
    ) {
        self.title = title
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.points = points
        self.remark = remark
    }

    /// Each point, in words.
    public var summary: String {
        points.map { "\($0.name): \(text($0))" }.joined(separator: "; ") + "."
    }

    private func text(_ point: Point) -> String {
        guard let x = point.x, let y = point.y else { return "no values" }
        let up =
            yFormat == .percent
            ? ReportNumber.fixed(100 * y, digits: 2) + " %" : ReportNumber.compact(y)
        return "\(xTitle) \(ReportNumber.compact(x)), \(yTitle) \(up)"
            + (point.isOnFront ? ", on the front" : "")
    }

    /// Draws the points.
    public func drawing() -> PlotDrawing {
        let (width, height) = (360.0, 280.0)
        let (top, bottom) = (24.0, height - 34)
        let values = points.compactMap(\.y) + (level.map { [$0] } ?? [])
        let y = PlotScale(values, from: bottom - 12, to: top + 14, format: yFormat)
        let left = PlotFrame.margin(y.ticks.map(\.label))
        let x = PlotScale(
            points.compactMap(\.x),
            scale: xScale,
            from: left + 14,
            to: width - 24,
            rounds: xScale == .linear
        )
        let frame = PlotFrame(
            width: width,
            height: height,
            left: left,
            right: width - 10,
            top: top,
            bottom: bottom,
            x: x,
            y: y
        )
        var marks = [frame.axes(xTitle, yTitle)]
        if let level, let place = y.place(level) {
            marks.append(Mark.line(left, place, frame.right, place, "r"))
        }
        let shown = points.enumerated().compactMap { index, point -> Placed? in
            guard let across = x.place(point.x), let up = y.place(point.y) else { return nil }
            return Placed(number: index + 1, point: point, x: across, y: up)
        }
        let front = shown.filter(\.point.isOnFront).sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        if joinsFront, front.count > 1 {
            marks.append(
                Mark.group("s0", [Mark.path(front.map { ($0.x, $0.y) }, "l", dash: "2 4")])
            )
        }
        marks += drawn(shown, frame)
        if shown.isEmpty { marks.append(frame.nothing) }
        return PlotDrawing(
            width: width,
            height: height,
            marks: .joined(marks),
            legend: points.isEmpty ? nil : legend
        )
    }

    private struct Placed {
        let number: Int
        let point: Point
        let x: Double
        let y: Double
    }

    /// The points, and their numbers where these do not lie over each other.
    private func drawn(_ shown: [Placed], _ frame: PlotFrame) -> [HTML] {
        let labels = Self.spread(shown.map { ($0.x, $0.y) }, in: frame)
        var (leaders, dots, numbers): ([HTML], [HTML], [HTML]) = ([], [], [])
        for (placed, label) in zip(shown, labels) {
            let isOnFront = placed.point.isOnFront
            leaders.append(Mark.line(placed.x, placed.y, label.x, label.y, "q"))
            dots.append(Mark.circle(placed.x, placed.y, 3, "d"))
            numbers += [
                Mark.circle(
                    label.x,
                    label.y,
                    9,
                    isOnFront ? "k on" : "k",
                    "\(placed.point.name): \(text(placed.point))"
                ),
                Mark.text("\(placed.number)", label.x, label.y + 4, isOnFront ? "m on" : "m"),
            ]
        }
        return [Mark.group("s0", leaders + dots + numbers)]
    }

    /// Places for numbers near their points that do not cover each other: each pushes the others away.
    private static func spread(
        _ points: [(x: Double, y: Double)],
        in frame: PlotFrame
    ) -> [(x: Double, y: Double)] {
        var labels = points.map { (x: $0.x, y: $0.y - 14) }
        for _ in 0..<200 {
            var isSpread = true
            for index in labels.indices {
                for other in labels.indices where other > index {
                    var across = labels[other].x - labels[index].x
                    var up = labels[other].y - labels[index].y
                    let distance = (across * across + up * up).squareRoot()
                    guard distance < 20 else { continue }
                    isSpread = false
                    if distance < 0.5 {
                        // Two at one place part in a direction of their own.
                        (across, up) = (index % 2 == 0 ? 1 : -1, other % 2 == 0 ? 0.5 : -0.5)
                    }
                    let push = (20.5 - distance) / 2 / max(0.5, distance)
                    labels[index].x -= across * push
                    labels[index].y -= up * push
                    labels[other].x += across * push
                    labels[other].y += up * push
                }
            }
            for index in labels.indices {
                labels[index].x = min(max(labels[index].x, frame.left + 10), frame.right - 2)
                labels[index].y = min(max(labels[index].y, frame.top + 8), frame.bottom - 10)
            }
            if isSpread { break }
        }
        return labels
    }

    private var legend: HTML {
        Mark.legend(
            points.enumerated().map { index, point in
                let picture = Mark.group(
                    "s0",
                    [
                        Mark.circle(13, 7, 6.5, point.isOnFront ? "k on" : "k"),
                        Mark.text("\(index + 1)", 13, 11, point.isOnFront ? "m on" : "m"),
                    ]
                )
                return (picture, point.name + (point.isOnFront ? " (front)" : ""))
            }
        )
    }
}
