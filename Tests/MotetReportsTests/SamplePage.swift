import Foundation
import MotetReports

/// A page with every kind of block and plot, long names and missing values, and the JSON its numbers come from.
enum SamplePage {
    static let names = ["shared_bottom+uncertainty", "mmoe<fixed>", "single_task"]

    /// `sample.json`: results with values as the tables show them.
    static let json = """
        {"rows": 19926, "results": [
          {"name": "shared_bottom+uncertainty", "auc": 0.93123456789, "delta": -0.0047123, "interval": {"lower": -0.0103, "upper": 0.0020456}},
          {"name": "mmoe<fixed>", "auc": 0.88125, "delta": 0.012, "interval": {"lower": 0.0003, "upper": 0.024}},
          {"name": "single_task", "auc": null, "delta": 0, "interval": null}
        ]}
        """

    private static func wave(
        _ count: Int,
        _ shift: Double,
        gap: ClosedRange<Int>? = nil
    )
        -> [LinePlot.Point]
    {
        (1...count).map { epoch in
            let decay: Double = exp(-Double(epoch) / 6) * (0.4 + shift)
            let value: Double = 0.3 + decay + 0.004 * sin(Double(epoch * 7))
            return LinePlot.Point(
                Double(epoch),
                gap.map { $0.contains(epoch) } ?? false ? nil : value
            )
        }
    }

    static var table: ReportTable {
        let results: [(Double?, Double, (Double, Double)?)] = [
            (0.93123456789, -0.0047123, (-0.0103, 0.0020456)), (0.88125, 0.012, (0.0003, 0.024)),
            (nil, 0, nil),
        ]
        var table = ReportTable(
            "Results of each cell",
            source: "sample.json",
            columns: [
                .text("cell"), .init("income AUC"), .init("delta-m"), .init("95 % interval"),
                .text("verdict"), .text("remark"),
            ]
        )
        for (index, (name, result)) in zip(names, results).enumerated() {
            let (auc, delta, ends) = result
            table.rows.append(
                .init(
                    [
                        .name(name, from: "name"), .number(auc, digits: 4, from: "auc"),
                        .percent(delta, digits: 2, isSigned: true, from: "delta"),
                        .interval(ends?.0, ends?.1, from: "interval") {
                            ReportNumber.fixed($0 * 100, digits: 2, isSigned: true) + "\u{A0}%"
                        },
                        index == 1 ? .text("better", .good) : .text("not clear", .muted),
                        .text("a sentence of some length that makes the table wide", .bad),
                    ],
                    at: "/results/\(index)",
                    beginsGroup: index == 2
                )
            )
        }
        return table
    }

    static var lines: LinePlot {
        var plot = LinePlot(
            "click: loss",
            x: "epoch",
            y: "mean loss",
            [
                .init("training", wave(20, 0), colour: 0, isDashed: false),
                .init(
                    "validation",
                    wave(14, 0.1, gap: 6...7),
                    colour: 0,
                    isDashed: true,
                    marked: 11
                ),
                .init("purchase", wave(20, 0.25)),
                .init("nothing", [.init(1, nil), .init(2, .nan)]),
            ]
        )
        plot.rules = [.init(at: 11, "best: 11"), .init(at: 19, "phase 2")]
        return plot
    }

    private static func steps(_ series: Int) -> [LinePlot.Point] {
        (0..<20_000).map { step in
            let power: Double = Double(series) / 3 - 3 * Double(step) / 20_000
            let swing: Double = 1.2 + sin(Double(step * (series + 1)) / 900)
            return LinePlot.Point(Double(step), pow(10, power) * swing)
        }
    }

    static var long: LinePlot {
        var plot = LinePlot(
            "A long curve on a logarithmic axis",
            x: "step",
            y: "norm of the gradient",
            (0..<8).map { .init("task_\($0)", steps($0)) }
        )
        plot.yScale = .logarithmic
        return plot
    }

    static var cosines: LinePlot {
        var plot = LinePlot(
            "Cosine of two tasks' gradients",
            x: "epoch",
            y: "cosine",
            [.init("click and purchase", (1...9).map { .init(Double($0), cos(Double($0))) })],
            remark: "Below 0 the gradients oppose each other; see `aggregation`."
        )
        plot.includes = [-1, 1]
        plot.level = 0
        return plot
    }

