import Foundation
import Motet
import Testing

@Suite("Aggregations in experiments") struct AggregationSettingsTests {
    private static func experiment(_ aggregation: String) throws -> Experiment {
        let text = Workplace.experiment.replacing(
            "training:\n",
            with: "training:\n  aggregation: \(aggregation)\n"
        )
        let document = try ConfigurationDocument(parsing: text, name: "tiny.yaml")
        return try Experiment(document, folder: "/data")
    }

    @Test(arguments: AggregationSettings.names)
    func everyAggregationIsReadAndWritten(name: String) throws {
        for text in [name, "{ name: \(name), at: parameters, parts: [mmoe_1/experts] }"] {
            let experiment = try Self.experiment(text)
            #expect(experiment.training.aggregation?.name == name)
            #expect(experiment.training.aggregation?.aggregation.name == name)
            let written = ConfigurationDocument(experiment.node, name: "written.yaml")
            #expect(try Experiment(written, folder: "/data") == experiment)
        }
    }

    @Test(arguments: [
        ("upgrat", "upgrad"),
        ("{ cagrad: { c: -1 } }", "'c' is out of range; expected at least 0; received -1.0."),
        ("{ gradvac: { beta: 2 } }", "'beta' is out of range; expected 0 to 1; received 2.0."),
        ("{ fairgrad: { alpha: 0 } }", "'alpha' is out of range; expected above 0"),
        ("{ metabalance: { relax: 2 } }", "'relax' is out of range; expected 0 to 1"),
        ("{ nash_mtl: { interval: 0 } }", "interval"),
        ("{ db_mtl: { beta: 1 } }", "'beta' is out of range; expected at least 0 and below 1"),
        ("{ moco: { gamma: 0 } }", "'gamma' is out of range; expected above 0"),
        (
            "{ moco: { at: representation } }",
            "expected `at: parameters`; received `representation`."
        ),
        ("{ graddrop: { leak: 2 } }", "'leak' is out of range; expected 0 to 1; received 2.0."),
        ("{ graddrop: { at: representation } }", "signs are looked at in each element"),
        ("{ graddrop: { include_tables: true } }", "it does not compare products of gradients"),
        ("{ upgrad: { include_tables: true } }", "tables are compared beside the other parameters"),
        ("{ moco: { include_tables: true } }", "which tables have none of"),
        ("{ upgrad: { at: everywhere } }", "representation"),
        ("{ upgrad: { parts: [mmoe_1] } }", "named parts are compared at parameters only"),
    ])
    func whatAnAggregationCannotDoIsSaid(aggregation: String, message: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try Self.experiment(aggregation) }
        let text = "\(try #require(error))"
        #expect(text.contains(message), "\(text)")
    }

    /// How gradients met stands in the history of the run.
    @Test func aRunTellsHowGradientsMet() throws {
        let place = try Workplace()
        try place.replace("training:\n", "training:\n  aggregation: pcgrad\n")
        let run = try place.train(to: "run")
        let record = try #require(run.history.epochs.last?.gradients)
        #expect(record.steps > 0 && record.warnings.isEmpty)
        #expect(try #require(record.meanNorm(0)) > 0)
        #expect((-1...1).contains(try #require(record.meanCosine(0, 1))))
        #expect((0...1).contains(try #require(record.conflictShare(1, 0))))
    }
}
