import Foundation
import Motet
import Testing

@testable import MotetExperiments

/// Experiments whose model reads the scenario of a row, from the file to predictions.
@Suite("Runs of multi-scenario models") struct ScenarioRunTests {
    private static let mmoe = "architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4]"

    static let models = [
        "architecture: shared_bottom, bottom_units: [8], scenario_feature: 2",
        "architecture: single_task, bottom_units: [8], scenario_feature: 2",
        "architecture: per_scenario, bottom_units: [8], tower_units: [4]",
        "architecture: star, star_units: [8], tower_units: [4]",
        "architecture: pepnet, prior_features: [user_id, item_id], tower_units: [4]",
        "architecture: hmoe, experts: 2, expert_units: [8], tower_units: [4]",
        "architecture: m2m, experts: 2, expert_units: [8], tower_units: []",
        "architecture: m3oe, star_units: [8], experts: 2, expert_units: [8], tower_units: [4]",
        "architecture: single_task, bottom_units: [8], interactions: [dcn, { lhuc: { features: [user_id] } }]",
        "architecture: mmoe, expert_units: [8], interactions: [fm, dcn_v2, { autoint: { heads: 1, units: 2 } }]",
        "architecture: hamur, bottom_units: [8], adapter_units: 4, rank: 2, tower_units: [4]",
        "architecture: adasparse, network_units: [8], tower_units: [4]",
        "architecture: sar_net, expert_units: [8], bias_features: [item_id], tower_units: [4]",
    ]

    /// Also: no answer depends on the other rows of its batch.
    @Test(arguments: models)
    func modelsTrainAndPredictInTheOrderOfTheRows(model: String) throws {
        let place = try Workplace()
        try place.replace(Self.mmoe, model)
        try place.train()
        let whole = try predictions(place, "test.csv")
        let lines = try place.text("test.csv").split(separator: "\n").map(String.init)
        try place.write("some.csv", ([lines[0]] + lines[200...206]).joined(separator: "\n") + "\n")
        let part = try predictions(place, "some.csv")
        #expect(part.count == 7)
        for (row, one) in part.enumerated() {
            let other = whole[199 + row]
            #expect(one.count == 2)
            #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-5 }, "row \(row)")
        }
    }

    /// Keeps what it is told.
    private final class Notes: ExperimentObserver {
        var notes: [String] = []
        func note(_ text: String) { notes.append(text) }
        func preparing(_ progress: PreparationProgress) {}
        func stepped(_ progress: FitProgress) {}
        func epochEnded(_ record: EpochRecord) {}
    }

