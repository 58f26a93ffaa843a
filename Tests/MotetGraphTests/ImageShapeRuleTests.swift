import MotetCore
import MotetGraph
import Testing

@Suite("Shape rules of images") struct ImageShapeRuleTests {
    private static func floats(_ sizes: Dimension...) -> TensorType { TensorType(Shape(sizes)) }

    private static let image = floats(.batch, 5, 6, 4)

    private static let convolutions = [
        ShapeMistake(
            Convolution2D(),
            [floats(.batch, 5, 6), floats(3, 3, 4, 8)],
            "Convolution2D: input has the wrong shape; expected images [B, H, W, C]; received [B, 5, 6]."
        ),
        ShapeMistake(
            Convolution2D(),
            [TensorType([.batch, 5, 6, 4], .int32), floats(3, 3, 4, 8)],
            "Convolution2D: input has the wrong type; expected float32; received int32 [B, 5, 6, 4].",
            .typeMismatch
        ),
        ShapeMistake(
            Convolution2D(),
            [image, floats(3, 4, 8)],
            "Convolution2D: weight has the wrong shape; expected [kernelHeight, kernelWidth, C / groups, U]; received [3, 4, 8]."
        ),
        ShapeMistake(
            Convolution2D(),
            [image, floats(3, 3, 2, 8)],
            "Convolution2D: channels disagree; expected 1 groups that divide those of input and result; received [B, 5, 6, 4] and weight [3, 3, 2, 8]."
        ),
        ShapeMistake(
            Convolution2D(groups: 2),
            [image, floats(3, 3, 2, 7)],
            "Convolution2D: channels disagree; expected 2 groups that divide those of input and result; received [B, 5, 6, 4] and weight [3, 3, 2, 7]."
        ),
        ShapeMistake(
            Convolution2D(padding: Padding2D(top: 1), dilations: Size2D(3, 1)),
            [image, floats(3, 3, 4, 8)],
            "Convolution2D: the window does not fit; expected at most 6 x 6, the image with its padding; received 7 x 3."
        ),
        ShapeMistake(
            Convolution2D(strides: Size2D(1, 0)),
            [image, floats(3, 3, 4, 8)],
            "Convolution2D: a size is out of range; expected at least 1; received window 3 x 3, strides 1 x 0, dilations 1 x 1.",
            .outOfRange
        ),
        ShapeMistake(
            Convolution2D(padding: Padding2D(left: -1)),
            [image, floats(3, 3, 4, 8)],
            "Convolution2D: 'padding' is out of range; expected at least 0; received 0, -1, 0, 0.",
            .outOfRange
        ),
        ShapeMistake(
            Convolution2D(),
            [image, floats(3, 3, 4, 8), floats(4)],
            "Convolution2D: bias has the wrong shape; expected [8]; received [4]."
        ),
        ShapeMistake(
            Convolution2DInputGradient(Convolution2D(), image: Size2D(5, 7)),
            [floats(.batch, 3, 4, 8), floats(3, 3, 4, 8)],
            "Convolution2DInputGradient: inputs disagree; expected equal shapes and types; received float32 [B, 3, 4, 8] and float32 [B, 3, 5, 8]."
        ),
        ShapeMistake(
            Convolution2DWeightGradient(Convolution2D(), kernel: Size2D(3, 2)),
            [image, floats(.batch, 3, 4, 8)],
            "Convolution2DWeightGradient: inputs disagree; expected equal shapes and types; received float32 [B, 3, 4, 8] and float32 [B, 3, 5, 8]."
        ),
    ]

    private static let window = PoolingWindow(Size2D(2, 2))

    private static let poolings = [
        ShapeMistake(
            MaxPooling2D(PoolingWindow(Size2D(6, 2))),
            [image],
            "MaxPooling2D: the window does not fit; expected at most 5 x 6, the image with its padding; received 6 x 2."
        ),
        ShapeMistake(
            AveragePooling2D(PoolingWindow(Size2D(2, 2), padding: Padding2D(bottom: 2))),
            [image],
            "AveragePooling2D: 'padding' is out of range; expected less than the window, 2 x 2; received 0, 0, 2, 0.",
            .outOfRange
        ),
        ShapeMistake(
            MaxPooling2D(PoolingWindow(Size2D(2, 2), strides: Size2D(0, 1))),
            [image],
            "MaxPooling2D: a size is out of range; expected at least 1; received window 2 x 2, strides 0 x 1, dilations 1 x 1.",
            .outOfRange
        ),
        ShapeMistake(
            MaxPooling2DGradient(window, image: Size2D(5, 6)),
            [floats(.batch, 2, 3, 4), floats(.batch, 2, 3, 4)],
            "MaxPooling2DGradient: places has the wrong type; expected int32; received float32 [B, 2, 3, 4].",
            .typeMismatch
        ),
        ShapeMistake(
            AveragePooling2DGradient(window, image: Size2D(5, 6)),
            [floats(.batch, 3, 3, 4)],
            "AveragePooling2DGradient: inputs disagree; expected equal shapes and types; received float32 [B, 3, 3, 4] and float32 [B, 2, 3, 4]."
        ),
        ShapeMistake(
            MaskedMean(),
            [floats(.batch, 5, 4), floats(.batch, 4)],
            "MaskedMean: inputs disagree; expected sequences [B, T, C] and a mask [B, T]; received [B, 5, 4] and [B, 4]."
        ),
        ShapeMistake(
            MaskedMax(),
            [floats(.batch, 4), floats(.batch)],
            "MaskedMax: inputs disagree; expected sequences [B, T, C] and a mask [B, T]; received [B, 4] and [B]."
        ),
    ]

