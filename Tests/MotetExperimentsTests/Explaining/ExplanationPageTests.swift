import Foundation
import Motet
import MotetTestSupport
import Testing

@testable import MotetExperiments

@Suite("Explanations as pages") struct ExplanationPageTests {
    /// A run of two tasks and three scenarios beside one of single tasks, explained.
    private static func explained(_ place: Workplace) throws -> ExplanationFolder {
        try place.train()
        try place.replace("mmoe, experts: 2, expert_units: [8]", "single_task, bottom_units: [8]")
        try place.train(to: "single")
        var request = ExplainRequest(run: place.file("run"))
        request.against = [place.file("single")]
        request.repeats = 2
        return try Workplace.runner.explain(request).folder
    }

    @Test func thePageHasEveryPart() throws {
        let place = try Workplace()
        let folder = try Self.explained(place)
        let page = try String(contentsOfFile: folder.pageFile, encoding: .utf8)
        for title in [
            "What to try", "Where tasks conflict", "Transfer between tasks",
            "Experts of mmoe_1/gates", "Losses and gradients", "Calibration",
            "What features count for",
        ] {
            #expect(page.contains(">\(title)</h2>"), "\(title)")
        }
        #expect(page == (try folder.explanation()).html())
    }

    @Test(.enabled(if: Browser.isInstalled, "\(Browser.isMissing)"))
    func numbersAreThoseOfTheFileInEveryView() async throws {
        let place = try Workplace()
        let folder = try Self.explained(place)
        try await Browser.with { browser in
            for (view, finding) in try await PageCheck(folder.pageFile).findAll(browser) {
                #expect(finding.faults == [], "\(view)")
                #expect(finding.leastContrast >= 4.5)
                // Cosines over time and by block, transfer, experts, two calibrations, features.
                #expect(finding.drawings == 7)
                #expect(finding.places.count > 100)
            }
        }
    }
}
