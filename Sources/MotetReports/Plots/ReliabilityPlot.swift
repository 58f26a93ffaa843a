/// What was predicted beside what happened, in bins of predictions, with intervals: a reliability diagram.
///
/// Points on the diagonal are calibrated; points below it promise too much. Bars at the bottom tell how many
/// rows a bin stands for.
public struct ReliabilityPlot: Plot, Hashable {
    /// A bin.
    public struct Bin: Hashable, Sendable {
        /// The mean prediction.
        public var predicted: Double
        /// The share of positive rows.
        public var observed: Double
        /// The lower end of its interval; nil for none.
        public var lower: Double?
        /// The upper end of its interval; nil for none.
        public var upper: Double?
        /// The rows of the bin.
        public var rows: Double

        /// Creates a bin.
        public init(
            predicted: Double,
            observed: Double,
            lower: Double? = nil,
            upper: Double? = nil,
            rows: Double
        ) {
            self.predicted = predicted
            self.observed = observed
            self.lower = lower
            self.upper = upper
            self.rows = rows
        }
    }

    /// What is drawn.
    public var title: String
    /// What is to be known beside it.
    public var remark: String?
    /// The bins, by rising prediction.
    public var bins: [Bin]

    /// Creates a plot.
    public init(_ title: String, _ bins: [Bin], remark: String? = nil) {
        self.title = title
        self.bins = bins
        self.remark = remark
    }

    /// Each bin, in words.
    public var summary: String {
        bins.map {
            "\(Self.text($0.observed)) happened where \(Self.text($0.predicted)) was predicted"
        }
        .joined(separator: "; ") + "."
    }

    private static func text(_ share: Double) -> String {
        ReportNumber.fixed(100 * share, digits: share < 0.01 ? 2 : 1) + " %"
    }

    /// Draws the diagram.
    public func drawing() -> PlotDrawing {
        let (width, height) = (360.0, 320.0)
        let (top, bottom) = (24.0, height - 34)
        let shown = bins.filter { $0.predicted.isFinite && $0.observed.isFinite }
        let values = shown.flatMap { bin in
            [bin.predicted, bin.observed, bin.upper].compactMap { $0 }
        }
        let y = PlotScale([0] + values, from: bottom, to: top, format: .percent)
        let left = PlotFrame.margin(y.ticks.map(\.label))
        let x = PlotScale([0] + values, from: left, to: width - 14, format: .percent)
        let frame = PlotFrame(
            width: width,
            height: height,
            left: left,
            right: width - 14,
            top: top,
            bottom: bottom,
            x: x,
            y: y
        )
        var marks = [frame.axes("predicted", "observed")]
        let end = min(x.domain.upperBound, y.domain.upperBound)
        if let left = x.place(0), let low = y.place(0), let right = x.place(end),
            let high = y.place(end)
        {
            marks.append(Mark.line(left, low, right, high, "r"))
        }
        let most = shown.map(\.rows).max() ?? 1
        var points: [(x: Double, y: Double)] = []
        var dots: [HTML] = []
        for bin in shown {
            guard let across = x.place(bin.predicted), let up = y.place(bin.observed) else {
                continue
            }
            points.append((across, up))
            let size = most > 0 ? 26 * bin.rows / most : 0
            dots.append(Mark.rectangle(across - 2, bottom - size, 4, size, "f"))
            if let lower = y.place(bin.lower), let upper = y.place(bin.upper) {
                dots.append(Mark.line(across, lower, across, upper, "w"))
            }
            let tip =
                "predicted \(Self.text(bin.predicted)), observed \(Self.text(bin.observed)), "
                + "\(ReportNumber.compact(bin.rows)) rows"
            dots.append(Mark.circle(across, up, 3.5, "d", tip))
        }
        if points.count > 1 { dots.insert(Mark.path(points, "l"), at: 0) }
        marks.append(Mark.group("s0", dots))
        if points.isEmpty { marks.append(frame.nothing) }
        return PlotDrawing(width: width, height: height, marks: .joined(marks))
    }
}
