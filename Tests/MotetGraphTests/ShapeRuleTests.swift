import MotetCore
import MotetGraph
import Testing

/// A mistake a user can make with an operation, and the sentence about it.
struct ShapeMistake: Sendable, CustomStringConvertible {
    let operation: any Operation
    let inputs: [TensorType]
    let code: ErrorCode
    let message: String

    init(
        _ operation: any Operation,
        _ inputs: [TensorType],
        _ message: String,
        _ code: ErrorCode = .shapeMismatch
    ) {
        self.operation = operation
        self.inputs = inputs
        self.code = code
        self.message = message
    }

    var description: String { message }
}

@Suite("Shape rules") struct ShapeRuleTests {
    private static func floats(_ sizes: Dimension...) -> TensorType { TensorType(Shape(sizes)) }
    private static func integers(_ sizes: Dimension...) -> TensorType {
        TensorType(Shape(sizes), .int32)
    }

    private static let products = [
        ShapeMistake(
            MatMul(),
            [floats(.batch, 3)],
            "MatMul: wrong number of inputs; expected 2 to 3; received 1."
        ),
        ShapeMistake(
            MatMul(),
            [integers(.batch, 3), floats(3, 4)],
            "MatMul: input has the wrong type; expected float32; received int32 [B, 3].",
            .typeMismatch
        ),
        ShapeMistake(
            MatMul(),
            [floats(2, .batch, 3), floats(3, 4)],
            "MatMul: operands have the wrong rank; expected two matrices; received [2, B, 3] and [3, 4]."
        ),
        ShapeMistake(
            MatMul(),
            [floats(.batch, 3), floats(5, 4)],
            "MatMul: inner sizes disagree; expected equal sizes; received [B, 3] and [5, 4]."
        ),
        ShapeMistake(
            MatMul(),
            [floats(.batch, 3), floats(3, 4), floats(3)],
            "MatMul: bias has the wrong shape; expected [4]; received [3]."
        ),
        ShapeMistake(
            AddBias(),
            [floats(.batch, 4), floats(3)],
            "AddBias: bias has the wrong shape; expected [4], or one for each slice; received [3] for [B, 4]."
        ),
        ShapeMistake(
            StackedMatMul(sources: [0, 1]),
            [floats(.batch, 3), floats(2, 3, 4)],
            "StackedMatMul: slices disagree; expected 2 weights over sources below 1; received [2, 3, 4] and sources [0, 1]."
        ),
        ShapeMistake(
            StackedMatMul(sources: [0, 0], targets: [0, 2]),
            [floats(.batch, 3), floats(2, 3, 4)],
            "StackedMatMul: targets leave a slice of the output unwritten; received [0, 2]."
        ),
        ShapeMistake(
            GroupedMatMul(),
            [floats(.batch, 3), floats(4, 3, 2), integers(4)],
            "GroupedMatMul: offsets have the wrong shape; expected [5]; received [4]."
        ),
        ShapeMistake(
            GroupedMatMul(),
            [floats(.batch, 3), floats(4, 3, 2), floats(5)],
            "GroupedMatMul: offsets has the wrong type; expected int32; received float32 [5].",
            .typeMismatch
        ),
        ShapeMistake(
            GroupedAddBias(),
            [floats(.batch, 3), floats(4, 2), integers(5)],
            "GroupedAddBias: bias has the wrong shape; expected [S, 3]; received [4, 2]."
        ),
        ShapeMistake(
            GroupedNormalization(epsilon: 1e-5),
            [floats(.batch, 3), floats(4, 3), floats(4, 2), integers(5)],
            "GroupedNormalization: parameters have the wrong shape; expected [S, 3] twice; received [4, 3] and [4, 2]."
        ),
        ShapeMistake(
            SumRows(stacked: true),
            [floats(.batch, 3)],
            "SumRows: input has the wrong rank; expected rows of units; received [B, 3]."
        ),
    ]

