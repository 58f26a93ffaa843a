import Foundation
import MotetCore
import MotetData
import MotetMultiTask
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Curves of training on combined gradients, by PyTorch's gradients and TorchJD's weights.
@Suite("Combined gradients against PyTorch and TorchJD") struct AggregationGoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let model: String
        let rule: String
        let aggregation: GradientAggregation
        var weighting = LossWeighting.fixed
        var testDescription: String { "\(model), \(rule), \(aggregation.place)" }
    }

    private static let cases: [Case] = ["shared_bottom", "mmoe"].flatMap { model in
        [
            ("upgrad", GradientAggregation.upgrad), ("imtl_g", .imtlG),
            ("aligned_mtl", .alignedMTL),
        ].flatMap { rule, aggregation in
            [TaskDifferentiation.Place.representation, .parameters].map { place in
                Case(model: model, rule: rule, aggregation: aggregation.at(place))
            } + [
                Case(model: model, rule: "gradnorm", aggregation: .sum, weighting: .gradNorm()),
                Case(
                    model: model,
                    rule: "gradnorm",
                    aggregation: .sum.at(.parameters),
                    weighting: .gradNorm(at: .parameters)
                ),
                Case(model: model, rule: "db_mtl", aggregation: .dbMTL()),
                Case(model: model, rule: "moco", aggregation: .moco()),
            ]
        }
    }

    private static func file(_ name: String) throws -> SafetensorsFile {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/combined/\(name).safetensors")
        return try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
    }

    private static func trainer(
        _ rule: Case,
        _ file: SafetensorsFile
    ) throws -> Trainer {
        let x = try Input("x", shape: [5])
        let tasks = (0..<3).map { TaskHead(name: "t\($0)") }
        let towers = TowerSettings(units: [4])
        let outputs =
            rule.model == "mmoe"
            ? try MMoE(tasks: tasks, experts: 3, expertUnits: [6], towers: towers)(x)
            : try SharedBottom(tasks: tasks, bottomUnits: [7], towers: towers)(x)
        let trainer = try Trainer(
            try Model(inputs: [x], outputs: outputs),
            optimizer: .adam(learningRate: 0.02),
            tasks: [
                NamedTask("t0", .binary()), NamedTask("t1", .binary(weight: 0.5)),
                NamedTask("t2", .binary(weight: 3)),
            ],
            weighting: rule.weighting,
            aggregation: rule.weighting.isLearned ? nil : rule.aggregation,
            seed: 1,
            backend: OneDNNBackend()
        )
        var store = trainer.parameters
        for name in trainer.model.parameters.map(\.name) {
            let value: Tensor = try #require(file.tensors["parameters/\(name)"], "\(name)")
            store[name] = value
        }
        trainer.parameters = store
        return trainer
    }

    /// The greatest relative differences of losses and factors from the golden's.
    private static func errors(_ rule: Case, as name: String) throws -> (Double, Double) {
        let file = try file(rule.model)
        func floats(_ name: String) throws -> [Float] { try #require(file.tensors[name]).floats }
        let trainer = try trainer(rule, file)
        let (labels, present) = (try floats("labels"), try floats("present"))
        var columns: [(String, PreparedValues)] = [("x", .floats(try floats("x"), width: 5))]
        for task in 0..<3 {
            let column = stride(from: task, to: labels.count, by: 3)
                .map { present[$0] == 1 ? labels[$0] : .nan }
            columns.append(("label/t\(task)", .floats(column)))
        }
        let data = try PreparedDataset(inMemory: columns)
        let history = try trainer.fit(data, epochs: 50, batchSize: 24)
        let prefix = "\(name)/\(rule.aggregation.place.rawValue)"
        let (losses, factors) = (try floats("\(prefix)/losses"), try floats("\(prefix)/weights"))
        var worst = (0.0, 0.0)
        for (step, epoch) in history.epochs.enumerated() {
            let record = try #require(epoch.gradients)
            #expect(record.steps == 1 && record.warnings.isEmpty)
            for task in 0..<3 {
                let loss = try #require(epoch.losses[task].value)
                let factor = try #require(record.meanFactor(task))
                let (wanted, weight) = (
                    Double(losses[3 * step + task]), Double(factors[3 * step + task])
                )
                worst.0 = max(worst.0, abs(loss - wanted) / wanted)
                worst.1 = max(worst.1, abs(factor - weight) / max(abs(weight), 0.1))
            }
        }
        return worst
    }

    @Test(arguments: cases)
    func lossesAndFactorsFollowTheirs(rule: Case) throws {
        let (losses, factors) = try Self.errors(rule, as: rule.rule)
        // Fifty steps in float32 against float64; factors follow from gradients that become small.
        #expect(losses < 1e-3)
        #expect(factors < 1e-2)
    }

    /// A planted fault: one rule is not taken for another.
    @Test func anotherRuleIsFound() throws {
        let rule = Case(model: "mmoe", rule: "upgrad", aggregation: .mean)
        #expect(try Self.errors(rule, as: "upgrad").1 > 0.05)
    }
}
