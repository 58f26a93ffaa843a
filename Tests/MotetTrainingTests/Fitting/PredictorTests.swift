import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetOneDNN
import Testing

@testable import MotetTraining

@Suite("Predictor") struct PredictorTests {
    private func predictor(_ trainer: Trainer) throws -> Predictor {
        try Predictor(
            trainer.model,
            parameters: trainer.parameters,
            links: ["click": .sigmoid, "buy": .sigmoid],
            backend: OneDNNBackend()
        )
    }

    private func batch(rows: Int) -> [String: Tensor] {
        let ids = (0..<rows).map { Int32($0 % 30) }
        return [
            "item": Tensor(ids),
            "history.values": Tensor(ids),
            "history.offsets": Tensor((0...rows).map(Int32.init)),
            "numeric": Tensor((0..<(2 * rows)).map { Float($0 % 5) - 2 }, shape: [rows, 2]),
        ]
    }

    @Test func predictionsDoNotDependOnBatchMates() throws {
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        let predictor = try predictor(trainer)
        let whole = try #require(try predictor(batch(rows: 50))["click"]).floats
        for rows in [1, 7, 33] {
            let part = try #require(try predictor(batch(rows: rows))["click"]).floats
            let worst = zip(part, whole).map { abs($0 - $1) }.max() ?? 1
            // Different kernels serve different sizes; they round differently.
            #expect(worst < 1e-6, "\(rows) rows: \(worst)")
        }
    }

    @Test func evaluationAndPredictionAgree() throws {
        let data = try TinyMarket.data(rows: 300, seed: 3)
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        _ = try trainer.fit(data, epochs: 1, batchSize: 64)
        let expected = try trainer.evaluate(data)[0].observations.predictions
        let predictor = try predictor(trainer)
        let loader = try BatchLoader(data, options: BatchLoaderOptions(batchSize: 300))
        loader.start(epoch: 0)
        let batch = try #require(try loader.next())
        var inputs: [String: Tensor] = [:]
        for input in predictor.inputs {
            let tensor = try #require(batch.tensor(input.name))
            inputs[input.name] = tensor
        }
        let found = try #require(try predictor(inputs)["click"]).floats
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func manyRequestsAtOnceGetTheirOwnAnswers() async throws {
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        let predictor = try predictor(trainer)
        let expected = try #require(try predictor(batch(rows: 40))["buy"]).floats
        let batches = (1...40).map { batch(rows: $0) }
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for request in 0..<64 {
                let inputs = batches[request % 40]
                let rows = 1 + request % 40
                group.addTask {
                    let found = try predictor(inputs)["buy"]?.floats ?? []
                    return found.count == rows
                        && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(right == 64)
    }

    @Test func aMissingParameterIsNamed() throws {
        let model = try TinyMarket.model()
        #expect(throws: (any Error).self) {
            _ = try Predictor(model, parameters: ParameterStore(), backend: OneDNNBackend())
        }
    }
}
