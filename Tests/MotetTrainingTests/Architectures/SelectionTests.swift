import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import Testing

@testable import MotetRecommenders
@testable import MotetTraining

@Suite("Selections and routes") struct SelectionTests {
    /// 2,000 connections of one strength with noise of their own.
    @Test(arguments: [-2, 0, 1.5] as [Float])
    func asManyConnectionsAreThereAsExpected(logAlpha: Float) throws {
        let noise = LogisticNoise(rows: 40, columns: 50, key: RandomKey(seed: 4))
            .evaluate([Tensor([Int32(1)], shape: [])])[0]
        func values(
            _ body: (Value, Value, inout GraphBuilder) throws(GraphError) -> Value
        ) throws -> [Float] {
            var graph = GraphValues()
            return try graph.values { graph in
                let strengths = [Float](repeating: logAlpha, count: 2000)
                let alpha = graph.constant(Tensor(strengths, shape: [40, 50]))
                return try body(alpha, graph.constant(noise), &graph)
            }
        }
        let found = try values { alpha, noise, graph throws(GraphError) in
            try HardConcrete.apply(alpha, noise: noise, in: &graph)
        }
        let expected = try values { alpha, _, graph throws(GraphError) in
            try HardConcrete.expectedCount(alpha, in: &graph)
        }
        #expect(found.allSatisfy { 0 <= $0 && $0 <= 1 })
        #expect(found.contains(0) && found.contains(1))
        let share = Double(found.filter { $0 > 0 }.count) / 2000
        // Two standard deviations of a share of 2,000 are at most 0.023.
        #expect(abs(share - Double(expected[0]) / 2000) < 0.025, "\(share), \(expected[0] / 2000)")
    }

    @Test func noiseBelongsToTheStep() {
        let noise = LogisticNoise(rows: 3, columns: 4, key: RandomKey(seed: 4))
        func drawn(_ step: Int32) -> [Float] {
            noise.evaluate([Tensor([step], shape: [])])[0].floats
        }
        #expect(drawn(1) == drawn(1) && drawn(1) != drawn(2))
        let isFinite = drawn(7).allSatisfy { $0.isFinite }
        #expect(isFinite)
    }

    private func trainer(_ architecture: Architecture) throws -> Trainer {
        let model = try architecture.model(
            features: FeatureInputs(features: [], numericWidth: 3),
            tasks: [TaskHead(name: "a"), TaskHead(name: "b")],
            towers: TowerSettings(units: [3])
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 0.05),
            tasks: [NamedTask("a", .binary()), NamedTask("b", .binary())],
            seed: 1,
            backend: OneDNNBackend()
        )
    }

    private func data() throws -> PreparedDataset {
        var random = RandomKey(seed: 9).generator()
        let numbers = (0..<600).map { _ in Float(random.nextNormal()) }
        let labels = (0..<200).map { Float(numbers[3 * $0] > 0 ? 1 : 0) }
        return try PreparedDataset(inMemory: [
            "numeric": .floats(numbers, width: 3), "label/a": .floats(labels),
            "label/b": .floats(labels.map { 1 - $0 }),
        ])
    }

    /// Bits 01 in both selectors choose expert 1, bit 0 being the lowest: no other expert is read.
    @Test func aDecidedSelectorReadsOneExpert() throws {
        var settings = DSelectK.Settings()
        settings.expertUnits = [4]
        settings.readsRows = false
        let trainer = try trainer(.dselectK(settings))
        trainer.parameters["dselect_k/selectors/bits"] = Tensor(
            [2, -2, 2, -2, 2, -2, 2, -2] as [Float],
            shape: [4, 2]
        )
        let data = try data()
        let before = try trainer.predict(data)
        let weight = try #require(trainer.parameters["dselect_k/experts/dense_1/weight"])
        func changed(_ expert: Int) -> Tensor {
            let size = weight.count / 4
            let range = (expert * size)..<((expert + 1) * size)
            let values = weight.floats.enumerated().map { range.contains($0) ? $1 + 1 : $1 }
            return Tensor(values, shape: weight.shape)
        }
        for expert in [0, 2, 3] {
            trainer.parameters["dselect_k/experts/dense_1/weight"] = changed(expert)
            #expect(try trainer.predict(data) == before, "expert \(expert)")
        }
        trainer.parameters["dselect_k/experts/dense_1/weight"] = changed(1)
        #expect(try trainer.predict(data) != before)
    }

    /// A strong regulariser makes each selector end on one expert.
    @Test func entropyMakesSelectorsDecide() throws {
        func greatestDoubt(_ entropy: Float) throws -> Float {
            var settings = DSelectK.Settings()
            settings.expertUnits = [4]
            settings.readsRows = false
            settings.entropy = entropy
            let trainer = try trainer(.dselectK(settings))
            _ = try trainer.fit(try data(), epochs: 40, batchSize: 50)
            let bits = try #require(trainer.parameters["dselect_k/selectors/bits"]).floats
            // How far the steps are from 0 or 1.
            return bits.map { max(0, 0.5 - abs($0)) }.max() ?? 1
        }
        let (with, without) = (try greatestDoubt(1), try greatestDoubt(0))
        #expect(with < 0.05 && with < without, "\(with), \(without)")
    }

    /// With a high price and nothing to gain the connections go.
    @Test func sparsityEndsConnections() throws {
        var settings = SNR.Settings()
        settings.levels = 1
        settings.networkUnits = [4]
        settings.sparsity = 5
        let trainer = try trainer(.snr(settings))
        _ = try trainer.fit(try data(), epochs: 30, batchSize: 50)
        let strengths = try #require(trainer.parameters["snr/routes_1/log_alpha"]).floats
        // 1.2 sigmoid(x) - 0.1 is 0 below -log 11.
        #expect(strengths.allSatisfy { $0 < -2.4 }, "\(strengths)")
    }
}
