import MotetCore
import MotetGraph
import MotetNN
import MotetTestSupport
import Testing

/// Says whether its input had a mask, by the width of its result: 2 with and 1 without.
private final class MaskProbe: UnaryLayer {
    static let kind = "probe"
    let name: String? = nil

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let width = context.mask(of: inputs[0]) == nil ? 1 : 2
        return [try context.call(Dense(width), inputs)[0]]
    }
}

/// Ends the mask of its input.
private final class Unmask: UnaryLayer {
    static let kind = "unmask"
    let name: String? = nil

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let result = try context.graph.apply(Scale(1), inputs[0])
        context.setMask(nil, of: result)
        return [result]
    }
}

@Suite("Masks") struct MaskTests {
    private static func tokens(_ length: Int = 5) throws -> Input {
        try Input("tokens", shape: [length], dtype: .int32)
    }

    private static func hasMask(_ tensor: SymbolicTensor) throws -> Bool {
        try MaskProbe()(tensor).shape.last == 2
    }

    @Test func onlyAnEmbeddingThatMasksZeroMakesAMask() throws {
        let tokens = try Self.tokens()
        let masked = try Embedding(vocabularySize: 9, dimension: 3, masksZero: true)(tokens)
        let plain = try Embedding(vocabularySize: 9, dimension: 3)(tokens)
        #expect(try Self.hasMask(masked))
        #expect(try !Self.hasMask(plain))
    }

    @Test func layersThatKeepStepsKeepTheMask() throws {
        let embedded = try Embedding(vocabularySize: 9, dimension: 3, masksZero: true)(
            Self.tokens()
        )
        #expect(try Self.hasMask(Dense(4, activation: .relu)(embedded)))
        #expect(try Self.hasMask(Dropout(0.5)(LayerNormalization()(embedded))))
        #expect(try Self.hasMask(Add()(embedded, embedded)))
    }

    @Test func aMaskOfAnyInputReachesTheResult() throws {
        let masked = try Embedding(vocabularySize: 9, dimension: 3, masksZero: true)(Self.tokens())
        let other = try Input("other", shape: [5, 3])
        #expect(try Self.hasMask(Concatenate()(other.tensor, masked)))
        #expect(try Self.hasMask(Concatenate()(masked, other.tensor)))
    }

    @Test func aPooledResultHasNoMaskEvenWhereSizesAgree() throws {
        // Three steps of width 3: [B, 9] reshaped to rows, and [B, 3] of the same size as the mask.
        let embedded = try Embedding(vocabularySize: 9, dimension: 3, masksZero: true)(
            Self.tokens(3)
        )
        let flat = try Reshape([9])(embedded)
        #expect(try !Self.hasMask(flat))
        #expect(try !Self.hasMask(Dense(3)(flat)))
    }

    @Test func aLayerMayEndAMask() throws {
        let embedded = try Embedding(vocabularySize: 9, dimension: 3, masksZero: true)(
            Self.tokens()
        )
        #expect(try !Self.hasMask(Unmask()(embedded)))
    }

    @Test func maskingNeedsSequences() throws {
        let id = try Input("id", shape: [], dtype: .int32)
        let error = #expect(throws: GraphError.self) {
            _ = try Embedding(vocabularySize: 9, dimension: 3, masksZero: true, name: "words")(id)
        }
        #expect(
            "\(try #require(error))".contains(
                "Embedding \"words\": 'masksZero' needs sequences of ids; expected [B, T]; received [B]."
            )
        )
    }

    @Test func theModelKnowsTheMaskOfAnOutput() throws {
        let tokens = try Self.tokens()
        let embedded = try Embedding(vocabularySize: 9, dimension: 3, masksZero: true)(tokens)
        let model = try Model(
            inputs: [tokens],
            outputs: ["tags": Dense(4)(embedded), "flat": Dense(1)(Reshape([15])(embedded))]
        )
        let traced = try model.trace(.inference)
        #expect(traced.mask(of: traced.outputs[0].value) != nil)
        #expect(traced.mask(of: traced.outputs[1].value) == nil)
    }
}
