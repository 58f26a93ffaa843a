import Foundation
import Testing

@testable import MotetReports

@Suite("HTML") struct HTMLTests {
    @Test func textCannotBecomeMarkup() {
        let text = HTML(text: #"<b class="x">&'"#)
        #expect(text.markup == "&lt;b class=&quot;x&quot;&gt;&amp;&#39;")
        let element = HTML.element("p", ["title": #"" onload="alert(1)"#], [text])
        #expect(
            element.markup
                == "<p title=\"&quot; onload=&quot;alert(1)\">&lt;b class=&quot;x&quot;&gt;&amp;&#39;</p>"
        )
    }

    @Test func charactersNoDocumentMayHoldAreReplaced() {
        let turned = "\u{202E}123\u{2066}"
        #expect(
            HTML(text: "a\u{0}b\u{8}\n\u{85}" + turned).markup
                == "a\u{FFFD}b\u{FFFD}\n\u{FFFD}\u{FFFD}123\u{FFFD}"
        )
        #expect(HTML(text: "Grüße, 東京, \u{1F600}").markup == "Grüße, 東京, \u{1F600}")
    }

    @Test(
        arguments: [
            ("try `a_b: <1>` now", "try <code>a_<wbr>b: &lt;1&gt;</code> now"),
            ("one ` tick", "one ` tick"), ("`a` and ` b", "<code>a</code> and ` b"),
            ("`a``b`", "<code>a</code><code>b</code>"), ("", ""),
        ]
    )
    func codeStandsBetweenBackticks(prose: String, markup: String) {
        #expect(HTML(prose: prose).markup == markup)
    }

    @Test func longNamesMayBreakAndKeepTheirText() {
        let name = HTML(name: "mmoe+dwa/seed_1.<x>")
        #expect(name.markup == "mmoe+<wbr>dwa/<wbr>seed_<wbr>1.<wbr>&lt;x&gt;")
    }

    @Test func elementsWithoutContentsHaveNoEndTag() {
        #expect(
            HTML.element("meta", ["charset": "utf-8", "name": nil]).markup
                == "<meta charset=\"utf-8\">"
        )
        #expect(HTML.element("td").markup == "<td></td>")
    }

    /// No part of the page lets a name of a user through as it is.
    @Test func everyTextOfAPageIsEscaped() {
        let evil = "</style><script>\"'&"
        let cell = HeatMap.Cell(evil, shade: 1)
        let plots: [any Plot] = [
            LinePlot(
                evil,
                x: evil,
                y: evil,
                [.init(evil, [.init(1, 2), .init(2, 3)])],
                remark: evil
            ),
            HeatMap(
                evil,
                rows: [evil],
                columns: [evil],
                cells: [[cell]],
                ramp: .init(low: evil, middle: evil, high: evil),
                remark: evil
            ),
            ScatterPlot(evil, x: evil, y: evil, [.init(evil, x: 1, y: 2)], remark: evil),
            BarPlot(
                evil,
                x: evil,
                rows: [evil],
                [.init(evil, [1]), .init(evil, [2])],
                remark: evil
            ),
            IntervalPlot(evil, x: evil, [.init(evil, 1, lower: 0, upper: 2)], remark: evil),
            ReliabilityPlot(evil, [.init(predicted: 0.1, observed: 0.2, rows: 3)], remark: evil),
        ]
        let table = ReportTable(
            evil,
            source: evil,
            columns: [.text(evil)],
            rows: [.init([.name(evil, from: evil)], at: evil)]
        )
        let page = ReportPage(
            title: evil,
            lead: evil,
            sections: [
                ReportSection(
                    evil,
                    [
                        .paragraph(evil), .note(evil, isWarning: true), .list([evil]),
                        .steps([evil]),
                        .heading(evil), .facts(.init(source: evil, [.init(evil, .text(evil))])),
                        .table(table), .plots(plots), .code(evil),
                    ]
                )
            ],
            footer: evil
        )
        let html = page.html()
        #expect(!html.contains("<script"))
        #expect(html.components(separatedBy: "</style>").count == 2)
        #expect(html.components(separatedBy: "&lt;script&gt;").count > 40)
    }
}

@Suite("Numbers of reports") struct ReportNumberTests {
    @Test(
        arguments: [
            (0.0, "0"), (812, "812"), (45_123, "45.1k"), (2_700_000, "2.7M"), (0.5, "0.5"),
            (0.01234, "0.012"), (0.000_05, "5e-5"), (-1234, "-1.23k"), (999.7, "1k"),
            (1.5e16, "1.5e16"), (.nan, "-"), (.infinity, "-"),
        ]
    )
    func compactNumbersShowThreeDigits(value: Double, text: String) {
        #expect(ReportNumber.compact(value) == text)
    }

    @Test func fixedNumbersNeverSayMinusZero() {
        #expect(ReportNumber.fixed(-0.00004, digits: 4) == "0.0000")
        #expect(ReportNumber.fixed(0.00004, digits: 4, isSigned: true) == "0.0000")
        #expect(ReportNumber.fixed(0.5, digits: 2, isSigned: true) == "+0.50")
        #expect(ReportNumber.fixed(-0.5, digits: 2, isSigned: true) == "-0.50")
    }

    @Test(arguments: [0.1, 1.0 / 3, 1e-300, 123_456_789.0, -7.25, 5e15, .ulpOfOne])
    func fullNumbersReadBackEqual(value: Double) throws {
        #expect(Double(ReportNumber.full(value)) == value)
    }

    @Test func cellsWithoutAValueAreADashAndNotANumber() {
        for value in [nil, Double.nan, .infinity] {
            let cell = ReportCell.number(value, digits: 2, from: "x")
            #expect(cell == .missing && !cell.content.markup.contains("data-value"))
        }
        #expect(ReportCell.interval(0.1, nil, from: "x") { "\($0)" } == .missing)
    }
}
