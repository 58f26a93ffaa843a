import Foundation
import Motet
import Testing

@Suite("Weightings in experiments") struct WeightingSettingsTests {
    private static func experiment(_ weighting: String) throws -> Experiment {
        let text = Workplace.experiment.replacing(
            "training:\n",
            with: "training:\n  weighting: \(weighting)\n"
        )
        let document = try ConfigurationDocument(parsing: text, name: "tiny.yaml")
        return try Experiment(document, folder: "/data")
    }

    @Test(arguments: ["fixed", "uncertainty"])
    func everyWeightingIsReadAndWritten(name: String) throws {
        let experiment = try Self.experiment(name)
        #expect(experiment.training.weighting.name == name)
        let written = ConfigurationDocument(experiment.node, name: "written.yaml")
        #expect(try Experiment(written, folder: "/data") == experiment)
    }

    @Test func anUnknownWeightingIsRefusedWithASuggestion() {
        let error = #expect(throws: ConfigurationError.self) {
            try Self.experiment("uncertain")
        }
        #expect(error.map { "\($0)".contains("uncertainty") } == true)
    }

    /// Weights are in the history of the run, and go on from its checkpoint.
    @Test func aResumedRunLearnsTheSameWeights() throws {
        let place = try Workplace()
        try place.replace("training:\n", "training:\n  weighting: uncertainty\n")
        let whole = try place.train(to: "whole")
        let weights = try #require(whole.history.epochs.last).losses.map(\.weight)
        #expect(weights.allSatisfy { $0 != nil && $0 != 1 })
        var steps = 0
        let runner = ExperimentRunner(
            engine: .oneDNN,
            shouldStop: {
                steps += 1
                return steps == 3
            }
        )
        let request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("part")
        )
        #expect(try runner.train(request).history.isInterrupted)
        let resumed = try Workplace.runner.train(resuming: place.file("part"))
        #expect(resumed.history.epochs.map(\.losses) == whole.history.epochs.map(\.losses))
    }
}
