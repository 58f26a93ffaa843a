import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetTestSupport
import Testing

/// Every layer through the one harness.
@Suite("Layers") struct LayerTests {
    private static let rows: Shape = [.batch, 7]

    /// Records what the harness finds.
    private func expectAll(_ results: [LawResult]) {
        #expect(results.count > 5)
        for result in results { #expect(result.holds, "\(result)") }
    }

    /// Numbers away from 0, where some functions have a kink.
    private func kinked(_ name: String, _ shape: Shape) -> CaseInput {
        .features(name, shape) { key, sizes, _ in TinyData.awayFromZero(sizes, key) }
    }

    private func check(
        _ layer: any Layer,
        _ input: [CaseInput],
        _ output: Shape,
        _ parameters: KeyValuePairs<String, [Int]> = [:],
        expected: LayerExpectations = LayerExpectations()
    ) throws {
        expectAll(
            try checkLayer(
                layer,
                input: input,
                output: output,
                parameters: parameters,
                expected: expected,
                on: OneDNNBackend()
            )
        )
    }

    @Test(arguments: LayerActivation.named.map(\.name))
    func dense(activation: String) throws {
        let function = try #require(LayerActivation.named.first { $0.name == activation })
        try check(
            Dense(3, activation: function.activation),
            [.features("x", Self.rows)],
            [.batch, 3],
            ["weight": [7, 3], "bias": [3]],
            expected: LayerExpectations().with {
                // The products of ReLU and its like may lie at the kink.
                $0.isSmooth = !activation.hasSuffix("relu")
            }
        )
    }

    @Test func denseWithoutBias() throws {
        try check(
            Dense(3, useBias: false),
            [.features("x", Self.rows)],
            [.batch, 3],
            ["weight": [7, 3]]
        )
    }

    @Test func denseOverTheLastOfThreeAxes() throws {
        try check(
            Dense(3, name: "named"),
            [.features("x", [.batch, 4, 7])],
            [.batch, 4, 3],
            ["weight": [7, 3], "bias": [3]]
        )
    }

    @Test func embedding() throws {
        try check(
            Embedding(vocabularySize: 6, dimension: 3),
            [.ids("id", [.batch], table: 6)],
            [.batch, 3],
            ["weight": [6, 3]]
        )
    }

    @Test func embeddingOfEqualLengths() throws {
        try check(
            Embedding(vocabularySize: 6, dimension: 3),
            [.ids("id", [.batch, 4], table: 6)],
            [.batch, 4, 3],
            ["weight": [6, 3]]
        )
    }

    @Test func pooledEmbedding() throws {
        try check(
            Embedding(vocabularySize: 6, dimension: 3),
            LayerUnderTest.lists(table: 6),
            [.batch, 3],
            ["weight": [6, 3]]
        )
    }

    @Test(arguments: LayerActivation.named.map(\.name))
    func activation(name: String) throws {
        let function = try #require(LayerActivation.named.first { $0.name == name })
        try check(Activation(function.activation), [kinked("x", Self.rows)], Self.rows)
    }

    @Test func parametricReLU() throws {
        try check(PReLU(), [kinked("x", Self.rows)], Self.rows, ["slope": [7]])
    }

    @Test func softmax() throws {
        try check(Softmax(), [.features("x", Self.rows)], Self.rows)
    }

    @Test func concatenate() throws {
        try check(
            Concatenate(),
            [
                .features("x", Self.rows), .features("number", [.batch]),
                .features("z", [.batch, 2]),
            ],
            [.batch, 10]
        )
    }

    @Test func concatenateAlongAnotherAxis() throws {
        try check(
            Concatenate(axis: 1),
            [.features("x", [.batch, 2, 5]), .features("z", [.batch, 3, 5])],
            [.batch, 5, 5]
        )
    }

    @Test func add() throws {
        try check(Add(), [.features("x", Self.rows), .features("z", Self.rows)], Self.rows)
    }

    @Test func multiply() throws {
        try check(
            Multiply(),
            [.features("x", Self.rows), .features("z", [.batch, 1]), .features("w", Self.rows)],
            Self.rows
        )
    }

    @Test func reshape() throws {
        try check(Reshape([2, 3]), [.features("x", [.batch, 6])], [.batch, 2, 3])
    }

    @Test func batchNormalization() throws {
        try check(
            BatchNormalization(momentum: 0.9),
            [.features("x", Self.rows)],
            Self.rows,
            ["scale": [7], "shift": [7], "mean": [7], "variance": [7]],
            expected: LayerExpectations().with {
                $0.trainingDiffers = true
                // One row has no variance, and few have an inverse deviation that bends too much.
                $0.isSmooth = false
            }
        )
    }

    /// Variances plus 1: their inverse roots bend little enough for differences.
    @Test func dice() throws {
        let parameters: KeyValuePairs = [
            "slope": [7], "mean": [7], "variance": [7], "seen": [1],
        ]
        let expected = LayerExpectations().with { $0.trainingDiffers = true }
        try check(
            Dice(momentum: 0.9, epsilon: 1),
            [.features("x", Self.rows)],
            Self.rows,
            parameters,
            expected: expected
        )
        let mask = CaseInput.data("mask", [.batch, 4]) { _, sizes, _ in
            let count = sizes.reduce(1, *)
            let isReal = (0..<count).map { Float($0 % 4 > $0 / 4 % 4 ? 1 : 0) }
            return Tensor(isReal, shape: sizes)
        }
        try check(
            WithMask(Dice(momentum: 0.9, epsilon: 1)),
            [.features("x", [.batch, 4, 7]), mask],
            [.batch, 4, 7],
            parameters,
            expected: expected
        )
    }

    @Test func layerNormalization() throws {
        try check(
            LayerNormalization(epsilon: 0.01),
            [.features("x", [.batch, 16])],
            [.batch, 16],
            ["scale": [16], "shift": [16]]
        )
    }

    @Test func dropout() throws {
        try check(
            Dropout(0.4),
            [.features("x", Self.rows)],
            Self.rows,
            expected: LayerExpectations().with { $0.trainingDiffers = true }
        )
    }

    @Test func dropoutOfNothing() throws {
        try check(Dropout(0), [.features("x", Self.rows)], Self.rows)
    }
}
