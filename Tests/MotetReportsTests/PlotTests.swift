import Foundation
import Testing

@testable import MotetReports

@Suite("Axes") struct PlotScaleTests {
    @Test(
        arguments: [
            ([0.3, 0.91], ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]),
            ([0.0, 100], ["0", "20", "40", "60", "80", "100"]),
            (
                [-0.012, 0.0],
                ["-0.012", "-0.010", "-0.008", "-0.006", "-0.004", "-0.002", "0.000"]
            ),
            ([24_000.0, 61_000], ["20k", "30k", "40k", "50k", "60k", "70k"]),
        ]
    )
    func ticksAreRoundAndHoldTheValues(values: [Double], labels: [String]) {
        let scale = PlotScale(values, from: 0, to: 100)
        #expect(scale.ticks.map(\.label) == labels)
        for value in values {
            // A place is a sum of rounded numbers.
            #expect((-1e-9...100 + 1e-9).contains(scale.place(value) ?? -1))
        }
    }

    @Test(arguments: [[], [5.0], [0.0, 0], [.nan], [-3.0, -3], [1e-12], [1e12]])
    func anyValuesHaveAnAxis(values: [Double]) {
        for kind in [AxisScale.linear, .logarithmic] {
            let scale = PlotScale(values, scale: kind, from: 200, to: 10)
            #expect(scale.domain.lowerBound < scale.domain.upperBound)
            #expect(scale.domain.lowerBound.isFinite && scale.domain.upperBound.isFinite)
            #expect(scale.ticks.count < 20)
        }
    }

    @Test func logarithmicAxesHaveEqualRatiosAndNoPlaceForZero() throws {
        let scale = PlotScale([0.001, 1000], scale: .logarithmic, from: 0, to: 60)
        let places = try [0.01, 0.1, 1].map { try #require(scale.place($0)) }
        #expect(abs(places[1] - places[0] - 10) < 1e-9 && abs(places[2] - places[1] - 10) < 1e-9)
        #expect(scale.place(0) == nil && scale.place(-1) == nil && scale.place(.nan) == nil)
        #expect(scale.ticks.map(\.label) == ["0.001", "0.01", "0.1", "1", "10", "100", "1k"])
    }

    @Test func epochsHaveWholeTicks() {
        let scale = PlotScale([1, 2], from: 0, to: 100, rounds: false, wholeOnly: true)
        #expect(scale.ticks.map(\.label) == ["1", "2"])
        let one = PlotScale([3], from: 0, to: 100, rounds: false, wholeOnly: true)
        #expect(one.ticks.map(\.label) == ["3"])
    }

    @Test func sharesAreWrittenAsPercentages() {
        let scale = PlotScale([0, 0.012], from: 0, to: 100, format: .percent)
        #expect(scale.ticks.map(\.label).contains("0.2 %"))
    }
}

