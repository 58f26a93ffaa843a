import Foundation
import Motet
import MotetConfiguration
import MotetExperiments
import MotetTraining
import Testing

@Suite("Schedules in experiments") struct ScheduleSettingsTests {
    private static func experiment(_ phases: String) throws -> Experiment {
        let text = Workplace.experiment.replacing("{ joint: { epochs: 2 } }", with: phases)
        let document = try ConfigurationDocument(parsing: text, name: "tiny.yaml")
        return try Experiment(document, folder: "/data")
    }

    private static let phases: [(yaml: String, phase: TrainingPhase)] = [
        ("{ joint: { epochs: 2 } }", .joint(epochs: 2)),
        ("{ joint: { epochs: 2, tasks: [click] } }", .joint(["click"], epochs: 2)),
        ("{ single: { task: purchase, epochs: 3 } }", .joint(["purchase"], epochs: 3)),
        (
            "{ alternating: { tasks: [click, purchase], steps: 100, rounds: 50 } }",
            .alternating(["click", "purchase"], switchingEvery: .steps(100), rounds: 50)
        ),
        (
            "{ alternating: { tasks: [click, purchase], epochs: 1 } }",
            .alternating(["click", "purchase"], switchingEvery: .epochs(1), rounds: 1)
        ),
        (
            "{ sequential: { order: [purchase, click], epochs_each: 2, accumulates: false } }",
            .sequential(.given(["purchase", "click"]), epochsEach: 2, accumulates: false)
        ),
        ("{ sequential: { order: easy_to_hard } }", .sequential(.easyToHard, epochsEach: 1)),
        ("{ sequential: { order: hard_to_easy } }", .sequential(.hardToEasy, epochsEach: 1)),
        ("{ mixed: { by: loss, epochs: 2 } }", .mixed(.lossProportional, epochs: 2)),
        ("{ mixed: { by: size, temperature: 4 } }", .mixed(.temperature(4), epochs: 1)),
        (
            "{ mixed: { by: fixed, tasks: [click, purchase], probabilities: [3, 1] } }",
            .mixed(.fixed(["click": 3, "purchase": 1]), epochs: 1)
        ),
        (
            "{ domain_negotiation: { steps_per_domain: 5, rounds: 7, rate: 0.25 } }",
            .domainNegotiation(.scenarios, stepsPerDomain: 5, rounds: 7, rate: 0.25)
        ),
        (
            "{ joint: { epochs: 1, freeze: [embeddings, towers], learning_rate: 0.5 } }",
            .joint(epochs: 1).freezing("embeddings", "towers").learningRate(0.5)
        ),
    ]

    @Test(arguments: phases.indices)
    func everyPhaseIsReadAndWritten(index: Int) throws {
        let (yaml, phase) = Self.phases[index]
        let experiment = try Self.experiment(yaml)
        #expect(experiment.training.schedule.schedule == [phase])
        let written = ConfigurationDocument(experiment.node, name: "written.yaml")
        #expect(try Experiment(written, folder: "/data") == experiment)
    }

    @Test(arguments: [
        (
            "{ single: { task: clik } }",
            "`schedule` trains a task there is not; expected one of [\"click\", \"purchase\"]; received `clik`. Did you mean `click`?"
        ),
        (
            "{ alternating: { tasks: [click] } }",
            "expected one of `steps` and `epochs`; received neither."
        ),
        (
            "{ mixed: { by: fixed, tasks: [click], probabilities: [1, 2] } }",
            "expected a number for each of the 1 tasks, one of them above 0; received [1.0, 2.0]."
        ),
        ("{ jiont: { epochs: 1 } }", "Did you mean `joint`?"),
        ("{ joint: { epochs: 1, frozen: [x] } }", "unknown key"),
    ])
    func aMistakeIsASentence(yaml: String, message: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try Self.experiment(yaml) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(message), "\(text)")
    }

    @Test func aScheduleOfSeveralPhasesTrainsFromYAML() throws {
        let place = try Workplace()
        try place.replace(
            "{ joint: { epochs: 2 } }",
            """
            { alternating: { tasks: [click, purchase], steps: 2, rounds: 2 } },
            { domain_negotiation: { steps_per_domain: 1, rounds: 3 } },
            { joint: { epochs: 1 } }
            """
        )
        let history = try place.train().history
        #expect(history.epochs.map(\.phase) == [1, 2, 3])
        #expect(history.epochs.last?.validation != nil)
    }
}
