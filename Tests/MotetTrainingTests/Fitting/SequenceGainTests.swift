import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Where an answer depends on whether the like of a candidate is in a list, reading its steps must gain.
@Suite("What lists gain") struct SequenceGainTests {
    /// 24 items of 6 kinds; a click is likely where the list has one of the candidate's kind.
    private func data(rows: Int, seed: UInt64) throws -> PreparedDataset {
        var random = RandomKey(seed: seed).generator()
        var (items, lists): ([Int32], [[Int32]]) = ([], [])
        var clicks: [Float] = []
        for _ in 0..<rows {
            let item = Int32.random(in: 0..<24, using: &random)
            let length = Int.random(in: 1..<6, using: &random)
            let list = (0..<length).map { _ in Int32.random(in: 0..<24, using: &random) }
            let isLiked = list.contains { $0 % 6 == item % 6 }
            items.append(item)
            lists.append(list)
            clicks.append(random.nextUniform() < (isLiked ? 0.9 : 0.1) ? 1 : 0)
        }
        return try PreparedDataset(inMemory: [
            "item": .integers(items), "seen": .ragged(lists), "label/click": .floats(clicks),
        ])
    }

    /// The mean loss of rows that were not trained on, over three seeds.
    private func loss(_ interactions: [Interaction]) throws -> Double {
        let model = try Architecture.sharedBottom(units: [32]).model(
            features: FeatureInputs(
                features: [
                    FeatureInput(name: "item", vocabularySize: 24, dimension: 8),
                    FeatureInput(
                        name: "seen",
                        kind: .sequence(.mean),
                        vocabularySize: 24,
                        dimension: 8,
                        table: "item",
                        length: 5
                    ),
                ],
                numericWidth: 0,
                interactions: interactions
            ),
            tasks: [TaskHead(name: "click")],
            towers: TowerSettings(units: [16])
        )
        let (known, new) = (try data(rows: 4000, seed: 1), try data(rows: 1500, seed: 2))
        var sum = 0.0
        for seed in [1, 2, 3] as [UInt64] {
            let trainer = try Trainer(
                model,
                optimizer: .adam(learningRate: 0.01),
                tasks: [NamedTask("click", .binary(metrics: [.logLoss]))],
                seed: seed,
                backend: OneDNNBackend()
            )
            let history = try trainer.fit(known, epochs: 12, batchSize: 128, validation: new)
            let report = try #require(history.epochs.last?.validation)
            let entry = try #require(report.entries.first { $0.scenario == nil })
            sum += try #require(entry.estimate.value.value)
        }
        return sum / 3
    }

    @Test func likesAreFoundAmongTheSteps() throws {
        let read = SequenceInteraction(
            history: "seen",
            candidate: "item",
            reader: .din(units: [16], activation: .function(.sigmoid))
        )
        let pooled = try loss([])
        let din = try loss([.sequence(read)])
        // Measured: 0.325, the least there is, and 0.356.
        #expect(din < pooled - 0.015, "\(din), pooled \(pooled)")
    }
}
