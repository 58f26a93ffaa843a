public import Foundation

/// A real browser without a window, driven by its WebDriver: headless Chromium of Debian.
///
/// Pages are files, or served by a program of this machine.
public struct Browser: Sendable {
    /// How a page is shown.
    public struct View: Hashable, Sendable, CustomStringConvertible {
        /// The width of the window in pixels.
        public var width: Int
        /// Whether the system's colours are dark.
        public var isDark: Bool

        /// Creates a view.
        public init(width: Int, isDark: Bool) {
            self.width = width
            self.isDark = isDark
        }

        /// Such as `360 px, dark`.
        public var description: String { "\(width) px, \(isDark ? "dark" : "light")" }

        /// A phone and a desk, light and dark.
        public static let all = [360, 1200].flatMap { width in
            [false, true].map { View(width: width, isDark: $0) }
        }
    }

    /// What went wrong between the tests and the browser.
    public struct Failure: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// What a test that needs a browser says where there is none.
    public static let isMissing =
        "chromium and chromedriver are not installed; scripts/setup.sh installs them"

    /// Whether the browser and its driver are there.
    public static var isInstalled: Bool { programs != nil }

    private static var programs: (browser: String, driver: String)? {
        func first(_ names: [String]) -> String? {
            let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(
                separator: ":"
            )
            return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
                .first { FileManager.default.isExecutableFile(atPath: $0) }
        }
        guard let browser = first(["chromium", "chromium-browser", "google-chrome"]),
            let driver = first(["chromedriver"])
        else { return nil }
        return (browser, driver)
    }

    private struct Started: Decodable { var sessionId: String }

    private let port: Int
    /// The path of everything this browser is asked.
    private let session: String