    private static let elements = [
        ShapeMistake(
            Arithmetic(.multiply),
            [floats(.batch, 3), floats(4)],
            "Arithmetic: inputs disagree on axis 1; expected equal sizes or 1; received [B, 3] and [4]."
        ),
        ShapeMistake(
            AddN(),
            [floats(.batch, 3), floats(.batch, 4)],
            "AddN: inputs disagree; expected equal shapes and types; received float32 [B, 3] and float32 [B, 4]."
        ),
        ShapeMistake(
            SumToShape([.batch, 4]),
            [floats(.batch, 3)],
            "SumToShape: cannot sum [B, 3] to [B, 4]."
        ),
        ShapeMistake(
            Activation(.relu),
            [integers(.batch)],
            "Activation: input has the wrong type; expected float32; received int32 [B].",
            .typeMismatch
        ),
        ShapeMistake(
            PReLU(),
            [floats(.batch, 3), floats(4)],
            "PReLU: slope has the wrong shape; expected [3]; received [4]."
        ),
        ShapeMistake(
            Dropout(rate: 1, key: RandomKey(seed: 0)),
            [floats(.batch, 3), integers()],
            "Dropout: 'rate' is out of range; expected 0 up to but not 1; received 1.0.",
            .outOfRange
        ),
        ShapeMistake(
            Softmax(),
            [floats(3, .batch)],
            "Softmax: input has the wrong shape; expected a last axis of constant size; received [3, B]."
        ),
        ShapeMistake(
            LayerNormalization(epsilon: 0.1),
            [floats(.batch, 3), floats(3), floats(4)],
            "LayerNormalization: parameters have the wrong shape; expected [3]; received [4]."
        ),
        ShapeMistake(
            BatchNormalization(epsilon: 0.1),
            [floats(.batch, 3), floats(2), floats(3)],
            "BatchNormalization: parameters have the wrong shape; expected [3]; received [2]."
        ),
        ShapeMistake(
            Mean(axis: 0),
            [floats(.batch, 3)],
            "Mean: 'axis' is out of range; expected an axis of constant size; received 0 for [B, 3].",
            .outOfRange
        ),
    ]

    private static let movements = [
        ShapeMistake(
            Concatenate(axis: 2),
            [floats(.batch, 10, 64), floats(.batch, 12, 64)],
            "Concatenate: inputs disagree; expected equal sizes on every axis but 2; received [B, 10, 64] and [B, 12, 64]."
        ),
        ShapeMistake(
            Concatenate(axis: 2),
            [floats(.batch, 3)],
            "Concatenate: 'axis' is out of range; expected 0 to 1; received 2.",
            .outOfRange
        ),
        ShapeMistake(
            Concatenate(axis: 0),
            [floats(.batch, 3), floats(.batch, 3)],
            "Concatenate: axis 0 has no constant size; received [B, 3]."
        ),
        ShapeMistake(
            Split(axis: 1, sizes: [2, 2]),
            [floats(.batch, 5)],
            "Split: sizes do not fill axis 1; expected them to add up to its size; received [2, 2] for [B, 5]."
        ),
        ShapeMistake(
            Reshape([.batch, 7]),
            [floats(.batch, 2, 3)],
            "Reshape: sizes do not multiply to the same number; received [B, 2, 3] for [B, 7]."
        ),
        ShapeMistake(
            Transpose([0, 0]),
            [floats(.batch, 3)],
            "Transpose: not a permutation of the axes of [B, 3]; received [0, 0]."
        ),
    ]