    static var maps: [HeatMap] {
        let columns = (1...12).map { "scenario_\($0)" }
        var values: [[Double?]] = (0..<4).map { row in
            (0..<12).map { 0.02 * sin(Double(row * 5 + $0)) }
        }
        values[1][5] = nil
        return [
            HeatMap(
                "Multi-task less single-task, many scenarios",
                rows: ["click", "add_to_cart", "purchase_within_a_week", "return"],
                columns: columns,
                values: values,
                remark: "Blue is better than single-task training."
            ) { ReportNumber.fixed($0, digits: 3, isSigned: true) },
            HeatMap(
                "Expert use",
                rows: ["click", "purchase"],
                columns: ["expert 1", "expert 2", "expert 3"],
                values: [[0.7, 0.3, 0], [0.25, 0.25, 0.5]],
                reach: 1
            ) { ReportNumber.fixed(100 * $0, digits: 0) + " %" },
        ]
    }

    static var scatter: ScatterPlot {
        typealias Cell = (String, Double?, Double?, Bool)
        let points: [Cell] = [
            ("shared_bottom+fixed", 24_759, -0.0062, false),
            ("shared_bottom+uncertainty", 24_759, -0.0047, false),
            ("mmoe+fixed", 39_595, -0.0088, false), ("mmoe+uncertainty", 39_595, -0.0074, false),
            ("ple+fixed", 56_365, -0.0068, false), ("ple+uncertainty", 56_365, -0.0064, true),
            ("mmoe_upgrad", 39_595, -0.0088, false), ("mmoe_famo", 39_595, -0.0118, false),
            ("single_task", 61_791, 0, true), ("tuned_scalarisation", 24_759, -0.0062, false),
            ("failed", nil, nil, false),
        ]
        var plot = ScatterPlot(
            "Gain beside size",
            x: "parameters",
            y: "delta-m",
            points.map { .init($0.0, x: $0.1, y: $0.2, isOnFront: $0.3) }
        )
        plot.yFormat = .percent
        plot.level = 0
        return plot
    }

    static var plots: [any Plot] {
        [
            scatter,
            IntervalPlot(
                "Delta-m",
                x: "gain over single-task training",
                [
                    .init("shared_bottom+uncertainty", -0.0047, lower: -0.0103, upper: 0.002),
                    .init("mmoe_famo", -0.0118, lower: -0.0174, upper: -0.0042),
                    .init("ple", 0.01, lower: 0.002, upper: 0.018), .init("single_task", 0),
                    .init("failed", nil),
                ],
                format: .percent
            ),
            BarPlot(
                "Experts used by each task",
                x: "share of the gate",
                rows: ["click", "purchase", "a task with a very long name"],
                [
                    .init("expert 1", [0.5, 0.1, 0.98]), .init("expert 2", [0.3, nil, 0.01]),
                    .init("expert 3", [0.2, 0.9, 0.01]),
                ],
                .stacked,
                format: .percent
            ),
            BarPlot(
                "Importance of features",
                x: "AUC lost by permutation",
                rows: ["age", "education", "hours_per_week"],
                [
                    .init(
                        "income",
                        [0.08, 0.04, -0.002],
                        intervals: [0.07...0.09, nil, -0.004...0]
                    ),
                    .init("college", [0.01, 0.2, 0.003]),
                ]
            ),
            ReliabilityPlot(
                "click: calibration",
                (1...8).map { bin in
                    let predicted = 0.01 * Double(bin * bin)
                    return .init(
                        predicted: predicted,
                        observed: predicted * 0.85,
                        lower: predicted * 0.7,
                        upper: predicted * 1.05,
                        rows: 900 / Double(bin)
                    )
                }
            ),
        ]
    }

    static var page: ReportPage {
        ReportPage(
            title: "sample_of_every_block",
            lead: "Every kind of block & plot, with names such as `<script>alert(1)</script>`.",
            sections: [
                ReportSection(
                    "Summary",
                    [
                        .facts(
                            .init(
                                source: "sample.json",
                                [
                                    .init("rows", .count(19926, from: "/rows")),
                                    .init("model", .name("mmoe")),
                                    .init(
                                        "folder",
                                        .name(
                                            "/a/rather/long/path/of/a/run/on/some/machine/runs/first"
                                        )
                                    ),
                                ]
                            )
                        ),
                        .note("One seed was not finished: `cells/mmoe/seed-1`.", isWarning: true),
                        .note("Intervals come from 200 resamples.", isWarning: false),
                    ]
                ),
                ReportSection("Table", [.table(table)]),
                ReportSection("Curves", [.plots([lines, cosines, long])]),
                ReportSection("Maps", [.plots(maps)]),
                ReportSection("Others", [.plots(plots)]),
                ReportSection(
                    "Words",
                    [
                        .heading("What to do"),
                        .steps([
                            "conversion opposes click: try `task_experts: 1`.", "Nothing else.",
                        ]),
                        .list(["one", "two <three>"]),
                        .code(
                            "model: { architecture: ple, levels: 2, shared_experts: 2, task_experts: 1, tower_units: [64] }"
                        ),
                    ]
                ),
                ReportSection("Left out", []),
            ],
            footer: "Written by Motet."
        )
    }
}
