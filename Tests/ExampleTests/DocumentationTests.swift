import Foundation
import Motet
import Testing

@testable import MotetData

@Suite("Documentation") struct DocumentationTests {
    @Test func everyExperimentIsFound() {
        let names = DocumentedExperiment.all
        #expect(names.contains("docs/models/tiny/ple.yaml"))
        #expect(names.contains("Examples/CompleteJourney/ple.yaml"))
        #expect(DocumentedExperiment.comparisons.contains("Examples/CensusIncome/compare.yaml"))
    }

    @Test(arguments: DocumentedExperiment.comparisons)
    func everyComparisonIsWithoutMistakes(name: String) throws {
        let file = DocumentedExperiment.package.appendingPathComponent(name)
        let comparison = try Comparison(contentsOf: file)
        #expect(comparison.cells.count >= 2 && comparison.search != nil)
    }

    @Test(arguments: DocumentedExperiment.all)
    func everyExperimentTrains(name: String) throws {
        let result = try DocumentedExperiment(name).train()
        let report = try #require(result.metrics?.best?.report)
        #expect(result.history.epochs.count >= 1)
        for task in try DocumentedExperiment.original(name).tasks {
            let values = report.entries.filter { $0.task == task.name && $0.scenario == nil }
            #expect(!values.isEmpty)
            for entry in values { #expect(entry.estimate.value.value != nil, "\(entry.metric)") }
        }
    }

    /// The made-up clicks depend on user, item and place.
    @Test(arguments: DocumentedExperiment.all.filter { $0.hasPrefix("docs/models/tiny") })
    func tinyExperimentsLearn(name: String) throws {
        let experiment = try DocumentedExperiment(name)
        let history = try experiment.train().history
        let losses = history.epochs.compactMap { $0.losses.first?.value }
        #expect(losses.count == 3)
        #expect(try #require(losses.last) < losses[0], "\(losses)")
    }

    /// The examples read what the recipe writes.
    @Test(
        arguments: DocumentedExperiment.all.filter { $0.hasPrefix("Examples/CompleteJourney") }
    )
    func examplesAskForTheColumnsOfTheRecipe(name: String) throws {
        let example = try DocumentedExperiment.original(name)
        let document = try ConfigurationDocument(
            parsing: CompleteJourneyRecipe.experiment,
            name: "experiment.yaml"
        )
        let recipe = try Experiment(document, folder: "/")
        #expect(example.features == recipe.features)
        #expect(example.tasks == recipe.tasks)
        #expect(example.data.scenario == recipe.data.scenario)
        #expect(example.data.sampleWeight == recipe.data.sampleWeight)
    }

    @Test(
        arguments: Architecture.names + [
            "scenario_feature", "interactions", "sequences", "demand",
        ]
    )
    func pagesOfModelsShowTheirExperimentAndItsSummary(model: String) throws {
        let name = "docs/models/tiny/\(model).yaml"
        let page = try DocumentedExperiment.contents(
            "docs/models/\(model.replacing("_", with: "-")).md"
        )
        let yaml = try DocumentedExperiment.contents(name)
        let blocks = Self.blocks(page)
        let settings = try #require(blocks.first { $0.language == "yaml" })
        #expect(yaml.contains(settings.text), "\(settings.text)")
        #expect(page.contains("motet train \(name) "))
        let copy = try DocumentedExperiment(name)
        let experiment = try Experiment(contentsOf: URL(fileURLWithPath: copy.file))
        let summary = try experiment.model(experiment.prepare().fitted).summary()
        let shown = try #require(blocks.first { $0.text.hasPrefix("layer ") })
        #expect(shown.text == Self.withoutTrailingSpaces(summary))
    }

    private static func withoutTrailingSpaces(_ text: String) -> String {
        text.trimmingCharacters(in: .newlines).components(separatedBy: "\n")
            .map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
            .joined(separator: "\n")
    }

    /// The fenced blocks of a page.
    private static func blocks(_ page: String) -> [(language: String, text: String)] {
        var blocks: [(language: String, text: String)] = []
        var open: (language: String, lines: [String])?
        for line in page.components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append((block.language, block.lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = (String(line.dropFirst(3)), [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }
}
