import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetTestSupport
import Testing

/// Attention, positions and encoder blocks through the harness.
@Suite("Layers of attention") struct AttentionLayerTests {
    private static let sequence: Shape = [.batch, 4, 6]
    private static let attention: KeyValuePairs<String, [Int]> = [
        "projection/weight": [6, 18], "projection/bias": [18], "output/weight": [6, 6],
        "output/bias": [6],
    ]

    private static let block: KeyValuePairs<String, [Int]> = [
        "attention/projection/weight": [6, 18], "attention/projection/bias": [18],
        "attention/output/weight": [6, 6], "attention/output/bias": [6],
        "attention_normalization/scale": [6], "attention_normalization/shift": [6],
        "hidden/weight": [6, 9], "hidden/bias": [9], "output/weight": [9, 6], "output/bias": [6],
        "output_normalization/scale": [6], "output_normalization/shift": [6],
    ]

    private static let preBlock: KeyValuePairs<String, [Int]> = [
        "attention_normalization/scale": [6], "attention_normalization/shift": [6],
        "attention/projection/weight": [6, 18], "attention/projection/bias": [18],
        "attention/output/weight": [6, 6], "attention/output/bias": [6],
        "output_normalization/scale": [6], "output_normalization/shift": [6],
        "hidden/weight": [6, 9], "hidden/bias": [9], "output/weight": [9, 6], "output/bias": [6],
    ]

    /// A mask whose second row leaves every position out.
    private static func mask(_ length: Dimension) -> CaseInput {
        .data("mask", [.batch, length]) { key, sizes, _ in
            let drawn = TinyData.integers(sizes, key, in: 0..<3).integers
            let values = drawn.indices.map { index -> Float in
                index / sizes[1] == 1 || drawn[index] == 0 ? 0 : 1
            }
            return Tensor(values, shape: sizes)
        }
    }

    private func check(
        _ layer: any Layer,
        _ input: [CaseInput],
        _ output: Shape,
        _ parameters: KeyValuePairs<String, [Int]> = [:],
        expected: LayerExpectations = LayerExpectations()
    ) throws {
        let results = try checkLayer(
            layer,
            input: input,
            output: output,
            parameters: parameters,
            expected: expected,
            on: OneDNNBackend()
        )
        #expect(results.count > 5)
        for result in results { #expect(result.holds, "\(result)") }
    }

    @Test func selfAttention() throws {
        try check(
            MultiHeadAttention(heads: 2),
            [.features("x", Self.sequence)],
            Self.sequence,
            Self.attention
        )
    }

    @Test func maskedSelfAttention() throws {
        try check(
            WithMask(MultiHeadAttention(heads: 3, isCausal: true)),
            [.features("x", Self.sequence), Self.mask(4)],
            Self.sequence,
            Self.attention
        )
    }

    @Test func attentionToAnotherSequence() throws {
        try check(
            WithMask(MultiHeadAttention(heads: 2, headWidth: 5, useBias: false), input: 1),
            [
                .features("x", Self.sequence), .features("memory", [.batch, 3, 7]), Self.mask(3),
            ],
            Self.sequence,
            [
                "query/weight": [6, 10], "key_value/weight": [7, 20], "output/weight": [10, 6],
            ]
        )
    }

    @Test func sinusoidalPositions() throws {
        try check(
            SinusoidalPositions(),
            [.features("x", Self.sequence)],
            Self.sequence
        )
    }

    @Test(arguments: [4, 9])
    func learntPositions(maximumLength: Int) throws {
        try check(
            LearntPositions(maximumLength: maximumLength),
            [.features("x", Self.sequence)],
            Self.sequence,
            ["weight": [maximumLength, 6]]
        )
    }

    @Test func encoderBlock() throws {
        try check(
            WithMask(TransformerEncoder(heads: 2, hiddenUnits: 9, epsilon: 0.01)),
            [.features("x", Self.sequence), Self.mask(4)],
            Self.sequence,
            Self.block
        )
    }

    @Test func encoderBlockThatNormalisesBefore() throws {
        try check(
            TransformerEncoder(
                heads: 2,
                hiddenUnits: 9,
                normalization: .before,
                dropout: 0.25,
                epsilon: 0.01
            ),
            [.features("x", Self.sequence)],
            Self.sequence,
            Self.preBlock,
            expected: LayerExpectations().with { $0.trainingDiffers = true }
        )
    }

    @Test func theMaskGoesOnWithTheResult() throws {
        var context = ForwardContext(mode: .inference)
        let x = try context.graph.input("x", TensorType(Self.sequence))
        let mask = try context.graph.input("mask", TensorType([.batch, 4]))
        context.setMask(mask, of: x)
        for layer: any Layer in [
            MultiHeadAttention(heads: 2), SinusoidalPositions(), LearntPositions(maximumLength: 4),
            TransformerEncoder(heads: 2, hiddenUnits: 3),
        ] {
            let result = try context.call(layer, [x])[0]
            #expect(context.mask(of: result) == mask, "\(type(of: layer))")
        }
    }

    @Test func mistakesAreSentences() throws {
        let x = try Input("x", shape: [4, 6])
        let flat = try Input("flat", shape: [6])
        #expect(throws: (any Error).self) { try MultiHeadAttention(heads: 4)(x) }
        func sentence(_ body: () throws -> SymbolicTensor) -> String {
            do {
                _ = try body()
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            sentence { try MultiHeadAttention(heads: 4, name: "a")(x) }.contains(
                "MultiHeadAttention \"a\": 'heads' is out of range; expected a divisor of 6; received 4."
            )
        )
        #expect(
            sentence { try MultiHeadAttention(heads: 2)(flat) }.contains(
                "the input has the wrong shape; expected a sequence [B, T, I]; received [B, 6]."
            )
        )
        #expect(
            sentence { try LearntPositions(maximumLength: 3)(x) }.contains(
                "the input is too long; expected at most 3 positions; received 4."
            )
        )
        #expect(
            sentence { try TransformerEncoder(heads: 2, hiddenUnits: 0)(x) }.contains(
                "'hiddenUnits' is out of range; expected at least 1; received 0."
            )
        )
    }
}
