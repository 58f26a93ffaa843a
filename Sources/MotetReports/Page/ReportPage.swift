/// A report as one HTML file: nothing is fetched, no program runs in it, and it reads on a phone, on a wide
/// screen, light or dark, and on paper.
///
/// ```swift
/// let page = ReportPage(
///     title: "census",
///     lead: "Three tasks, trained together.",
///     sections: [
///         ReportSection("Metrics", [.table(table), .plots([curves, map])]),
///     ],
///     footer: "Motet 0.1.0"
/// )
/// let text = page.html()
/// ```
///
/// A content security policy in the file forbids everything but its own styles, so the promise does not rest
/// on its contents alone.
public struct ReportPage: Sendable {
    /// The heading.
    public var title: String
    /// A sentence below it.
    public var lead: String
    /// The sections in their order; those without blocks are left out.
    public var sections: [ReportSection]
    /// What stands at the end, such as who wrote the page.
    public var footer: String

    /// Creates a page.
    public init(title: String, lead: String, sections: [ReportSection], footer: String) {
        self.title = title
        self.lead = lead
        self.sections = sections
        self.footer = footer
    }

    /// The whole file.
    ///
    /// - Returns: an HTML document in UTF-8.
    public func html() -> String {
        let shown = sections.filter { !$0.blocks.isEmpty }
        var plots = 0
        let body = shown.enumerated().map { index, section in
            HTML.element(
                "section",
                ["id": "section-\(index + 1)"],
                [.element("h2", [:], [HTML(text: section.title)])]
                    + section.blocks.map { html($0, &plots) }
            )
        }
        let links = shown.enumerated().map { index, section in
            HTML.element("a", ["href": "#section-\(index + 1)"], [HTML(text: section.title)])
        }
        let document = HTML.joined([
            HTML(trusted: "<!DOCTYPE html>\n"),
            .element(
                "html",
                ["lang": "en"],
                [
                    head,
                    .element(
                        "body",
                        [:],
                        [
                            .element(
                                "header",
                                [:],
                                [
                                    .element("h1", [:], [HTML(name: title)]),
                                    .element("p", [:], [HTML(prose: lead)]),
                                    .element("nav", ["aria-label": "Sections"], links),
                                ]
                            ),
                            .element("main", [:], body),
                            .element(
                                "footer",
                                [:],
                                [.element("p", [:], [HTML(prose: footer)])]
                            ),
                        ]
                    ),
                ]
            ),
            HTML(trusted: "\n"),
        ])
        return document.markup
    }

    private var head: HTML {
        .element(
            "head",
            [:],
            [
                .element("meta", ["charset": "utf-8"]),
                .element(
                    "meta",
                    [
                        "http-equiv": "Content-Security-Policy",
                        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
                    ]
                ),
                .element(
                    "meta",
                    ["name": "viewport", "content": "width=device-width, initial-scale=1"]
                ),
                .element("meta", ["name": "color-scheme", "content": "light dark"]),
                // Browsers ask a server for an icon unless the page names one.
                .element("link", ["rel": "icon", "href": "data:,"]),
                .element("title", [:], [HTML(text: title)]),
                .element("style", [:], [HTML(trusted: ReportStyle.sheet)]),
            ]
        )
    }

    private func html(_ block: ReportBlock, _ plots: inout Int) -> HTML {
        switch block {
        case .paragraph(let text): return .element("p", [:], [HTML(prose: text)])
        case .note(let text, let isWarning):
            return .element(
                "p",
                ["class": isWarning ? "note warning" : "note"],
                [HTML(prose: text)]
            )
        case .list(let items): return list("ul", items)
        case .steps(let items): return list("ol", items)
        case .heading(let text): return .element("h3", [:], [HTML(name: text)])
        case .facts(let facts): return facts.html
        case .table(let table): return table.html
        case .code(let text):
            return .element(
                "div",
                ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Text"],
                [.element("pre", [:], [HTML(text: text)])]
            )
        case .plots(let shown):
            return .element(
                "div",
                ["class": shown.count == 1 ? "plots one" : "plots"],
                shown.map { plot in
                    plots += 1
                    return plot.figure(number: plots)
                }
            )
        }
    }

    private func list(_ kind: String, _ items: [String]) -> HTML {
        .element(kind, [:], items.map { .element("li", [:], [HTML(prose: $0)]) })
    }
}

/// A part of a page with a heading of its own.
public struct ReportSection: Sendable {
    /// The heading.
    public var title: String
    /// What stands below it.
    public var blocks: [ReportBlock]

    /// Creates a section.
    public init(_ title: String, _ blocks: [ReportBlock]) {
        self.title = title
        self.blocks = blocks
    }
}
