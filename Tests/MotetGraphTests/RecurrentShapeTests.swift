import MotetCore
import MotetGraph
import Testing

@Suite("Shape rules of recurrences") struct RecurrentShapeTests {
    private static func floats(_ sizes: Dimension...) -> TensorType { TensorType(Shape(sizes)) }
    private static let gates = floats(.batch, 5, 12)

    private static let mistakes = [
        ShapeMistake(
            LSTMScan(),
            [gates],
            "LSTMScan: wrong number of inputs; expected 2; received 1."
        ),
        ShapeMistake(
            LSTMScan(isMasked: true, hasState: true),
            [gates, floats(3, 12), floats(.batch, 5), floats(.batch, 3)],
            "LSTMScan: wrong number of inputs; expected 5; received 4."
        ),
        ShapeMistake(
            LSTMScan(),
            [floats(.batch, 5, 10), floats(3, 12)],
            "LSTMScan: gates have the wrong shape; expected [B, T, 4U]; received [B, 5, 10]."
        ),
        ShapeMistake(
            LSTMScan(),
            [floats(.batch, 12), floats(3, 12)],
            "LSTMScan: gates have the wrong shape; expected [B, T, 4U]; received [B, 12]."
        ),
        ShapeMistake(
            LSTMScan(),
            [gates, floats(4, 12)],
            "LSTMScan: the recurrent weight has the wrong shape; expected [3, 12]; received [4, 12]."
        ),
        ShapeMistake(
            LSTMScan(isMasked: true),
            [gates, floats(3, 12), floats(.batch, 4)],
            "LSTMScan: the mask has the wrong shape; expected [B, 5]; received [B, 4]."
        ),
        ShapeMistake(
            LSTMScan(isMasked: true),
            [gates, floats(3, 12), TensorType([.batch, 5], .int32)],
            "LSTMScan: input has the wrong type; expected float32; received int32 [B, 5].",
            .typeMismatch
        ),
        ShapeMistake(
            LSTMScan(hasState: true),
            [gates, floats(3, 12), floats(.batch, 3), floats(.batch, 4)],
            "LSTMScan: an initial state has the wrong shape; expected [B, 3]; received [B, 4]."
        ),
        ShapeMistake(
            GRUScan(),
            [floats(.batch, 5, 10), floats(3, 9), floats(9)],
            "GRUScan: gates have the wrong shape; expected [B, T, 3U]; received [B, 5, 10]."
        ),
        ShapeMistake(
            GRUScan(),
            [floats(.batch, 5, 9), floats(3, 9), floats(3)],
            "GRUScan: the recurrent bias has the wrong shape; expected [9]; received [3]."
        ),
        ShapeMistake(
            GRUScan(isMasked: true),
            [floats(.batch, 5, 9), floats(3, 9), floats(9), floats(.batch, 5, 1)],
            "GRUScan: the mask has the wrong shape; expected [B, 5]; received [B, 5, 1]."
        ),
    ]

    private static let chain = [floats(.batch, 5, 3), floats(3, 3), floats(3), floats(3)]

    private static let chainMistakes = [
        ShapeMistake(
            CRFLogLikelihood(),
            chain,
            "CRFLogLikelihood: wrong number of inputs; expected 6; received 4."
        ),
        ShapeMistake(
            CRFLogLikelihood(),
            [floats(.batch, 3)] + chain[1...] + [floats(.batch, 5), floats(.batch, 5)],
            "CRFLogLikelihood: emissions have the wrong shape; expected [B, T, K]; received [B, 3]."
        ),
        ShapeMistake(
            CRFLogLikelihood(),
            [chain[0], floats(3, 4), chain[2], chain[3], floats(.batch, 5), floats(.batch, 5)],
            "CRFLogLikelihood: inputs disagree; expected transitions [3, 3], start and end [3]; received [3, 4], [3] and [3]."
        ),
        ShapeMistake(
            CRFLogLikelihood(),
            chain + [floats(.batch, 5), floats(.batch)],
            "CRFLogLikelihood: inputs disagree; expected labels and weights [B, 5]; received [B, 5] and [B]."
        ),
        ShapeMistake(
            CRFDecoding(isMasked: true),
            chain + [floats(.batch, 4)],
            "CRFDecoding: the mask has the wrong shape; expected [B, 5]; received [B, 4]."
        ),
    ]

    @Test(arguments: mistakes + chainMistakes)
    func aMistakeIsASentence(mistake: ShapeMistake) {
        let error = #expect(throws: GraphError.self) {
            _ = try mistake.operation.outputTypes(mistake.inputs)
        }
        #expect(error?.message == mistake.message)
        #expect(error?.code == mistake.code)
    }

    @Test func resultsHaveTheDocumentedShapes() throws {
        let (sequence, state) = (Self.floats(.batch, 5, 3), Self.floats(.batch, 3))
        #expect(
            try LSTMScan().outputTypes([Self.gates, Self.floats(3, 12)])
                == [sequence, state, state, sequence, Self.gates, sequence]
        )
        let gates = Self.floats(.batch, 5, 9)
        #expect(
            try GRUScan().outputTypes([gates, Self.floats(3, 9), Self.floats(9)])
                == [sequence, state, gates, sequence, sequence]
        )
    }

    /// Kept cells and gates are by-products, whose gradients would be lost.
    @Test func keptValuesHaveNoGradient() throws {
        var graph = GraphBuilder()
        let gates = try graph.input("gates", Self.gates)
        let weight = try graph.input("recurrent", Self.floats(3, 12))
        let made = try graph.add(LSTMScan(), [gates, weight])
        let arriving = try graph.input("arriving", Self.floats(.batch, 5, 3))
        let error = #expect(throws: GraphError.self) {
            _ = try graph.gradients(of: [(made[3], arriving)], withRespectTo: [gates])
        }
        #expect(error?.code == .notDifferentiable)
    }
}
