import Foundation
import Testing

@Suite("Codes of refusals") struct DocumentedCodeTests {
    /// The package, which holds this file.
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The codes that stand in the sources of the server.
    private static func codes() throws -> Set<String> {
        let sources = package.appendingPathComponent("Sources/MotetServing").path
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources)
            .filter { $0.hasSuffix(".swift") }
        var codes: Set<String> = []
        for file in files {
            let text = try String(contentsOfFile: sources + "/" + file, encoding: .utf8)
            for match in text.matches(of: /RequestError\(\s*\.[A-Za-z]+,\s*"([a-z0-9_]+)"/) {
                codes.insert(String(match.1))
            }
        }
        return codes
    }

    /// A client decides by them: each stands in the table of docs/serving/README.md.
    @Test func eachStandsInTheTableOfServing() throws {
        let codes = try Self.codes()
        // That they are found at all.
        #expect(codes.count > 40 && codes.isSuperset(of: ["not_found", "prices_changed"]))
        let page = try String(
            contentsOf: Self.package.appendingPathComponent("docs/serving/README.md"),
            encoding: .utf8
        )
        let table = page.split(separator: "\n").filter {
            $0.hasPrefix("| 4") || $0.hasPrefix("| 5")
        }
        .joined(separator: "\n")
        for code in codes.sorted() {
            #expect(table.contains("`\(code)`"), "\(code) is not documented")
        }
    }
}
