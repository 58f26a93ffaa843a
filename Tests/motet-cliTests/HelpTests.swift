import Foundation
import Testing

@Suite("Help") struct HelpTests {
    private static let page: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/cli.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    /// The commands with a section of the page, and the help shown there.
    private static let sections: [(command: String, help: String)] =
        page.components(separatedBy: "\n## ").compactMap { section in
            guard let title = section.firstMatch(of: /^`motet ([a-z ]+)`\n/),
                let start = section.range(of: "```\nOVERVIEW"),
                let end = section.range(of: "\n```", range: start.upperBound..<section.endIndex)
            else { return nil }
            let help = "OVERVIEW" + section[start.upperBound..<end.lowerBound]
            return (String(title.1), help)
        }

    @Test func everyCommandIsOnThePage() throws {
        #expect(
            Self.sections.map(\.command).sorted() == [
                "compare", "data", "data describe", "data features", "data fetch",
                "data list", "data panel", "data prepare", "data together", "embed", "evaluate",
                "explain",
                "inspect", "learn", "policy", "policy evaluate", "predict",
                "serve", "simulate", "train", "vectors",
            ]
        )
    }

    @Test(arguments: sections.map(\.command))
    func thePageShowsTheHelpOfTheProgram(command: String) throws {
        let shown = try #require(Self.sections.first { $0.command == command }?.help)
        let words = command.split(separator: " ").map(String.init)
        let result = try Program.run(words + ["--help"], in: NSTemporaryDirectory())
        #expect(result.status == 0)
        #expect(Self.trimmed(result.output) == Self.trimmed(shown))
    }

    @Test func theProgramTellsItsCommandsAndExitCodes() throws {
        let result = try Program.run(["--help"], in: NSTemporaryDirectory())
        #expect(result.status == 0)
        let words = result.output.split { $0.isWhitespace }.joined(separator: " ")
        for text in [
            "train", "evaluate", "explain", "compare", "predict", "inspect", "data", "embed",
            "simulate", "vectors", "serve", "learn", "policy",
            "130 stopped",
        ] {
            #expect(words.contains(text), "\(text)")
        }
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