    private static let tables = [
        ShapeMistake(
            EmbeddingLookup(),
            [floats(.batch, 4), integers(.batch)],
            "EmbeddingLookup: table has the wrong shape; expected [V, D]; received [B, 4]."
        ),
        ShapeMistake(
            EmbeddingLookup(),
            [floats(9, 4), floats(.batch)],
            "EmbeddingLookup: ids has the wrong type; expected int32; received float32 [B].",
            .typeMismatch
        ),
        ShapeMistake(
            StoredRows(slices: 3),
            [floats(9, 4), integers(.batch)],
            "StoredRows: the table's width is no multiple of the slices; expected one of 3; received 4."
        ),
        ShapeMistake(
            StoredRows(),
            [floats(9, 4), integers(.batch, 2)],
            "StoredRows: ids have the wrong shape; expected [B]; received [B, 2]."
        ),
        ShapeMistake(
            StoredRows(slices: 2),
            [floats(9, 4), integers(.batch), floats(4)],
            "StoredRows: bias has the wrong shape; expected [2, 2]; received [4]."
        ),
        ShapeMistake(
            PooledEmbedding(.sum),
            [floats(9, 4), integers(.batch, 2), integers(.symbol(.batch, offset: 1))],
            "PooledEmbedding: ids have the wrong shape; expected values [N] and offsets [B + 1]; received [B, 2] and [B+1]."
        ),
        ShapeMistake(
            PadLists(length: 3),
            [floats(.batch, 2, 4), integers(.symbol(.batch, offset: 1))],
            "PadLists: inputs have the wrong shape; expected rows [N, D] and offsets [B + 1]; received [B, 2, 4] and [B+1]."
        ),
        ShapeMistake(
            PadLists(length: 0),
            [floats(.batch, 4), integers(.symbol(.batch, offset: 1))],
            "PadLists: 'length' or 'shift' is out of range; expected at least 1 and 0; received 0 and 0.",
            .outOfRange
        ),
        ShapeMistake(
            CombineRows(vocabularySize: 9),
            [integers(.batch)],
            "CombineRows: wrong number of inputs; expected pairs of ids and rows; received 1."
        ),
        ShapeMistake(
            CombineRows(vocabularySize: 9),
            [integers(.batch), floats(5, 4)],
            "CombineRows: inputs disagree; expected ids [N] and rows [N, D]; received [B] and [5, 4]."
        ),
        ShapeMistake(
            OptimizerUpdate(.rowWiseAdagrad(epsilon: 0)),
            [floats(4), floats(4), floats(4), floats(), integers(), floats()],
            "OptimizerUpdate: row-wise Adagrad is for tables; received float32 [4]."
        ),
        ShapeMistake(
            OptimizerUpdate(.sgd(momentum: 0, nesterov: false)),
            [floats(4), floats(4), floats(), floats(), floats()],
            "OptimizerUpdate: step has the wrong type; expected int32; received float32 [].",
            .typeMismatch
        ),
        ShapeMistake(
            ClippingFactor(limit: 1),
            [floats(4)],
            "ClippingFactor: sum of squares has the wrong shape; expected a single number []; received [4]."
        ),
    ]

    private static let heads = [
        ShapeMistake(
            Mixture(selections: [[0, 3]]),
            [floats(1, .batch, 2), floats(3, .batch, 4)],
            "Mixture: selections do not fit; expected 1 lists of 2 experts below 3; received [[0, 3]]."
        ),
        ShapeMistake(
            Mixture(selections: [[0]]),
            [floats(.batch, 1), floats(3, .batch, 4)],
            "Mixture: inputs disagree; expected gates [K, B, J] and experts [E, B, H]; received [B, 1] and [3, B, 4]."
        ),
        ShapeMistake(
            PointwiseLoss(.squaredError),
            [floats(.batch, 1), floats(.batch, 1), floats(.batch, 1)],
            "PointwiseLoss: expected one number a row; received float32 [B, 1]."
        ),
        ShapeMistake(
            PointwiseLoss(.squaredError),
            [floats(.batch), integers(.batch), floats(.batch)],
            "PointwiseLoss: inputs disagree; expected equal shapes and types; received float32 [B] and int32 [B]."
        ),
        ShapeMistake(
            CategoricalCrossEntropy(),
            [floats(.batch, 4), floats(.batch, 4), floats(.batch)],
            "CategoricalCrossEntropy: inputs disagree; expected logits [B, C], labels [B] and weights [B]; received [B, 4], [B, 4] and [B]."
        ),
        ShapeMistake(
            SampleWeights(isWeighted: true),
            [floats(.batch)],
            "SampleWeights: wrong number of inputs; expected 2 or more; received 1."
        ),
        ShapeMistake(
            SampleWeights(isWeighted: false, isMasked: true, isPerElement: true),
            [floats(.batch, 4), floats(.batch, 5)],
            "SampleWeights: inputs disagree; expected equal shapes and types; received float32 [B, 4] and float32 [B, 5]."
        ),
        ShapeMistake(
            CategoricalCrossEntropy(ClassTargets(smoothing: 1)),
            [floats(.batch, 4), floats(.batch), floats(.batch)],
            "CategoricalCrossEntropy: label smoothing is out of range; expected at least 0 and below 1; received 1.0."
        ),
        ShapeMistake(
            CategoricalCrossEntropy(ClassTargets(classWeights: [1, 2])),
            [floats(.batch, 4), floats(.batch), floats(.batch)],
            "CategoricalCrossEntropy: class weights do not fit the output; expected one for each class of [B, 4]; received 2."
        ),
        ShapeMistake(
            CategoricalCrossEntropy(ClassTargets(classWeights: [1, -2])),
            [floats(.batch, 2), floats(.batch), floats(.batch)],
            "CategoricalCrossEntropy: a class weight is out of range; expected finite numbers of at least 0; received [1.0, -2.0]."
        ),
        ShapeMistake(
            PaddingMask(),
            [floats(.batch, 4)],
            "PaddingMask: ids has the wrong type; expected int32; received float32 [B, 4].",
            .typeMismatch
        ),
    ]