@Suite("Plots") struct PlotTests {
    private func paths(_ plot: some Plot) -> [String] {
        plot.drawing().marks.markup.matches(of: /<path d="([^"]*)"/).map { String($0.1) }
    }

    @Test func missingValuesPartALine() {
        let points: [LinePlot.Point] = [1, 2, .nan, 4, nil, 6, 7, 8].enumerated().map {
            .init(Double($0), $1)
        }
        let plot = LinePlot("t", x: "x", y: "y", [.init("a", points)])
        // 1-2 and 6-7-8 are lines, 4 stands alone: a point.
        let lines = paths(plot)
        #expect(lines.map { $0.count { $0 == "L" } } == [1, 2])
        #expect(plot.drawing().marks.markup.components(separatedBy: "<circle").count - 1 == 6)
        #expect(!plot.drawing().marks.markup.contains("nan"))
    }

    @Test func aLineWithoutValuesSaysSo() {
        let plot = LinePlot("t", x: "x", y: "y", [.init("a", [.init(1, nil)])])
        #expect(plot.drawing().marks.markup.contains("no values"))
        #expect(plot.summary == "y over x. a: no values.")
        #expect(ReliabilityPlot("t", []).drawing().marks.markup.contains("no values"))
        #expect(ScatterPlot("t", x: "x", y: "y", []).drawing().marks.markup.contains("no values"))
    }

    @Test func zeroIsAGapOnALogarithmicAxis() {
        var plot = LinePlot(
            "t",
            x: "x",
            y: "y",
            [.init("a", [.init(1, 10), .init(2, 1), .init(3, 0), .init(4, 1), .init(5, 100)])]
        )
        plot.yScale = .logarithmic
        #expect(paths(plot).map { $0.count { $0 == "L" } } == [1, 1])
    }

    @Test func longCurvesAreThinnedAndKeepTheirPeaks() {
        var points = (0..<100_000).map { LinePlot.Point(Double($0), sin(Double($0) / 500)) }
        points[31_337].y = 9
        points[77_777].y = -9
        points[50_000].y = nil
        let thin = Thinning.thin(points, to: 400)
        #expect(thin.count <= 420)
        #expect(thin.contains(points[31_337]) && thin.contains(points[77_777]))
        #expect(thin.first == points.first && thin.last == points.last)
        #expect(thin.map(\.x) == thin.map(\.x).sorted())
        #expect(thin.count { $0.y == nil } == 1)
        #expect(Thinning.thin(Array(points[..<400]), to: 400).count == 400)
    }

    @Test func aCurveOfManyGapsIsStillThinned() {
        let points = (0..<50_000).map { LinePlot.Point(Double($0), $0 % 2 == 0 ? 1 : nil) }
        #expect(Thinning.thin(points, to: 400).count <= 420)
    }

    @Test func shadesFollowSignAndSize() {
        let map = HeatMap(
            "t",
            rows: ["a"],
            columns: ["x", "y", "z", "w"],
            values: [[0.5, -1, 0, nil]]
        ) { "\($0)" }
        #expect(map.cells[0].map(\.shade) == [0.5, -1, 0, nil])
        #expect(map.ramp == .init(low: "-1.0", middle: "0.0", high: "1.0"))
        let markup = map.drawing().marks.markup
        #expect(markup.contains("class=\"lo\" fill-opacity=\"1.00\""))
        #expect(markup.contains("class=\"hi\" fill-opacity=\"0.50\""))
        #expect(HeatMap.Cell("x", shade: 7).shade == 1)
        #expect(HeatMap.Cell("x", shade: .nan).shade == nil)
    }

    @Test func numbersOfPointsAtOnePlaceDoNotCoverEachOther() {
        let points = (1...9).map { ScatterPlot.Point("p\($0)", x: 1, y: 1) }
        let markup = ScatterPlot("t", x: "x", y: "y", points).drawing().marks.markup
        let labels = markup.matches(of: /<circle cx="([\d.]+)" cy="([\d.]+)" r="9"/).map {
            (Double($0.1) ?? 0, Double($0.2) ?? 0)
        }
        #expect(labels.count == 9)
        for (index, label) in labels.enumerated() {
            for other in labels[..<index] {
                let distance = hypot(label.0 - other.0, label.1 - other.1)
                #expect(distance > 17, "\(label) \(other)")
            }
        }
    }

    @Test func stackedBarsLieBehindEachOther() {
        let plot = BarPlot(
            "t",
            x: "x",
            rows: ["a"],
            [.init("u", [0.25]), .init("v", [nil]), .init("w", [0.75])],
            .stacked
        )
        let bars = plot.drawing().marks.markup
            .matches(of: /<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="15" class="d"/)
            .map { (Double($0.1) ?? 0, Double($0.2) ?? 0) }
        #expect(bars.count == 2)
        #expect(abs(bars[0].0 + bars[0].1 + 1 - bars[1].0) < 0.2)
        #expect(abs((bars[1].1 + 1) / (bars[0].1 + 1) - 3) < 0.02)
    }

    @Test func intervalsThatLeaveTheLineOutAreFilled() {
        let plot = IntervalPlot(
            "t",
            x: "x",
            [
                .init("good", 1, lower: 0.5, upper: 2), .init("open", 1, lower: -1, upper: 2),
                .init("bad", -1, lower: -2, upper: -0.5),
            ]
        )
        let markup = plot.drawing().marks.markup
        #expect(markup.contains("<g class=\"tg\">") && markup.contains("<g class=\"tb\">"))
        #expect(markup.components(separatedBy: "class=\"o\"").count == 2)
        var lower = plot
        lower.isHigherBetter = false
        #expect(lower.drawing().marks.markup.components(separatedBy: "<g class=\"tg\">").count == 2)
    }

    @Test func aPageIsOneFileThatAsksForNothing() throws {
        let html = SamplePage.page.html()
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
        for address in ["http:", "https:", "url(", "@import", "src=", "<script"] {
            #expect(!html.contains(address), "\(address)")
        }
        #expect(html.contains("default-src &#39;none&#39;"))
        #expect(!html.contains("Left out"))
        // Eight lines of 20,000 points each are in it.
        #expect(html.utf8.count < 150_000)
    }
}
