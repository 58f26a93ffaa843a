import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Explaining a run") struct ExplainTests {
    private static func request(
        _ place: Workplace,
        _ run: String = "run",
        _ change: (inout ExplainRequest) -> Void = { _ in }
    ) -> ExplainRequest {
        var request = ExplainRequest(run: place.file(run))
        request.repeats = 2
        change(&request)
        return request
    }

    private static func contents(_ folder: String) throws -> [String: Data?] {
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return Dictionary(
            uniqueKeysWithValues: files.map {
                ($0, FileManager.default.contents(atPath: folder + "/" + $0))
            }
        )
    }

    @Test func everyPartIsFoundAndWritten() throws {
        let place = try Workplace()
        try place.train()
        let before = try Self.contents(place.file("run"))
        try place.replace("mmoe, experts: 2, expert_units: [8]", "single_task, bottom_units: [8]")
        try place.train(to: "single")
        let (found, folder) = try Workplace.runner.explain(
            Self.request(place) {
                $0.against = [place.file("single")]
                $0.output = place.file("explanation")
            }
        )
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "explanation.html", "explanation.json", "explanation.md",
            ]
        )
        // The run itself stays as it was.
        #expect(try Self.contents(place.file("run")) == before)
        #expect(try folder.explanation() == found)
        #expect(found.tasks == ["click", "purchase"] && found.scenarios.count == 3)
        #expect(found.part == "test" && found.rows == 300 && found.sampledRows == 300)
        let conflicts = try #require(found.conflicts)
        #expect(conflicts.source == .training && conflicts.steps == 2)
        #expect(conflicts.blocks.map(\.name) == ["mmoe_1/experts/0", "mmoe_1/experts/1"])
        #expect(conflicts.whole.pairs[0].epochs.map(\.epoch) == [1, 2])
        #expect(found.transfer.count == 1 && found.transfer[0].architecture == "single_task")
        #expect(found.transfer[0].entries.count == 3 * 4)
        let comparison = try Workplace.runner.compare(
            place.file("run"),
            with: place.file("single")
        )
        #expect(
            found.transfer[0].entries.map(\.difference)
                == comparison.entries.map(\.paired.difference)
        )
        #expect(found.experts.count == 1 && found.experts[0].use.gates.count == 2)
        #expect(found.balance.map(\.task) == ["click", "purchase"])
        #expect(abs(found.balance.compactMap(\.lossShare).reduce(0, +) - 1) < 1e-9)
        #expect(found.calibration.count == 2 * 4)
        #expect(
            Set(found.importance.map(\.feature)) == ["user_id", "item_id", "history", "price"]
        )
        let metrics = try RunDirectory(place.file("run")).metrics()
        for task in try #require(found.importance.first).tasks {
            let value = metrics.test?.estimate(task: task.task, metric: .auc)?.value.value
            #expect(task.value == value)
        }
    }

    @Test func theTextFitsATerminalAndThePageHoldsEverything() throws {
        let place = try Workplace()
        try place.train()
        let (found, folder) = try Workplace.runner.explain(Self.request(place))
        #expect(folder.path == place.file("run") + "/explain")
        let lines = found.plain().replacing(place.path, with: "runs")
            .split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines { #expect(line.count <= 100, "\(line)") }
        for title in [
            "What to try", "Where tasks conflict", "Experts of mmoe_1/gates",
            "Losses and gradients",
            "Calibration", "What features count for", "Notes",
        ] {
            #expect(lines.contains { $0 == title }, "\(title)")
            #expect(found.markdown().contains("## \(title)\n"))
        }
        #expect(found.notes.contains { $0.contains("`--against RUN`") })
        // Again, over what is there; a run of single tasks beside is named.
        try place.replace("mmoe, experts: 2, expert_units: [8]", "single_task, bottom_units: [8]")
        try place.train(to: "single")
        let again = try Workplace.runner.explain(Self.request(place)).explanation
        #expect(again.conflicts == found.conflicts && again.importance == found.importance)
        #expect(
            again.notes.contains { $0.contains("/single` tells what training them together cost") }
        )
        #expect(try folder.explanation() == again)
    }

    /// A run of a version that recorded nothing, or of `diagnostics: { gradients: 0 }`.
    @Test func aRunWithoutRecordsIsMeasuredAtItsFinalParameters() throws {
        let place = try Workplace()
        try place.train()
        try place.replace("  threads: 1", "  threads: 1\n  diagnostics: { gradients: 0 }")
        try place.train(to: "plain")
        // Recording changes nothing that is trained.
        let files = ["run", "plain"].map { place.file($0 + "/parameters.safetensors") }
        let contents = files.map { FileManager.default.contents(atPath: $0) }
        #expect(contents[0] != nil && contents[0] == contents[1])
        #expect(
            try RunDirectory(place.file("run")).history().allSatisfy { $0.sharedGradients != nil }
        )
        #expect(
            try RunDirectory(place.file("plain")).history().allSatisfy { $0.sharedGradients == nil }
        )
        let found = try Workplace.runner.explain(Self.request(place, "plain")).explanation
        let conflicts = try #require(found.conflicts)
        #expect(conflicts.source == .finalParameters && conflicts.steps == 8)
        #expect(conflicts.whole.pairs[0].epochs.isEmpty)
        #expect(found.notes.contains { $0.hasPrefix("The training recorded no gradients") })
    }

    @Test func oneTaskHasNothingToConflictWith() throws {
        let place = try Workplace()
        try place.replace(
            "  - { name: purchase, label: purchased, within: click, loss: binary_cross_entropy, metrics: [auc] }\n",
            ""
        )
        try place.train()
        let found = try Workplace.runner.explain(Self.request(place)).explanation
        #expect(found.conflicts == nil && found.transfer.isEmpty)
        #expect(found.notes.contains { $0.hasPrefix("There is one task") })
        #expect(!found.plain().contains("Losses and gradients"))
        #expect(found.importance.count == 4)
    }

    @Test func aScenarioWithoutTestRowsIsSaid() throws {
        let place = try Workplace()
        try place.write(
            "test.csv",
            try place.text("test.csv").split(separator: "\n").filter { !$0.contains(",mail,") }
                .joined(separator: "\n") + "\n"
        )
        try place.train()
        let found = try Workplace.runner.explain(Self.request(place) { $0.rows = 50 }).explanation
        #expect(
            found.notes.contains("Scenario \"mail\" has no test rows with a label of some task.")
        )
        #expect(found.sampledRows == 50)
        #expect(found.notes.contains { $0.contains("on 50 of \(found.rows) rows") })
        let mail = found.calibration.filter { $0.scenario == "mail" }
        #expect(mail.count == 2 && mail.allSatisfy { $0.ratio.value.value == nil })
    }

    @Test func whatCannotBeExplainedIsSaid() throws {
        let place = try Workplace()
        let runner = Workplace.runner
        #expect(
            sentence { _ = try runner.explain(Self.request(place, "nowhere")) }
                .contains("this is no run directory")
        )
        let request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("cut")
        )
        _ = try Workplace.runner(stoppingAfter: 3).train(request)
        #expect(
            sentence { _ = try runner.explain(Self.request(place, "cut")) }
                .contains("the training has not come to its end")
        )
        try place.train()
        // Another task, other scenarios, other rows.
        let yaml = try place.text("tiny.yaml")
        try place.write(
            "other.yaml",
            yaml.replacing("name: click", with: "name: tap").replacing("within: click, ", with: "")
                .replacing("name: purchase", with: "name: order")
        )
        try place.train("other.yaml", to: "other")
        #expect(
            sentence {
                _ = try runner.explain(Self.request(place) { $0.against = [place.file("other")] })
            }.contains("expected a task in common and the same scenarios")
        )
        try place.write("fewer.csv", Workplace.table(rows: 200, seed: 8))
        try place.write("rows.yaml", yaml.replacing("test: test.csv", with: "test: fewer.csv"))
        try place.train("rows.yaml", to: "rows")
        #expect(
            sentence {
                _ = try runner.explain(Self.request(place) { $0.against = [place.file("rows")] })
            }.contains("was measured on other rows")
        )
        try place.write("train.csv", Workplace.table(rows: 500, seed: 9))
        #expect(
            sentence { _ = try runner.explain(Self.request(place)) }
                .contains("the data have changed since the run began")
        )
        #expect(!FileManager.default.fileExists(atPath: place.file("run/explain")))
    }

    @Test func longLinesAreBrokenAtSpaces() {
        let line = Array(repeating: "word", count: 30).joined(separator: " ")
        let wrapped = Explanation.wrapped(line)
        #expect(wrapped.split(separator: "\n").allSatisfy { $0.count <= 100 })
        let words = wrapped.split(whereSeparator: \.isWhitespace)
        #expect(words.count == 30 && wrapped.hasSuffix("\n"))
    }
}