    @Test(arguments: products + elements + movements + tables + heads)
    func aMistakeIsASentence(mistake: ShapeMistake) {
        let error = #expect(throws: GraphError.self) {
            _ = try mistake.operation.outputTypes(mistake.inputs)
        }
        #expect(error?.message == mistake.message)
        #expect(error?.code == mistake.code)
    }

    private static let joined = SizeSymbol.sum(.batch, .symbol(SizeSymbol("N")))

    private static let results: [(any Operation, [TensorType], [TensorType])] = [
        (MatMul(), [floats(.batch, 3), floats(3, 4)], [floats(.batch, 4)]),
        (
            MatMul(transposeLeft: true, transposeRight: true), [floats(3, 5), floats(4, 3)],
            [floats(5, 4)]
        ),
        (
            StackedMatMul(sources: [0, 0]), [floats(.batch, 3), floats(2, 3, 4)],
            [floats(2, .batch, 4)]
        ),
        (
            StackedMatMul(sources: [0, 1], targets: [0, 0], sumsSlices: true),
            [floats(2, .batch, 3), floats(2, 3, 4)], [floats(.batch, 4)]
        ),
        (Arithmetic(.add), [floats(.batch, 1), floats(5)], [floats(.batch, 5)]),
        (Concatenate(axis: 1), [floats(.batch, 2), floats(.batch, 3)], [floats(.batch, 5)]),
        (EmbeddingLookup(), [floats(9, 4), integers(.batch, 2)], [floats(.batch, 2, 4)]),
        (
            PooledEmbedding(.mean),
            [
                floats(9, 4), integers(.symbol(SizeSymbol("N"))),
                integers(.symbol(.batch, offset: 1)),
            ],
            [floats(.batch, 4)]
        ),
        (
            PadLists(length: 5),
            [floats(.symbol(SizeSymbol("N")), 4), integers(.symbol(.batch, offset: 1))],
            [floats(.batch, 5, 4), floats(.batch, 5)]
        ),
        (
            CombineRows(vocabularySize: 9),
            [
                integers(.batch), floats(.batch, 4), integers(.symbol(SizeSymbol("N"))),
                floats(.symbol(SizeSymbol("N")), 4),
            ],
            [
                integers(.symbol(joined)), floats(.symbol(joined), 4),
                integers(),
            ]
        ),
        (
            CombineRows(vocabularySize: 9),
            [integers(.batch), floats(.batch, 4), integers(.batch), floats(.batch, 4)],
            [
                integers(.symbol(.batch, scale: 2)), floats(.symbol(.batch, scale: 2), 4),
                integers(),
            ]
        ),
    ]

    @Test(arguments: results.indices)
    func resultsHaveTheDocumentedShapes(index: Int) throws {
        let (operation, inputs, outputs) = Self.results[index]
        #expect(try operation.outputTypes(inputs) == outputs)
    }
}