    private static let framesAndBoxes = [
        ShapeMistake(
            Pad2D(Padding2D(bottom: -1)),
            [image],
            "Pad2D: 'padding' is out of range; expected at least 0; received 0, 0, -1, 0.",
            .outOfRange
        ),
        ShapeMistake(
            Crop2D(Padding2D(top: 2, bottom: 3)),
            [image],
            "Crop2D: the frame is too wide; expected something left of [B, 5, 6, 4]; received 2, 0, 3, 0."
        ),
        ShapeMistake(
            SpatialDropout(rate: 0.5, key: RandomKey(seed: 0)),
            [floats(.batch), TensorType(.scalar, .int32)],
            "SpatialDropout: input has the wrong shape; expected [B, ..., C]; received [B]."
        ),
        ShapeMistake(
            SpatialDropout(rate: -1, key: RandomKey(seed: 0)),
            [image, TensorType(.scalar, .int32)],
            "SpatialDropout: 'rate' is out of range; expected 0 up to but not 1; received -1.0.",
            .outOfRange
        ),
        ShapeMistake(
            BoxLoss(.iou),
            [floats(.batch, 5), floats(.batch, 5), floats(.batch)],
            "BoxLoss: inputs disagree; expected boxes [B, 4], labels [B, 4] and weights [B]; received [B, 5], [B, 5] and [B]."
        ),
        ShapeMistake(
            BoxLoss(.giou),
            [floats(.batch, 4), floats(.batch, 4), floats(.batch, 4)],
            "BoxLoss: inputs disagree; expected boxes [B, 4], labels [B, 4] and weights [B]; received [B, 4], [B, 4] and [B, 4]."
        ),
    ]

    @Test(arguments: convolutions + poolings + framesAndBoxes)
    func aMistakeIsASentence(mistake: ShapeMistake) {
        let error = #expect(throws: GraphError.self) {
            _ = try mistake.operation.outputTypes(mistake.inputs)
        }
        #expect(error?.message == mistake.message)
        #expect(error?.code == mistake.code)
    }

    private static let results: [(any Operation, [TensorType], [TensorType])] = [
        (Convolution2D(), [image, floats(3, 2, 4, 8)], [floats(.batch, 3, 5, 8)]),
        // (5 + 1 + 1 - 3) / 2 + 1 rows, (6 + 1 - 3) / 2 + 1 columns.
        (
            Convolution2D(
                strides: Size2D(2, 2),
                padding: Padding2D(top: 1, left: 1, bottom: 1),
                groups: 2
            ),
            [image, floats(3, 3, 2, 8)], [floats(.batch, 3, 3, 8)]
        ),
        (
            Convolution2D(padding: Padding2D(all: 2), dilations: Size2D(2, 2)),
            [image, floats(3, 3, 4, 1)], [floats(.batch, 5, 6, 1)]
        ),
    ]

    @Test(arguments: results.indices)
    func resultsHaveTheDocumentedShapes(index: Int) throws {
        let (operation, inputs, outputs) = Self.results[index]
        #expect(try operation.outputTypes(inputs) == outputs)
    }

    /// As many windows as `ceil(size / stride)`, and what is odd at the far side.
    @Test(arguments: [(5, 3, 1), (5, 3, 2), (6, 3, 2), (6, 2, 2), (7, 2, 2), (4, 1, 3), (9, 5, 4)])
    func samePaddingKeepsTheSize(size: Int, window: Int, stride: Int) throws {
        let padding = Padding2D.same(
            Size2D(size, 8),
            window: Size2D(window, 1),
            strides: Size2D(stride, 1)
        )
        let type = Self.floats(.batch, .fixed(size), 8, 1)
        let operation = Convolution2D(strides: Size2D(stride, 1), padding: padding)
        let made = try operation.outputTypes([type, Self.floats(.fixed(window), 1, 1, 1)])
        #expect(made[0].shape[1].fixedSize == (size + stride - 1) / stride)
        #expect((0...1).contains(padding.bottom - padding.top))
        #expect(padding.left == 0 && padding.right == 0)
    }
}
