import MotetCore
import MotetGraph
import Testing

@Suite("Shape rule of attention") struct AttentionShapeRuleTests {
    private static func floats(_ sizes: Dimension...) -> TensorType { TensorType(Shape(sizes)) }

    private static let mistakes = [
        ShapeMistake(
            Attention(heads: 2),
            [floats(.batch, 3, 4), floats(.batch, 3, 4)],
            "Attention: wrong number of inputs; expected 3 to 4; received 2."
        ),
        ShapeMistake(
            Attention(heads: 2),
            [floats(.batch, 3, 4), floats(.batch, 5, 6), floats(.batch, 5, 6)],
            "Attention: inputs disagree; expected queries [B, Tq, U], keys and values [B, Tk, U]; received [B, 3, 4], [B, 5, 6] and [B, 5, 6]."
        ),
        ShapeMistake(
            Attention(heads: 3),
            [floats(.batch, 3, 4), floats(.batch, 5, 4), floats(.batch, 5, 4)],
            "Attention: 'heads' is out of range; expected a divisor of 4; received 3.",
            .outOfRange
        ),
        ShapeMistake(
            Attention(heads: 2),
            [floats(3, .batch, 4), floats(3, 5, 4), floats(3, 5, 4)],
            "Attention: a length is out of range; expected constant lengths, at most 8192 keys; received [3, B, 4] and [3, 5, 4]."
        ),
        ShapeMistake(
            Attention(heads: 2),
            [
                floats(.batch, 3, 4), floats(.batch, 5, 4), floats(.batch, 5, 4),
                floats(.batch, 3),
            ],
            "Attention: mask has the wrong shape; expected [B, 5]; received [B, 3]."
        ),
    ]

    @Test(arguments: mistakes)
    func mistakesAreRefusedWithASentence(mistake: ShapeMistake) {
        let error = #expect(throws: GraphError.self) {
            _ = try mistake.operation.outputTypes(mistake.inputs)
        }
        #expect(error?.message == mistake.message)
        #expect(error?.code == mistake.code)
    }

    @Test func probabilitiesNobodyReadsAreNotKept() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 3, 4]))
        builder.output("y", try builder.add(Attention(heads: 2), [x, x, x])[0])
        let graph = try PassPipeline.standard.run(on: builder.graph)
        #expect(graph.nodes.map(\.outputs.count) == [1])
    }

    @Test func probabilitiesTheGradientReadsAreKept() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 3, 4]))
        let y = try builder.add(Attention(heads: 2), [x, x, x])[0]
        let made = try builder.gradients(of: [(y, x)], withRespectTo: [x])
        guard case .dense(let gradient)? = made[0] else {
            Issue.record("no gradient")
            return
        }
        builder.output("gradient", gradient)
        let graph = try PassPipeline.standard.run(on: builder.graph)
        #expect(graph.nodes.contains { ($0.operation as? Attention)?.keepsProbabilities == true })
    }
}
