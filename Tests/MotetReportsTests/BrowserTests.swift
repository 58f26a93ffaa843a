import Foundation
import MotetReports
import MotetTestSupport
import Testing

@Suite("Pages in a browser", .enabled(if: Browser.isInstalled, "\(Browser.isMissing)"))
struct BrowserTests {
    private func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result
    {
        let folder = NSTemporaryDirectory() + "/motet-page-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    /// Writes a page beside the sample's JSON.
    private func write(_ page: String, _ folder: String) throws -> PageCheck {
        try page.write(toFile: folder + "/page.html", atomically: true, encoding: .utf8)
        try SamplePage.json.write(
            toFile: folder + "/sample.json",
            atomically: true,
            encoding: .utf8
        )
        return PageCheck(folder + "/page.html")
    }

    @Test func everyBlockFitsAPhoneAndADeskInBothColours() async throws {
        try await withFolder { folder in
            let check = try write(SamplePage.page.html(), folder)
            try await Browser.with { browser in
                for (view, finding) in try await check.findAll(browser) {
                    #expect(finding.faults == [], "\(view)")
                    #expect(finding.leastContrast >= 4.5)
                    #expect(finding.drawings == 10 && finding.texts > 300)
                    #expect(
                        finding.ground == (view.isDark ? "rgb(20, 23, 26)" : "rgb(255, 255, 255)")
                    )
                    // Three names, two values, three differences, two intervals of two ends, the rows.
                    #expect(finding.places.count == 13)
                }
                #expect(try await browser.printed().count > 10_000)
            }
        }
    }

    /// Planted: each fault must be found, and be the only kind found.
    @Test func faultsOfAPageAreFound() async throws {
        let page = SamplePage.page.html()
        let faults: [(find: String, change: (String) -> String)] = [
            ("console:", { $0.replacing("</main>", with: "<script>void 0</script></main>") }),
            (
                "asked for",
                {
                    $0.replacing(/default-src[^"]*/, with: "")
                        .replacing("</main>", with: "<img src='other.png' alt=''></main>")
                }
            ),
            (
                "in a window of",
                {
                    $0.replacing(
                        "</main>",
                        with: "<p style='width:400px;max-width:none'>w</p></main>"
                    )
                }
            ),
            (
                "the page is",
                {
                    $0.replacing(
                        "</main>",
                        with: "<p style='width:400px;max-width:none'>w</p></main>"
                    )
                }
            ),
            ("is not 0.93123456789, rounded", { $0.replacing(">0.9312<", with: ">0.9313<") }),
            (
                "is 0.93123456789, not 0.9312",
                { $0.replacing("\"0.93123456789\"", with: "\"0.9312\"") }
            ),
            (
                "is mmoe<fixed>, not ",
                { $0.replacing("mmoe&lt;fixed&gt;</span>", with: "mmoe</span>") }
            ),
            ("a number without a place", { $0.replacing("not clear", with: "0.5") }),
            (
                "contrast 1.",
                { $0.replacing(".good{color:var(--good)}", with: ".good{color:var(--line)}") }
            ),
            (
                "contrast",
                { $0.replacing("svg .t{fill:var(--soft)}", with: "svg .t{fill:var(--grid)}") }
            ),
            (
                "is cut off",
                { $0.replacing("<text x=\"2\" y=\"12\"", with: "<text x=\"-20\" y=\"12\"") }
            ),
            ("one name", { $0.replacing("id=\"figure-2-title\"", with: "id=\"figure-1-title\"") }),
            ("no title or no description", { $0.replacing(/<desc [^>]*>[^<]*<\/desc>/, with: "") }),
            ("no caption", { $0.replacing(/<caption>.*?<\/caption>/, with: "") }),
        ]
        try await withFolder { folder in
            try await Browser.with { browser in
                for (wanted, change) in faults {
                    let changed = change(page)
                    #expect(changed != page, "nothing planted for: \(wanted)")
                    let check = try write(changed, folder)
                    let finding = try await check.find(
                        browser,
                        Browser.View(width: 360, isDark: false)
                    )
                    #expect(
                        finding.faults.contains { $0.contains(wanted) },
                        "\(wanted): \(finding.faults)"
                    )
                }
            }
        }
    }
}
