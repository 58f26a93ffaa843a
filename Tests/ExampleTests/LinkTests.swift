import Foundation
import Testing

/// Links of a page of Markdown to other files of the repository.
struct PageLinks {
    /// The targets of `[text](target)`, addresses left out.
    let targets: [String]
    /// What a link may name after `#`: headings as the usual web views of repositories spell them.
    let anchors: Set<String>

    init(_ page: String) {
        var targets: [String] = []
        var anchors: Set<String> = []
        var isCode = false
        for line in page.components(separatedBy: "\n") {
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode else { continue }
            if line.hasPrefix("#") { anchors.insert(Self.anchor(line)) }
        }
        // Links may be broken over two lines.
        let text = page.replacing("\n", with: " ")
        for match in text.matches(of: /\]\(([^)\s]+)\)/) {
            let target = String(match.1)
            if !target.contains("://"), !target.hasPrefix("mailto:") { targets.append(target) }
        }
        self.targets = targets
        self.anchors = anchors
    }

    private static func anchor(_ heading: String) -> String {
        let text = heading.drop { $0 == "#" || $0 == " " }.lowercased()
        return String(
            text.compactMap { letter -> Character? in
                if letter == " " { return "-" }
                return letter.isLetter || letter.isNumber || "-_".contains(letter) ? letter : nil
            }
        )
    }

    /// The links that lead nowhere.
    ///
    /// - Parameters:
    ///   - folder: the folder of the page.
    ///   - read: the text of a file, nil where there is none.
    /// - Returns: the targets as they are written.
    func broken(in folder: URL, reading read: (URL) -> String?) -> [String] {
        targets.filter { target in
            let parts = target.split(
                separator: "#",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let path = String(parts[0])
            let place = folder.appendingPathComponent(path).standardizedFileURL
            if path.isEmpty { return !anchors.contains(String(parts[1])) }
            guard FileManager.default.fileExists(atPath: place.path) else { return true }
            guard parts.count == 2, let other = read(place) else { return false }
            return !PageLinks(other).anchors.contains(String(parts[1]))
        }
    }
}

@Suite("Links of the documentation") struct LinkTests {
    /// Every page of Markdown, relative to the package.
    static let pages: [String] = {
        let root = DocumentedExperiment.package.path
        let above = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let below = ["docs", "Examples", "Benchmarks", "Tests"].flatMap { folder in
            (FileManager.default.enumerator(atPath: root + "/" + folder)?
                .compactMap { $0 as? String } ?? [])
                .filter { !$0.contains(".build") }
                .map { folder + "/" + $0 }
        }
        return (above + below).filter { $0.hasSuffix(".md") }.sorted()
    }()

    @Test(arguments: pages)
    func everyLinkLeadsToAFile(page: String) throws {
        let url = DocumentedExperiment.package.appendingPathComponent(page)
        let links = PageLinks(try String(contentsOf: url, encoding: .utf8))
        let broken = links.broken(in: url.deletingLastPathComponent()) { other in
            try? String(contentsOf: other, encoding: .utf8)
        }
        #expect(broken == [])
    }

    @Test func pagesAreFound() {
        #expect(Self.pages.contains("README.md") && Self.pages.contains("docs/models/ple.md"))
    }

    @Test func aBrokenLinkIsFound() {
        let links = PageLinks(
            """
            # One page

            [a](README.md) [b](NOWHERE.md) [c](README.md#nothing-of-the-kind) [d](#one-page)
            [e](#two-pages) [f](https://example.com/x) [broken
            over lines](ELSEWHERE.md)
            """
        )
        let broken = links.broken(in: DocumentedExperiment.package) { other in
            try? String(contentsOf: other, encoding: .utf8)
        }
        #expect(
            broken == ["NOWHERE.md", "README.md#nothing-of-the-kind", "#two-pages", "ELSEWHERE.md"]
        )
    }
}
