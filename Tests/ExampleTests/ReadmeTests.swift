import Foundation
import Motet
import Testing

@Suite("README") struct ReadmeTests {
    /// What stands between `// begin` and `// end` in the file of the programs.
    private func programs() throws -> [String] {
        let text = try DocumentedExperiment.contents("Tests/ExampleTests/ReadmeProgram.swift")
        return text.components(separatedBy: "// begin\n").dropFirst().map { part in
            let lines = part.components(separatedBy: "// end")[0].components(separatedBy: "\n")
            return lines.map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : $0 }
                .joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    @Test func itsProgramsAreThoseThatRun() throws {
        let page = try DocumentedExperiment.contents("README.md")
        let shown = page.components(separatedBy: "```swift\n").dropFirst().map { part in
            part.components(separatedBy: "\n```")[0].replacing("import Motet\n\n", with: "")
        }
        #expect(try Set(shown) == Set(programs()))
    }

    @Test func itsProgramLearns() throws {
        func rows(_ count: Int, seed: UInt64) throws -> PreparedDataset {
            var random = RandomKey(seed: seed).generator()
            func normals(_ width: Int) -> [Float] {
                (0..<count * width).map { _ in Float(random.nextNormal()) }
            }
            let (behavior, items) = (normals(32), normals(16))
            var (clicks, purchases): ([Float], [Float]) = ([], [])
            for row in 0..<count {
                let logit = Double(behavior[32 * row] + items[16 * row])
                let isClicked = random.nextUniform() < 1 / (1 + exp(-2 * logit))
                clicks.append(isClicked ? 1 : 0)
                purchases.append(isClicked && random.nextUniform() < 0.5 ? 1 : 0)
            }
            return try ReadmeProgram.rows(
                behavior: behavior,
                items: items,
                clicks: clicks,
                purchases: purchases
            )
        }
        let history = try ReadmeProgram.train(rows(2_000, seed: 1), rows(1_000, seed: 2))
        #expect(history.epochs.count == 10)
        let report = try #require(history.epochs.last?.validation)
        let auc = report.value(MetricSelector(.auc, task: "click")).value
        // The probabilities themselves reach 0.91.
        #expect(try #require(auc) > 0.75)
    }
}
