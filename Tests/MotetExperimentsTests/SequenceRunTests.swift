import Foundation
import Motet
import Testing

@testable import MotetExperiments

/// Experiments whose model reads a list step by step, from the file to predictions.
@Suite("Runs of models that read lists") struct SequenceRunTests {
    private static let mmoe = "architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4]"
    private static let history =
        "name: history, type: sequence, delimiter: \" \", maximum_length: 5, dimension: 4"
    private static let din = "{ din: { history: history, candidate: item_id, units: [4] } }"

    static let models = [
        "\(mmoe), interactions: [\(din)]",
        "\(mmoe), interactions: [{ dien: { history: history, candidate: item_id } }]",
        "\(mmoe), interactions: [{ din: { history: history, candidate: item_id, activation: dice } }]",
        "\(mmoe), interactions: [{ din: { history: history, candidate: item_id, activation: prelu } }]",
        "\(mmoe), interactions: [{ sasrec: { history: history, layers: 1, heads: 2 } }]",
        "\(mmoe), interactions: [{ bst: { history: history, candidate: item_id, heads: 2 } }]",
        """
        \(mmoe), interactions: [fm, dcn_v2, \(din), { bst: { history: history, candidate: user_id } }, \
        { sasrec: { history: history, layers: 1 } }, { lhuc: { features: [user_id] } }]
        """,
        "architecture: single_task, interactions: [{ dien: { history: history, candidate: item_id } }]",
        "architecture: stem_net, expert_units: [8], interactions: [\(din)]",
        "architecture: star, star_units: [8], tower_units: [4], interactions: [\(din)]",
        """
        architecture: esmm, network_units: [8], interactions: [fm, { dien: { history: history, candidate: item_id, \
        auxiliary: 0.5 } }]
        """,
    ]

    /// Also: no answer depends on the other rows of its batch, nor on how long their lists are.
    @Test(arguments: models, ["mean", "none"])
    func modelsTrainAndPredictInTheOrderOfTheRows(model: String, pooling: String) throws {
        let place = try Workplace()
        try place.replace(Self.mmoe, model)
        try place.replace(Self.history, Self.history + ", pooling: \(pooling)")
        let result = try place.train()
        let losses = result.history.epochs.compactMap { $0.losses.first?.value }
        #expect(losses.allSatisfy(\.isFinite) && losses.count == 2)
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

    @Test func answersFollowTheList() throws {
        let place = try Workplace()
        try place.replace(Self.mmoe, Self.models[0])
        try place.replace(Self.history, Self.history + ", pooling: none")
        try place.train()
        let whole = try predictions(place, "test.csv")
        let lines = try place.text("test.csv").split(separator: "\n").map(String.init)
        let changed = lines.dropFirst().map { line in
            var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(
                String.init
            )
            fields[4] = fields[4].isEmpty ? "1 2 3" : ""
            return fields.joined(separator: ",")
        }
        try place.write("changed.csv", ([lines[0]] + changed).joined(separator: "\n") + "\n")
        let other = try predictions(place, "changed.csv")
        let moved = zip(whole, other).filter { $0 != $1 }.count
        #expect(moved > 290, "\(moved) of \(whole.count)")
    }

    /// Only the last steps are read: what stands before them changes nothing.
    @Test func whatIsBeforeTheLastStepsChangesNothing() throws {
        let place = try Workplace()
        try place.replace(Self.mmoe, Self.models[1])
        try place.train()
        let whole = try predictions(place, "test.csv")
        let lines = try place.text("test.csv").split(separator: "\n").map(String.init)
        let longer = lines.dropFirst().map { line in
            var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(
                String.init
            )
            let steps = fields[4].split(separator: " ")
            if steps.count == 5 { fields[4] = "7 8 9 " + fields[4] }
            return fields.joined(separator: ",")
        }
        try place.write("longer.csv", ([lines[0]] + longer).joined(separator: "\n") + "\n")
        #expect(longer.contains { $0.contains("7 8 9 ") })
        #expect(try predictions(place, "longer.csv") == whole)
    }

    private func predictions(_ place: Workplace, _ file: String) throws -> [[Float]] {
        _ = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file(file)],
            output: place.file("predicted.csv")
        )
        return try place.text("predicted.csv").split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",").dropFirst().compactMap { Float($0) }
        }
    }

    /// What is written instead of the list's feature and the model, and what is said of it.
    private static let contradictions: [(String, String, String)] = [
        (
            history, "{ din: { history: histroy, candidate: item_id } }",
            "`din` reads a list there is not; expected a feature of type sequence, one of [\"history\"]; received `histroy`. Did you mean `history`?"
        ),
        (history, "{ sasrec: { history: item_id } }", "`sasrec` reads a list there is not"),
        (
            history, "{ din: { history: history, candidate: item_di } }",
            "`din` reads a candidate there is not; expected a feature of one id, one of [\"user_id\", \"item_id\"]; received `item_di`. Did you mean `item_id`?"
        ),
        (
            history, "{ bst: { history: history, candidate: price } }",
            "reads a candidate there is not"
        ),
        (
            history, "{ sasrec: { history: history, heads: 3 } }",
            "`sasrec`: 'heads' is out of range; expected a divisor of 4, the dimension of `history`; received 3."
        ),
        (
            history.replacing("maximum_length: 5, ", with: ""),
            "{ dien: { history: history, candidate: item_id } }",
            "feature \"history\": `dien` reads its last steps; expected `maximum_length`, how many; received none."
        ),
        (
            history.replacing("dimension: 4", with: "dimension: 8"),
            "{ din: { history: history, candidate: item_id } }",
            "`din` compares `item_id` with `history`; expected one `dimension`; received 4 and 8."
        ),
        (
            history + ", pooling: none", "dcn",
            "feature \"history\": `pooling: none` leaves it out of the model but for interactions"
        ),
        (history, "\(din), \(din)", "has `din` of `history` twice"),
        (history, "{ din: { history: history } }", "candidate"),
        (history, "{ dien: { candidate: item_id } }", "history"),
        (history, "{ sasrec: { history: history, candidate: item_id } }", "candidate"),
        (history, "{ din: { history: history, candidate: item_id, units: [0] } }", "units"),
        (
            history + ", pooling: none", "{ lhuc: { features: [history] } }, \(din)",
            "`lhuc` reads a feature there is not"
        ),
        (history + ", pooling: max", din, "pooling"),
    ]

    @Test(arguments: contradictions.indices)
    func contradictionsAreRefused(index: Int) throws {
        let (feature, interactions, words) = Self.contradictions[index]
        let place = try Workplace(rows: 30)
        try place.replace(Self.history, feature)
        try place.replace(Self.mmoe, "\(Self.mmoe), interactions: [\(interactions)]")
        let message = sentence {
            _ = try Experiment(contentsOf: URL(fileURLWithPath: place.file("tiny.yaml")))
        }
        #expect(message.contains(words), "\(message)")
    }
}