    /// Two rows in a batch, so that every batch lacks a scenario, and one that no training row belongs to.
    @Test(arguments: models)
    func aScenarioWithoutRowsDoesNoHarmAndIsTold(model: String) throws {
        let place = try Workplace(rows: 90)
        try place.replace(Self.mmoe, model)
        try place.replace("batch_size: 128", "batch_size: 2")
        try place.replace(",mail,", ",home,", in: "train.csv")
        let observer = Notes()
        let runner = ExperimentRunner(engine: .oneDNN, observer: observer)
        let request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("run")
        )
        let result = try runner.train(request)
        let said =
            "warning: no training row belongs to scenario \"mail\"; what a model has for each scenario stays as "
            + "it began there"
        #expect(observer.notes.contains(said), "\(observer.notes)")
        let losses = result.history.epochs.flatMap(\.losses).compactMap(\.value)
        #expect(losses.count == 4 && losses.allSatisfy(\.isFinite), "\(losses)")
        #expect(try place.text("test.csv").contains(",mail,"))
        let answers = try predictions(place, "test.csv")
        #expect(answers.count == 30)
        #expect(answers.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isFinite) }, "\(answers)")
    }

    private func predictions(_ place: Workplace, _ file: String) throws -> [[Float]] {
        let output = place.file("predicted.csv")
        _ = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file(file)],
            output: output
        )
        return try place.text("predicted.csv").split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",").dropFirst().compactMap { Float($0) }
        }
    }

    @Test func scenariosThatAreUnknownAtPredictionAreCounted() throws {
        let place = try Workplace()
        try place.replace(Self.mmoe, "architecture: star, star_units: [8], tower_units: [4]")
        try place.replace(
            "values: [home, search, mail]",
            "values: [home, search, mail], unknown: other"
        )
        try place.train()
        try place.write("new.csv", try place.text("test.csv").replacing(",mail,", with: ",kiosk,"))
        let unknown = try place.text("new.csv").split(separator: "\n")
            .filter { $0.contains(",kiosk,") }.count
        #expect(unknown > 0)
        let result = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("new.csv")],
            output: place.file("predicted.csv")
        )
        let entry = result.preparation.unknownValues.first { $0.rule == "scenario" }
        #expect(entry?.changed == unknown)
        let answers = try place.text("predicted.csv").split(separator: "\n").dropFirst()
        #expect(answers.count == 300)
        #expect(answers.allSatisfy { !$0.contains("nan") && !$0.contains("inf") })
    }

    /// What is written instead of the model or the scenarios, and what is said of it.
    private static let contradictions: [(String, String, String, String, String)] = [
        (
            mmoe, "architecture: star", scenarios, "",
            "`architecture: star` needs scenarios; expected"
        ),
        (mmoe, mmoe + ", scenario_feature: 2", scenarios, "", "`scenario_feature` needs scenarios"),
        (
            mmoe, "architecture: hmoe, scenario_towers: true", "", "",
            "`architecture: hmoe` says itself what scenarios own; expected no `scenario_towers`"
        ),
        (
            mmoe, "architecture: pepnet, prior_features: [user_di]", "", "",
            "received `user_di`. Did you mean `user_id`?"
        ),
        (mmoe, "architecture: star, star_units: [0]", "", "", "star_units"),
        (
            mmoe, "architecture: sar_net, bias_features: [user_di]", "", "",
            "received `user_di`. Did you mean `user_id`?"
        ),
        (
            mmoe, "architecture: sar_net, shared_experts: 0, scenario_experts: 0", "", "",
            "`sar_net` has no experts; expected `shared_experts` or `scenario_experts`"
        ),
        (
            mmoe, "architecture: adasparse, least_sparsity: 0.5", "", "",
            "'least_sparsity' is above 'greatest_sparsity'; expected at most 0.25; received 0.5"
        ),
        (
            mmoe, "architecture: adasparse, form: binary, epsilon: 1.5", "", "",
            "'epsilon' prunes every unit; expected less than 1.0, the greatest factor; received 1.5"
        ),
        (
            mmoe, "architecture: adasparse, alpha: 9", "", "",
            "'alpha' starts above 'alpha_limit'; expected at most 5.0; received 9.0"
        ),
        (mmoe, "architecture: adasparse, form: binari", "", "", "binari"),
        (
            "mail] }", "mail], unknown: nearest }", "", "",
            "`unknown: nearest` needs a scenario; expected `nearest`"
        ),
        (
            "mail] }", "mail], unknown: nearest, nearest: hone }", "", "",
            "received `hone`. Did you mean `home`?"
        ),
        ("mail] }", "mail], nearest: home }", "", "", "`nearest` has no effect"),
        (
            mmoe, "architecture: single_task, interactions: [fm]", "", "",
            "`fm` adds to the outputs of all tasks what they share"
        ),
        (
            mmoe, mmoe + ", interactions: [{ lhuc: { features: [user_di] } }]", "", "",
            "received `user_di`. Did you mean `user_id`?"
        ),
        (
            mmoe, mmoe + ", interactions: [autoint]",
            "vocabulary: 200000, dimension: 4", "vocabulary: 200000, dimension: 8",
            "expected one `dimension` for all; received [8, 4, 4]"
        ),
        (mmoe, mmoe + ", interactions: [dcn, dcn]", "", "", "has `dcn` twice"),
        (
            mmoe, mmoe + ", interactions: [{ dcn_v2: { experts: 4 } }]", "", "",
            "a mixture needs a rank"
        ),
    ]
    private static let scenarios = "  scenario: { column: market, values: [home, search, mail] }\n"

    @Test(arguments: contradictions.indices)
    func contradictionsAreRefused(index: Int) throws {
        let (old, new, alsoOld, alsoNew, words) = Self.contradictions[index]
        let place = try Workplace(rows: 30)
        try place.replace(old, new)
        if !alsoOld.isEmpty { try place.replace(alsoOld, alsoNew) }
        let message = sentence {
            _ = try Experiment(contentsOf: URL(fileURLWithPath: place.file("tiny.yaml")))
        }
        #expect(message.contains(words), "\(message)")
    }
}
