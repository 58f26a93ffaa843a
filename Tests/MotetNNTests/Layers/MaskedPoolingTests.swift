import MotetCore
import MotetNN
import MotetOneDNN
import MotetTestSupport
import Testing

/// Padded steps of sequences reach no result of pooling and convolution.
@Suite("Masks in pooling and convolution") struct MaskedPoolingTests {
    private static let tokens: [[Int32]] = [
        [3, 4, 0, 0, 0], [5, 3, 4, 1, 2], [0, 0, 0, 0, 0], [0, 4, 0, 3, 0],
    ]

    /// The results for `tokens`, with `padding` in row 0 of the table.
    private func results(
        padding: Float,
        _ layer: (SymbolicTensor) throws -> SymbolicTensor
    ) throws -> (output: [Float], table: [Float]) {
        let input = try Input("tokens", shape: [5], dtype: .int32)
        let embedding = Embedding(vocabularySize: 6, dimension: 2, masksZero: true, name: "words")
        let model = try Model(
            inputs: [input],
            outputs: [(name: "y", tensor: try layer(embedding(input)))]
        )
        var store = ParameterStore(model.parameters, key: RandomKey(seed: 4))
        var table = try #require(store["words/weight"])
        table.withMutableFloats { $0[0..<2].update(repeating: padding) }
        store["words/weight"] = table
        let predictor = try Predictor(model, parameters: store, backend: OneDNNBackend())
        let made = try predictor([
            "tokens": Tensor(Self.tokens.flatMap { $0 }, shape: [Self.tokens.count, 5])
        ])
        return (try #require(made["y"]).floats, table.floats)
    }

    private func vectors(_ row: [Int32], _ table: [Float]) -> [[Float]] {
        row.filter { $0 != 0 }.map { Array(table[2 * Int($0)..<2 * Int($0) + 2]) }
    }

    @Test func theMeanIsThatOfRealSteps() throws {
        let (output, table) = try results(padding: 100) { try GlobalAveragePooling1D()($0) }
        for (index, row) in Self.tokens.enumerated() {
            let real = vectors(row, table)
            for channel in 0..<2 {
                let sum = real.map { $0[channel] }.reduce(0, +)
                let expected = sum / Float(max(real.count, 1))
                #expect(abs(output[2 * index + channel] - expected) < 1e-6)
            }
        }
    }

    @Test func theGreatestIsThatOfRealSteps() throws {
        let (output, table) = try results(padding: 100) { try GlobalMaxPooling1D()($0) }
        for (index, row) in Self.tokens.enumerated() {
            let real = vectors(row, table)
            for channel in 0..<2 {
                #expect(output[2 * index + channel] == real.map { $0[channel] }.max() ?? 0)
            }
        }
    }

    @Test func aConvolutionReadsZerosAtPaddedSteps() throws {
        func convolved(_ padding: Float) throws -> [Float] {
            try results(padding: padding) {
                try Conv1D(3, kernelSize: 3, padding: .same)($0)
            }.output
        }
        #expect(try convolved(100) == convolved(0))
    }
}
