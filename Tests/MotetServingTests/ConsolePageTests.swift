import Foundation
import MotetTestSupport
import Testing

@testable import MotetServing

/// The page in a real browser.
///
/// `MOTET_SCREENSHOTS` names a folder for pictures of it: `make console-check`.
@Suite("Console in a browser", .enabled(if: Browser.isInstalled, "\(Browser.isMissing)"))
struct ConsolePageTests {
    private static let mark = "<img src=x onerror=\"document.title='run'\">"

    /// A server of its own process, as the browser asks it while the tests wait.
    private func server(_ name: String) async throws -> (ServeProcess, port: Int, admin: Int) {
        let shop = try OnlineShop.shared.get()
        try shop.write("\(name).yaml", "admin: { port: 0 }\nfeatures: { store: memory }\n")
        let program = try ServeProcess(
            ["run", "--port", "0", "--config", "\(name).yaml"],
            in: shop.path
        )
        let port = try #require(try await program.event("listening")["port"] as? Int)
        let admin = try await program.event("listening for admin routes")["port"] as? Int
        _ = try await program.event("ready")
        return (program, port, try #require(admin))
    }

    private func ask(_ port: Int, _ path: String, _ body: String) async throws -> Reply {
        try await blocking {
            let wire = try Wire(port: port)
            wire.send(
                "POST \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body
            )
            return try wire.answer()
        }
    }

    /// Sends events, scores of two markets, a request that is refused, and an item whose name is markup.
    private func sendTraffic(_ port: Int) async throws {
        let events = OnlineShop.events(at: OnlineShop.now).joined(separator: ",")
        #expect(try await ask(port, "/v1/events", "[\(events)]").status == 200)
        for number in 0..<60 {
            let items = (0..<8).map { place in
                let mark = Self.mark.replacing("\"", with: "\\\"")
                let id = number.isMultiple(of: 5) && place == 0 ? mark : "i\(place)"
                let price = 1 + place * number % 37
                return "{\"id\":\"\(id)\",\"item_id\":\"i\(place)\",\"price\":\(price)}"
            }
            let body =
                "{\"user\":{\"id\":\"anna-\(number % 7)\"},\"context\":{\"market\":\""
                + "\(["home", "search", "moon"][number % 3])\"},\"items\":[\(items.joined(separator: ","))]}"
            let reply = try await ask(port, "/v1/score", body)
            #expect(reply.status == 200, "\(reply.text)")
        }
        #expect(try await ask(port, "/v1/score", "{").status == 400)
    }

    private func keep(_ name: String, _ view: Browser.View, _ browser: Browser) async throws {
        guard let folder = ProcessInfo.processInfo.environment["MOTET_SCREENSHOTS"] else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let colours = view.isDark ? "dark" : "light"
        let file = "\(folder)/\(name)-\(view.width)-\(colours).png"
        try await browser.screenshot().write(to: URL(fileURLWithPath: file))
    }

    @Test func itShowsWhatTheServerDoesOnAPhoneAndADeskInBothColours() async throws {
        let (program, port, admin) = try await server("console")
        try await sendTraffic(port)
        try await Browser.with { browser in
            let check = PageCheck(
                address: "http://127.0.0.1:\(admin)/console",
                isReady: "document.querySelectorAll('details').length > 0"
            )
            for view in Browser.View.all {
                let finding = try await check.find(browser, view)
                #expect(finding.faults == [], "\(view)")
                #expect(finding.leastContrast >= 4.5, "\(view)")
                // Traffic, latency, and the scores of one task.
                #expect(finding.drawings == 3)
                #expect(finding.ground == (view.isDark ? "rgb(14, 17, 20)" : "rgb(244, 245, 248)"))
                try await opened(browser)
                try await keep("console", view, browser)
            }
        }
        program.send(SIGTERM)
        #expect(try await program.status() == 0)
    }

    /// Opens the first two decisions, and reads the page.
    private func opened(_ browser: Browser) async throws {
        let page = try JSONDecoder().decode(
            [String: String].self,
            from: try await browser.run(
                """
                document.querySelectorAll('details').forEach((row, index) => { row.open = index < 2; });
                const text = id => document.getElementById(id).textContent.replace(/\\s+/g, ' ');
                return {tiles: text('tiles'), requests: text('requests'), routes: text('routes'),
                  stages: text('stages'), scores: text('scores'), decisions: text('decisions'),
                  models: text('models'), store: text('store'), state: text('state'), title: document.title,
                  clocks: [...document.querySelectorAll('#requests svg text')].map(node => node.textContent)
                    .filter(word => word.includes(':')).join(' '),
                  images: String(document.querySelectorAll('img').length), all: document.body.innerText};
                """
            )
        )
        #expect(page["state"] == "Live")
        #expect(page["tiles"]?.contains("62 since the start") == true, "\(page["tiles"] ?? "")")
        #expect(page["requests"]?.contains("score 61") == true, "\(page["requests"] ?? "")")
        #expect(page["routes"] == "scoreevents")
        // Times below the charts are those of whole five minutes.
        let clocks = page["clocks"]?.split(separator: " ") ?? []
        #expect(clocks.count >= 2 && clocks.allSatisfy { $0.hasSuffix("0") || $0.hasSuffix("5") })
        for stage in ScoreRecord.Stage.allCases {
            #expect(page["stages"]?.contains(stage.rawValue) == true)
        }
        let scores = try #require(page["scores"])
        for part in ["click", "allhomesearchother", "480", "160", "live mean", "reference"] {
            #expect(scores.contains(part), "\(part): \(scores)")
        }
        #expect(page["models"]?.contains("run-") == true)
        #expect(page["models"]?.contains("200 validation rows") == true)
        #expect(page["store"]?.contains("applied60") == true, "\(page["store"] ?? "")")
        // Markup in an item's name is text, and no user's name stands there.
        #expect(page["decisions"]?.contains(Self.mark) == true)
        #expect(page["images"] == "0" && page["title"] == "Motet console")
        #expect(page["all"]?.contains("anna") == false)
    }

    /// Weeks that were forecast and what was sold in them: a band for each, a point, and the figures by weeks ahead.
    @Test func forecastsStandBesideOutcomesOnAPhoneAndADesk() async throws {
        let shop = try ForecastShop.shared.get()
        let folder = shop.folder()
        let more = "outcomes: { store: \(folder) }"
        let before = try await shop.server(more, at: ForecastShop.time(week: 0))
        try await before.stop()
        let later = try await shop.server(more, at: ForecastShop.time(week: 4))
        for start in ["2024-09-09", "2024-09-16", "2024-09-23"] {
            let items = (0..<9).map { "{\"id\":\"i\($0)\",\"units\":\(3 * $0 + 3)}" }
            let body = "{\"start\":\"\(start)\",\"items\":[\(items.joined(separator: ","))]}"
            #expect(try await later.post("/v1/forecast/sales", body).status == 200)
        }
        try await later.stop()
        try shop.served.write("console-forecast.yaml", "admin: { port: 0 }\n" + shop.text(more))
        let program = try ServeProcess(
            ["run", "--port", "0", "--config", "console-forecast.yaml"],
            in: shop.served.path
        )
        let admin = try await program.event("listening for admin routes")["port"] as? Int
        _ = try await program.event("ready")
        try await Browser.with { browser in
            let check = PageCheck(
                address: "http://127.0.0.1:\(try #require(admin))/console",
                isReady: "document.querySelectorAll('#forecasts svg').length > 0"
            )
            for view in Browser.View.all {
                let finding = try await check.find(browser, view)
                #expect(finding.faults == [], "\(view)")
                #expect(finding.leastContrast >= 4.5, "\(view)")
                #expect(finding.drawings == 1)
                let page = try JSONDecoder().decode(
                    [String: String].self,
                    from: try await browser.run(
                        """
                        const text = id => document.getElementById(id).textContent.replace(/\\s+/g, ' ');
                        const marks = kind => String(document.querySelectorAll('#forecasts svg .' + kind).length);
                        const found = {scores: text('forecast-scores'), series: text('forecast-series'), chart: text('forecasts'),
                          bands: marks('band'), dots: marks('dot')};
                        document.querySelectorAll('#forecast-series button')[1].click();
                        found.next = document.querySelector('#forecasts svg title').textContent;
                        return found;
                        """
                    )
                )
                #expect(page["bands"] == "4" && page["dots"] == "3", "\(page)")
                #expect(page["series"]?.hasPrefix("everythingc") == true, "\(page)")
                #expect(page["chart"]?.contains("of 3 outcomes lie between the quantiles") == true)
                #expect(page["scores"]?.contains("WAPE") == true)
                #expect(page["scores"]?.contains("inside, of 80 %") == true)
                // Three levels, each one, two and three weeks ahead.
                #expect(page["scores"]?.components(separatedBy: "item").count == 4, "\(page)")
                #expect(page["next"]?.hasPrefix("Units by week of c") == true, "\(page)")
                try await keep("forecasts", view, browser)
            }
        }
        program.send(SIGTERM)
        #expect(try await program.status() == 0)
    }

    @Test func withoutTrafficItSaysSo() async throws {
        let (program, _, admin) = try await server("console-empty")
        try await Browser.with { browser in
            let check = PageCheck(
                address: "http://127.0.0.1:\(admin)/console",
                isReady: "!document.getElementById('main').hidden"
            )
            for view in Browser.View.all {
                let finding = try await check.find(browser, view)
                #expect(finding.faults == [], "\(view)")
                #expect(finding.drawings == 0)
                let text = try await browser.run("return document.body.innerText")
                let shown = try JSONDecoder().decode(String.self, from: text)
                for sentence in [
                    "No requests yet.", "No answer of scores yet.",
                    "No scores within the last hour.", "No answers yet.",
                ] { #expect(shown.contains(sentence), "\(sentence)") }
                #expect(!shown.contains("– ms"))
                try await keep("empty", view, browser)
            }
        }
        program.send(SIGTERM)
        #expect(try await program.status() == 0)
    }

    @Test func theSecretIsAskedForAndNotKept() async throws {
        let shop = try OnlineShop.shared.get()
        try shop.write("page-secret", "a secret of many letters\n")
        try shop.write("console-secret.yaml", "admin: { token_file: page-secret }\n")
        let program = try ServeProcess(
            ["run", "--port", "0", "--config", "console-secret.yaml"],
            in: shop.path
        )
        let port = try #require(try await program.event("listening")["port"] as? Int)
        _ = try await program.event("ready")
        try await Browser.with { browser in
            let view = Browser.View(width: 1200, isDark: false)
            try await browser.open("http://127.0.0.1:\(port)/console", view)
            func wait(_ condition: String) async throws {
                for _ in 0..<100 {
                    let found = try await browser.run("return Boolean(\(condition))")
                    if String(decoding: found, as: UTF8.self) == "true" { return }
                    try await Task.sleep(for: .milliseconds(50))
                }
                Issue.record("never: \(condition)")
            }
            try await wait("!document.getElementById('secret').hidden")
            try await keep("secret", view, browser)
            func enter(_ secret: String) async throws {
                _ = try await browser.run(
                    """
                    document.getElementById('token').value = arguments[0];
                    document.getElementById('secret').requestSubmit();
                    """,
                    [secret]
                )
            }
            try await enter("a wrong secret")
            try await wait("!document.getElementById('refused').hidden")
            try await enter("a secret of many letters")
            try await wait("!document.getElementById('main').hidden")
            try await wait("document.getElementById('state').textContent === 'Live'")
            let kept = try await browser.run(
                "return document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
                    + " + document.getElementById('token').value"
            )
            #expect(String(decoding: kept, as: UTF8.self) == "\"{}{}\"")
        }
        program.send(SIGTERM)
        #expect(try await program.status() == 0)
    }
}
