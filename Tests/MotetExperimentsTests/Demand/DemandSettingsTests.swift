import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Settings of demand") struct DemandSettingsTests {
    /// An experiment with a head of demand, some of its text replaced.
    static func experiment(
        demand: String = "{ price: price, reference: 20 }",
        _ old: String = "",
        _ new: String = ""
    ) throws -> Experiment {
        let yaml = """
            name: demand
            seed: 7
            data:
              files: log.csv
              split: { fraction: { validation: 0.2, test: 0.2, seed: 1 } }
              scenario: { column: market, values: [home, search] }
            features:
              - { name: item_id, type: categorical, dimension: 4 }
              - { name: age, type: numeric }
            tasks:
              - { name: click, label: clicked, loss: binary_cross_entropy }
              - { name: units, loss: poisson, demand: \(demand) }
            model: { architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4] }
            training:
              optimizer: { name: adam, learning_rate: 1.0e-2 }
              batch_size: 64
              epochs: 2

            """
        #expect(old.isEmpty || yaml.contains(old))
        let text = old.isEmpty ? yaml : yaml.replacing(old, with: new)
        return try Experiment(
            ConfigurationDocument(parsing: text, name: "demand.yaml"),
            folder: "/data"
        )
    }

    @Test(arguments: ["{ price: price, reference: 20 }", "{ price: price }"])
    func itReadsBackEqual(demand: String) throws {
        let experiment = try Self.experiment(demand: demand)
        let written = ConfigurationWriter.yaml(experiment.node)
        let again = try Experiment(
            ConfigurationDocument(parsing: written, name: "again.yaml"),
            folder: "/data"
        )
        #expect(again == experiment)
        #expect(again.tasks[1].demand?.price == "price")
        #expect(again.tasks[1].demand?.reference == (demand.contains("20") ? 20 : nil))
        #expect(again.tasks[0].demand == nil)
    }

    @Test func thePriceIsReadAsALogarithmAndIsNoFeature() throws {
        let experiment = try Self.experiment()
        #expect(experiment.features.map(\.name) == ["item_id", "age"])
        #expect(experiment.schema.features.map(\.name) == ["item_id", "age", "units_log_price"])
        let price = try #require(experiment.schema.features.last)
        #expect(price.column == "price")
        #expect(price.transforms == [.logRatio(reference: 20)])
        #expect(price.missing == .error)
    }

    @Test(arguments: [
        (
            "- { name: age, type: numeric }", "- { name: cheap, column: price, type: numeric }",
            "feature \"cheap\": reads the price of task \"units\"; expected `price` in `demand` only"
        ),
        (
            "- { name: age, type: numeric }",
            "- { name: band, column: price, type: numeric, transform: [{ quantile_bins: 4 }] }",
            "feature \"band\": reads the price of task \"units\"; expected `price` in `demand` only"
        ),
        (
            "scenario: { column: market, values: [home, search] }",
            "scenario: { column: price, values: [low, high] }",
            "the scenario is the price of task \"units\"; expected `price` in `demand` only"
        ),
        (
            "loss: poisson", "loss: mean_squared_error",
            "demand is a rate or a probability; expected the loss `poisson` or a binary one; received "
                + "`mean_squared_error`."
        ),
        (
            "loss: poisson", "loss: binary_cross_entropy, calibration: platt",
            "its curve is what the model predicts; expected no `calibration` beside it; received one."
        ),
        ("reference: 20", "reference: 0", "reference"),
        ("reference: 20", "referense: 20", "Did you mean `reference`?"),
        (
            "- { name: age, type: numeric }",
            "- { name: units_log_price, column: x, type: numeric }",
            "units_log_price"
        ),
    ])
    func mistakesAreSentences(old: String, new: String, expected: String) {
        let message = sentence { _ = try Self.experiment(old, new) }
        #expect(message.contains(expected), "\(message)")
    }

    @Test func aBinaryTaskMayHaveOne() throws {
        let experiment = try Self.experiment("loss: poisson", "loss: binary_cross_entropy")
        #expect(experiment.tasks[1].demand != nil)
    }
}
