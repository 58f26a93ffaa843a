import MotetCore
import MotetGraph
import Testing

@Suite("Shape rule of the softmax over a batch") struct InBatchSoftmaxShapeRuleTests {
    private static func floats(_ sizes: Dimension...) -> TensorType { TensorType(Shape(sizes)) }
    private static let ids = TensorType([.batch], .int32)

    private static let mistakes = [
        ShapeMistake(
            InBatchSoftmax(scale: 1),
            [floats(.batch, 4), floats(.batch, 4)],
            "InBatchSoftmax: wrong number of inputs; expected 5; received 2."
        ),
        ShapeMistake(
            InBatchSoftmax(scale: 0),
            [floats(.batch, 4), floats(.batch, 4), ids, floats(.batch), floats(.batch)],
            "InBatchSoftmax: 'scale' is out of range; expected a finite number above 0; received 0.0.",
            .outOfRange
        ),
        ShapeMistake(
            InBatchSoftmax(scale: 1),
            [floats(.batch, 4), floats(.batch, 4), floats(.batch), floats(.batch), floats(.batch)],
            "InBatchSoftmax: ids has the wrong type; expected int32; received float32 [B].",
            .typeMismatch
        ),
        ShapeMistake(
            InBatchSoftmax(scale: 1),
            [floats(.batch, 4), floats(.batch, 5), ids, floats(.batch), floats(.batch)],
            "InBatchSoftmax: inputs disagree; expected users [B, D] and as many items; received float32 [B, 4] and float32 [B, 5]."
        ),
        ShapeMistake(
            InBatchSoftmax(scale: 1),
            [floats(.batch, 4), floats(.batch, 4), ids, floats(.batch, 1), floats(.batch)],
            "InBatchSoftmax: inputs disagree; expected ids, log probabilities and weights [B]; received [B], [B, 1] and [B]."
        ),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsASentence(mistake: ShapeMistake) {
        let error = #expect(throws: GraphError.self) {
            try mistake.operation.outputTypes(mistake.inputs)
        }
        #expect(error?.message == mistake.message)
        #expect(error?.code == mistake.code)
    }

    /// Neither the sum of weights nor the normalisers lead a gradient back.
    @Test(arguments: [1, 2]) func byProductsHaveNoGradient(output: Int) throws {
        var graph = GraphBuilder()
        let users = try graph.input("users", Self.floats(3, 4))
        let items = try graph.input("items", Self.floats(3, 4))
        let numbers = try graph.input("numbers", Self.floats(3))
        let ids = graph.constant(Tensor([0, 1, 2] as [Int32]))
        let made = try graph.add(
            InBatchSoftmax(scale: 1),
            [users, items, ids, numbers, numbers]
        )
        let arriving = try graph.input("arriving", graph.type(of: made[output]))
        let error = #expect(throws: GraphError.self) {
            try graph.gradients(of: [(made[output], arriving)], withRespectTo: [users])
        }
        #expect(
            error?.message.contains(
                "no gradient rule for the sum of weights and the normalisers; expected a loss over the first output only."
            ) == true
        )
    }
}