    /// Starts a browser, hands it over, and ends it.
    ///
    /// - Parameter body: what is done with it.
    /// - Returns: what the body returns.
    /// - Throws: ``Failure`` when it does not start or does not answer, and what the body throws.
    public static func with<Result>(
        _ body: (Browser) async throws -> Result
    ) async throws
        -> Result
    {
        guard let programs else { throw Failure(description: "there is no chromium") }
        // Short: Chromium puts a socket below it, whose path may have 107 bytes.
        let folder = NSTemporaryDirectory() + "/motet-" + UUID().uuidString.prefix(13)
        try FileManager.default.createDirectory(
            atPath: folder + "/profile",
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = folder + "/driver.log"
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let sink = FileHandle(forWritingAtPath: log)
        else { throw Failure(description: "file \"\(log)\": cannot be written") }
        let driver = Process()
        driver.executableURL = URL(fileURLWithPath: programs.driver)
        driver.arguments = ["--port=0"]
        // Whatever a browser keeps at home goes with the folder.
        driver.environment = ProcessInfo.processInfo.environment.merging(
            ["HOME": folder, "TMPDIR": folder]
        ) { $1 }
        driver.standardOutput = sink
        driver.standardError = sink
        try driver.run()
        defer {
            // A process that a thread of Dispatch starts blocks most signals, so asking it to end is in vain.
            kill(driver.processIdentifier, SIGKILL)
            driver.waitUntilExit()
        }
        let port = try await port(log)
        // Before its driver ends, which could not end it any more.
        defer { _ = try? LocalHTTP.ask("GET", port: port, "/shutdown") }
        let arguments =
            [
                "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--user-data-dir=\(folder)/profile",
            ]
            // Chromium refuses to put its sandbox up for root, as whom containers often run.
            + (getuid() == 0 ? ["--no-sandbox"] : [])
        let options: [String: Any] = ["binary": programs.browser, "args": arguments]
        let capabilities: [String: Any] = [
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
        ]
        let answer = try ask(
            port,
            "/session",
            ["capabilities": ["alwaysMatch": capabilities]]
        )
        let started = try JSONDecoder().decode(Started.self, from: answer)
        return try await body(Browser(port: port, session: "/session/\(started.sessionId)"))
    }

    /// The port the driver says it listens on.
    private static func port(_ log: String) async throws -> Int {
        for _ in 0..<600 {
            let text = try String(contentsOfFile: log, encoding: .utf8)
            if let match = text.firstMatch(of: /on port (\d+)\./), let port = Int(match.1) {
                return port
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "chromedriver did not start within 30 s")
    }

    // MARK: Commands

    /// Shows a page as a window of a size and the system's colours would.
    ///
    /// - Parameters:
    ///   - page: a file, or an address with its scheme.
    ///   - view: the size and colours.
    /// - Throws: ``Failure`` when the browser does not answer.
    public func open(_ page: String, _ view: View) async throws {
        _ = try await devTools(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": view.width, "height": 800, "deviceScaleFactor": 1,
                "mobile": view.width < 600,
            ]
        )
        _ = try await devTools(
            "Emulation.setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": view.isDark ? "dark" : "light"]
                ]
            ]
        )
        _ = try Self.ask(port, session + "/url", ["url": Self.address(of: page)])
    }

    /// The address of a page: what has a scheme is one, all else is a file.
    static func address(of page: String) -> String {
        page.contains("://") ? page : URL(fileURLWithPath: page).absoluteString
    }

    /// A picture of the whole page as it is shown: a PNG.
    public func screenshot() async throws -> Data {
        struct Picture: Decodable { var data: String }
        let size = try JSONDecoder().decode(
            [Int].self,
            from: try await run(
                """
                const page = document.scrollingElement;
                return [document.documentElement.clientWidth, page.scrollHeight];
                """
            )
        )
        let answer = try await devTools(
            "Page.captureScreenshot",
            [
                "format": "png", "captureBeyondViewport": true,
                "clip": ["x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1],
            ]
        )
        let picture = try JSONDecoder().decode(Picture.self, from: answer)
        return Data(base64Encoded: picture.data) ?? Data()
    }

    /// Runs a function's body in the page.
    ///
    /// - Parameters:
    ///   - script: JavaScript that returns a value; `arguments` are its arguments.
    ///   - arguments: values JSON can hold.
    /// - Returns: the value as JSON.
    /// - Throws: ``Failure`` when the script fails or the browser does not answer.
    public func run(_ script: String, _ arguments: [Any] = []) async throws -> Data {
        try Self.ask(port, session + "/execute/sync", ["script": script, "args": arguments])
    }

    /// What the page has said on its console since the last call: errors, warnings and refused requests.
    public func consoleLines() async throws -> [String] {
        try await log("browser").map(\.message)
    }

    /// The addresses a page has asked for since the last call, its own among them.
    ///
    /// The browser's own pages ask for things too, such as the one it starts with.
    ///
    /// - Parameter page: the page's address.
    /// - Returns: addresses in their order.
    /// - Throws: ``Failure`` when the browser does not answer.
    public func requests(of page: String) async throws -> [String] {
        struct Line: Decodable {
            struct Message: Decodable {
                struct Parameters: Decodable {
                    struct Request: Decodable { var url: String }
                    var request: Request?
                    var documentURL: String?
                }
                var method: String
                var params: Parameters?
            }
            var message: Message
        }
        return try await log("performance").compactMap { entry in
            let line = try JSONDecoder().decode(Line.self, from: Data(entry.message.utf8))
            guard line.message.method == "Network.requestWillBeSent",
                line.message.params?.documentURL == page
            else { return nil }
            return line.message.params?.request?.url
        }
    }

    /// The page as it is printed: a PDF.
    public func printed() async throws -> Data {
        let text = try JSONDecoder().decode(
            String.self,
            from: try Self.ask(port, session + "/print", [:])
        )
        return Data(base64Encoded: text) ?? Data()
    }

    private struct LogEntry: Decodable { var message: String }

    private func log(_ kind: String) async throws -> [LogEntry] {
        try JSONDecoder().decode(
            [LogEntry].self,
            from: try Self.ask(port, session + "/se/log", ["type": kind])
        )
    }

    private func devTools(_ command: String, _ parameters: [String: Any]) async throws -> Data {
        try Self.ask(
            port,
            session + "/goog/cdp/execute",
            ["cmd": command, "params": parameters]
        )
    }

    /// Sends a command; the `value` of the answer as JSON.
    private static func ask(_ port: Int, _ path: String, _ body: [String: Any]) throws -> Data {
        let answer = try LocalHTTP.ask(
            "POST",
            port: port,
            path,
            body: try JSONSerialization.data(withJSONObject: body)
        )
        let object = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
        guard answer.status == 200, let object else {
            let text = String(decoding: answer.body.prefix(2000), as: UTF8.self)
            throw Failure(description: "\(path): \(text)")
        }
        return try JSONSerialization.data(
            withJSONObject: object["value"] ?? NSNull(),
            options: .fragmentsAllowed
        )
    }
}
