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

    @Test(arguments: WeightingSettings.names.filter { !["stch", "decay"].contains($0) })
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

    @Test(arguments: [
        ("{ stch: { mu: 0 } }", "'mu' is out of range; expected above 0; received 0.0."),
        ("{ dwa: { temperature: -1 } }", "'temperature' is out of range; expected above 0"),
        ("{ dtp: { gamma: -1 } }", "'gamma' is out of range; expected at least 0"),
        (
            "{ dtp: { smoothing: 2 } }",
            "'smoothing' is out of range; expected above 0 and at most 1"
        ),
        ("{ decay: { tasks: [clik], rates: [0.9] } }", "there is no task \"clik\""),
        (
            "{ decay: { tasks: [click], rates: [0.9, 1] } }",
            "expected a number for each of the 1 tasks"
        ),
        ("stch", "training.weighting.mu: missing; expected a number."),
    ])
    func whatAWeightingCannotDoIsSaid(weighting: String, message: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try Self.experiment(weighting) }
        let text = "\(try #require(error))"
        #expect(text.contains(message), "\(text)")
    }

    /// Weights are in the history of the run, and go on from its checkpoint.
    @Test(arguments: [
        "uncertainty", "imtl_l", "gls", "rlw", "dtp", "{ decay: { tasks: [click], rates: [0.5] } }",
    ])
    func aResumedRunLearnsTheSameWeights(weighting: String) throws {
        let place = try Workplace()
        try place.replace("training:\n", "training:\n  weighting: \(weighting)\n")
        let whole = try place.train(to: "whole")
        let weights = try #require(whole.history.epochs.last).losses.map(\.weight)
        #expect(weights.allSatisfy { $0 != nil } && weights.contains { $0 != 1 })
        let runner = Workplace.runner(stoppingAfter: 3)
        let request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("part")
        )
        #expect(try runner.train(request).history.isInterrupted)
        let resumed = try Workplace.runner.train(resuming: place.file("part"))
        #expect(resumed.history.epochs.map(\.losses) == whole.history.epochs.map(\.losses))
    }
}
