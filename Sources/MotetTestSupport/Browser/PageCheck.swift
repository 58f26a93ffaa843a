import Foundation

/// What a report must keep to, looked at in a real browser.
///
/// - Nothing is said on the console, and nothing is asked for but the file itself.
/// - Nothing is wider than the window, but what scrolls in a box of its own; no text of a drawing is cut off.
/// - Text has a contrast of at least 4.5 to what is behind it.
/// - Numbers and names with a place in a JSON file (`data-from`) are what stands there, and the text a person
///   reads is the number, rounded.
/// - Drawings have a title and a description, tables a caption and headings, names in the page differ.
public struct PageCheck: Sendable {
    /// What was found in one view.
    public struct Finding: Decodable, Sendable {
        /// What is wrong, one sentence each.
        public var faults: [String]
        /// The places in JSON files whose values stand on the page, as `file#pointer`.
        public var places: Set<String>
        /// How many drawings there are.
        public var drawings: Int
        /// How many texts were held against what is behind them.
        public var texts: Int
        /// The least contrast of a text.
        public var leastContrast: Double
        /// The colour of the page's ground.
        public var ground: String
    }

    /// The page: a file, or an address.
    public let file: String
    /// What is true in a page that is served once it shows what it is to show; nil for a file.
    private let isReady: String?

    /// Creates a check of a file.
    public init(_ file: String) {
        self.file = file
        isReady = nil
    }

    /// Creates a check of a page that is served, which may have a program that asks its own server.
    ///
    /// - Parameters:
    ///   - address: the address of the page.
    ///   - isReady: an expression of JavaScript that becomes true when the page is to be looked at.
    public init(address: String, isReady: String) {
        file = address
        self.isReady = isReady
    }

    /// Looks at the page in a view.
    ///
    /// - Parameters:
    ///   - browser: the browser.
    ///   - view: the size and colours.
    /// - Returns: what was found; JSON files are read beside the page.
    /// - Throws: `Browser.Failure` when the browser does not answer, and when a JSON file cannot be read.
    public func find(_ browser: Browser, _ view: Browser.View) async throws -> Finding {
        _ = try await browser.consoleLines()
        let own = Browser.address(of: file)
        _ = try await browser.requests(of: own)
        try await browser.open(file, view)
        if let isReady { try await wait(browser, until: isReady) }
        let names = try JSONDecoder().decode(
            [String].self,
            from: try await browser.run(
                "return [...new Set([...document.querySelectorAll('[data-source]')].map(e => e.dataset.source))]"
            )
        )
        var sources: [String: String] = [:]
        for name in names {
            let place = URL(fileURLWithPath: file).deletingLastPathComponent()
                .appendingPathComponent(name)
            let text = try String(contentsOf: place, encoding: .utf8)
            let lines = text.split(separator: "\n").joined(separator: ",")
            sources[name] = name.hasSuffix(".jsonl") ? "[\(lines)]" : text
        }
        var finding = try JSONDecoder().decode(
            Finding.self,
            from: try await browser.run(Self.script, [sources, view.width, isReady != nil])
        )
        finding.faults += try await browser.consoleLines().map { "console: \($0)" }
        let asked = try await browser.requests(of: own)
        if !asked.contains(own) { finding.faults.append("the browser did not ask for the page") }
        finding.faults += asked.filter { $0 != own && !$0.hasPrefix("data:") && !isServed($0) }
            .map { "asked for \($0)" }
        return finding
    }

    /// Whether an address is one of the server that a page with a program comes from.
    private func isServed(_ address: String) -> Bool {
        guard isReady != nil, let page = URL(string: file), let other = URL(string: address) else {
            return false
        }
        return page.scheme == other.scheme && page.host == other.host && page.port == other.port
    }

    private func wait(_ browser: Browser, until condition: String) async throws {
        for _ in 0..<300 {
            let answer = try await browser.run("return Boolean(\(condition))")
            if String(decoding: answer, as: UTF8.self) == "true" { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Browser.Failure(description: "\(file): within 15 s it was never true: \(condition)")
    }

    /// Looks at the page in every view.
    ///
    /// - Parameter browser: the browser.
    /// - Returns: each view with what was found.
    /// - Throws: as the other form.
    public func findAll(_ browser: Browser) async throws -> [(view: Browser.View, finding: Finding)]
    {
        var all: [(view: Browser.View, finding: Finding)] = []
        for view in Browser.View.all { all.append((view, try await find(browser, view))) }
        return all
    }
}
