/// A drawing of numbers, as SVG that follows the page's colours.
///
/// Where a value is missing or not finite there is a gap, never a zero.
public protocol Plot: Sendable {
    /// What is drawn, as a heading.
    var title: String { get }
    /// What is to be known beside it; nil for nothing.
    var remark: String? { get }
    /// What is to be seen, for those who do not see it.
    var summary: String { get }
    /// Draws it.
    func drawing() -> PlotDrawing
}

/// What a plot draws.
public struct PlotDrawing: Hashable, Sendable {
    /// The width in units of its coordinates; pixels where it is not scaled.
    public var width: Double
    /// The height in the same units.
    public var height: Double
    /// The marks, as SVG.
    public var marks: HTML
    /// The key to its colours, as HTML.
    public var legend: HTML?

    /// Whether it is too wide to be scaled down to a phone, and scrolls there instead.
    var isWide: Bool { width > 400 }
}

extension Plot {
    /// The plot as a figure of a page.
    ///
    /// - Parameter number: which figure of the page it is, from 1: names in a page must differ.
    /// - Returns: the figure.
    func figure(number: Int) -> HTML {
        let drawing = drawing()
        let (titleName, summaryName) = ("figure-\(number)-title", "figure-\(number)-summary")
        let (width, height) = (
            ReportNumber.place(drawing.width), ReportNumber.place(drawing.height)
        )
        let svg = HTML.element(
            "svg",
            [
                "class": drawing.isWide ? "full" : "fit", "width": width, "height": height,
                "viewBox": "0 0 \(width) \(height)", "role": "img",
                "aria-labelledby": "\(titleName) \(summaryName)",
            ],
            [
                .element("title", ["id": titleName], [HTML(text: title)]),
                .element("desc", ["id": summaryName], [HTML(text: summary)]),
                drawing.marks,
            ]
        )
        let box = HTML.element(
            "div",
            ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": title],
            [svg]
        )
        return .element(
            "figure",
            ["class": drawing.isWide ? "wide" : nil],
            [
                .element("figcaption", [:], [HTML(text: title)]),
                drawing.isWide ? box : svg,
                drawing.legend ?? .empty,
                remark.map { .element("p", ["class": "remark"], [HTML(prose: $0)]) } ?? .empty,
            ]
        )
    }
}

/// SVG elements the plots share.
enum Mark {
    /// The colour of a series: they repeat after six, with another dash.
    static func colour(_ series: Int) -> String { "s\(series % ReportStyle.series.count)" }

    /// How a line of a series is broken, so that it can be told without its colour.
    static func dash(_ series: Int) -> String? {
        [nil, "7 3", "2 3", "9 3 2 3", "5 2 1 2 1 2", "4 5"][
            (series + series / ReportStyle.series.count) % 6
        ]
    }

    static func text(
        _ text: String,
        _ x: Double,
        _ y: Double,
        _ style: String? = nil,
        value: Double? = nil,
        from pointer: String? = nil
    ) -> HTML {
        .element(
            "text",
            [
                "x": ReportNumber.place(x), "y": ReportNumber.place(y), "class": style,
                "data-value": value.map(ReportNumber.full), "data-from": pointer,
            ],
            [HTML(text: text)]
        )
    }

    static func line(
        _ x1: Double,
        _ y1: Double,
        _ x2: Double,
        _ y2: Double,
        _ style: String
    ) -> HTML {
        .element(
            "line",
            [
                "x1": ReportNumber.place(x1), "y1": ReportNumber.place(y1),
                "x2": ReportNumber.place(x2), "y2": ReportNumber.place(y2), "class": style,
            ]
        )
    }

    static func circle(
        _ x: Double,
        _ y: Double,
        _ radius: Double,
        _ style: String,
        _ tip: String? = nil
    ) -> HTML {
        .element(
            "circle",
            [
                "cx": ReportNumber.place(x), "cy": ReportNumber.place(y),
                "r": ReportNumber.place(radius), "class": style,
            ],
            tip.map { [.element("title", [:], [HTML(text: $0)])] } ?? []
        )
    }

    static func rectangle(
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double,
        _ style: String,
        _ tip: String? = nil
    ) -> HTML {
        .element(
            "rect",
            [
                "x": ReportNumber.place(x), "y": ReportNumber.place(y),
                "width": ReportNumber.place(max(0, width)),
                "height": ReportNumber.place(max(0, height)),
                "class": style,
            ],
            tip.map { [.element("title", [:], [HTML(text: $0)])] } ?? []
        )
    }

    /// A rectangle in few letters, as large maps have many.
    static func cell(
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double,
        _ style: String,
        opacity: Double?,
        _ tip: String?
    ) -> HTML {
        let across = ReportNumber.place(width)
        let place = "M\(ReportNumber.place(x)) \(ReportNumber.place(y))"
        return .element(
            "path",
            [
                "d": place + "h\(across)v\(ReportNumber.place(height))h-\(across)z", "class": style,
                "fill-opacity": opacity.map { ReportNumber.fixed($0, digits: 2) },
            ],
            tip.map { [.element("title", [:], [HTML(text: $0)])] } ?? []
        )
    }

    /// A path through points.
    static func path(
        _ points: [(x: Double, y: Double)],
        _ style: String,
        dash: String? = nil
    )
        -> HTML
    {
        let steps = points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(ReportNumber.place(point.x)) \(ReportNumber.place(point.y))"
        }
        return .element(
            "path",
            ["d": steps.joined(), "class": style, "stroke-dasharray": dash]
        )
    }

    static func group(_ style: String, _ marks: [HTML]) -> HTML {
        .element("g", ["class": style], marks)
    }

    /// A key: small pictures with names.
    static func legend(_ entries: [(picture: HTML, name: String)]) -> HTML {
        .element(
            "ul",
            ["class": "legend"],
            entries.map { entry in
                .element(
                    "li",
                    [:],
                    [
                        .element(
                            "svg",
                            ["width": "26", "height": "14", "aria-hidden": "true"],
                            [entry.picture]
                        ),
                        .element("span", [:], [HTML(name: entry.name)]),
                    ]
                )
            }
        )
    }

    /// About how wide a text of the plots' size is.
    static func width(_ text: String) -> Double { 6.6 * Double(text.count) }

    /// A text of at most so many characters.
    static func shortened(_ text: String, to count: Int) -> String {
        text.count <= count ? text : text.prefix(count - 1) + "\u{2026}"
    }
}
