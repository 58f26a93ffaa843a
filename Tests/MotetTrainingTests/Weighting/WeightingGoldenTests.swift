import Foundation
import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import Testing

@testable import MotetTraining

/// Curves of training by PyTorch, each rule differentiated as its paper writes it.
@Suite("Weights of losses against PyTorch") struct WeightingGoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let weighting: LossWeighting
        var weights: [Float] = [1, 0.5, 2]
        var testDescription: String { name }
    }

    private static let cases = [
        Case(name: "uncertainty", weighting: .uncertainty),
        Case(name: "impartial", weighting: .impartial),
        Case(name: "geometric_mean", weighting: .geometricMean, weights: [1, 1, 1]),
        Case(name: "smooth_maximum", weighting: .smoothMaximum(mu: 0.5)),
        Case(name: "famo", weighting: .famo()),
        Case(name: "dynamic_average", weighting: .dynamicAverage(temperature: 2)),
    ]

    private static func file(_ name: String) throws -> SafetensorsFile {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/weighting/\(name).safetensors")
        return try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
    }

    /// The greatest relative differences of losses and factors from the golden's.
    private static func errors(
        _ weighting: LossWeighting,
        _ weights: [Float],
        _ file: SafetensorsFile
    ) throws -> (losses: Double, factors: Double) {
        func floats(_ name: String) throws -> [Float] { try #require(file.tensors[name]).floats }
        let x = try Input("x", shape: [5])
        let shared = try Dense(8, activation: .relu, name: "shared")(x)
        let names = ["clicked", "amount", "kind"]
        let heads: [(name: String, tensor: SymbolicTensor)] = try zip(names, [1, 1, 3]).map {
            (name: $0, tensor: try Dense($1, name: $0)(shared))
        }
        let trainer = try Trainer(
            try Model(inputs: [x], outputs: heads),
            optimizer: .adam(learningRate: 0.02),
            tasks: [
                NamedTask("clicked", .binary(weight: weights[0])),
                NamedTask("amount", .regression(weight: weights[1])),
                NamedTask("kind", .multiclass(weight: weights[2])),
            ],
            weighting: weighting,
            seed: 1,
            backend: OneDNNBackend()
        )
        var store = trainer.parameters
        for name in trainer.model.parameters.map(\.name) {
            let value: Tensor = try #require(file.tensors["parameters/\(name)"])
            store[name] = value
        }
        trainer.parameters = store
        let (labels, present) = (try floats("labels"), try floats("present"))
        var columns: [(String, PreparedValues)] = [("x", .floats(try floats("x"), width: 5))]
        for (task, name) in names.enumerated() {
            let column = stride(from: task, to: labels.count, by: 3)
                .map { present[$0] == 1 ? labels[$0] : .nan }
            columns.append(("label/\(name)", .floats(column)))
        }
        let data = try PreparedDataset(inMemory: columns)
        let history = try trainer.fit(data, epochs: 50, batchSize: 32)
        let (losses, factors) = (try floats("losses"), try floats("factors"))
        var worst = (losses: 0.0, factors: 0.0)
        for (step, epoch) in history.epochs.enumerated() {
            for (task, found) in epoch.losses.enumerated() {
                let place = 3 * step + task
                let loss = try #require(found.value)
                let weight = Double(try #require(found.weight))
                let (wanted, factor) = (Double(losses[place]), Double(factors[place]))
                worst.losses = max(worst.losses, abs(loss - wanted) / wanted)
                worst.factors = max(worst.factors, abs(weight - factor) / factor)
            }
        }
        return worst
    }

    @Test(arguments: cases)
    func lossesAndFactorsFollowPyTorch(rule: Case) throws {
        let errors = try Self.errors(rule.weighting, rule.weights, Self.file(rule.name))
        // Fifty steps in float32 against float64.
        #expect(errors.losses < 1e-4)
        #expect(errors.factors < 1e-4)
    }

    /// A planted fault: a rule with another setting is told apart.
    @Test func anotherTemperatureIsFound() throws {
        let file = try Self.file("dynamic_average")
        let errors = try Self.errors(.dynamicAverage(temperature: 2.2), [1, 0.5, 2], file)
        #expect(errors.factors > 1e-3)
    }
}
