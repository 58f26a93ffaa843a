import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetTestSupport
import Testing

/// Layers of images and sequences through the harness for every layer.
@Suite("Layers of images") struct VisionLayerTests {
    private static let image: Shape = [.batch, 5, 6, 2]

    private func check(
        _ layer: any Layer,
        _ input: Shape,
        _ output: Shape,
        _ parameters: KeyValuePairs<String, [Int]> = [:],
        expected: LayerExpectations = LayerExpectations()
    ) throws {
        let results = try checkLayer(
            layer,
            input: [.features("x", input)],
            output: output,
            parameters: parameters,
            expected: expected,
            on: OneDNNBackend()
        )
        #expect(results.count > 5)
        for result in results { #expect(result.holds, "\(result)") }
    }

    @Test func conv2D() throws {
        try check(
            Conv2D(3, kernelSize: 3, padding: .same, activation: .tanh),
            Self.image,
            [.batch, 5, 6, 3],
            ["weight": [3, 3, 2, 3], "bias": [3]]
        )
    }

    @Test func conv2DWithPairsOfSizes() throws {
        try check(
            Conv2D(
                4,
                kernelSize: Size2D(2, 3),
                strides: Size2D(2, 1),
                dilation: Size2D(1, 2),
                groups: 2,
                useBias: false
            ),
            Self.image,
            [.batch, 2, 2, 4],
            ["weight": [2, 3, 1, 4]]
        )
    }

    @Test func conv2DWithPaddingOfEachSide() throws {
        try check(
            Conv2D(3, kernelSize: 3, padding: .each(Padding2D(top: 2, right: 1))),
            Self.image,
            [.batch, 5, 5, 3],
            ["weight": [3, 3, 2, 3], "bias": [3]]
        )
    }

    /// `ceil(5 / 2)` rows and `ceil(6 / 2)` columns.
    @Test func samePaddingWithStrides() throws {
        try check(
            Conv2D(3, kernelSize: 3, strides: 2, padding: .same),
            Self.image,
            [.batch, 3, 3, 3],
            ["weight": [3, 3, 2, 3], "bias": [3]]
        )
    }

    @Test func conv1D() throws {
        try check(
            Conv1D(3, kernelSize: 3, strides: 2, padding: .same, activation: .sigmoid),
            [.batch, 7, 2],
            [.batch, 4, 3],
            ["weight": [3, 2, 3], "bias": [3]]
        )
    }

    @Test func flatten() throws {
        try check(Flatten(), Self.image, [.batch, 60])
    }

    @Test func batchNormalizationOfChannels() throws {
        try check(
            BatchNormalization(momentum: 0.9),
            Self.image,
            Self.image,
            ["scale": [2], "shift": [2], "mean": [2], "variance": [2]],
            expected: LayerExpectations().with { $0.trainingDiffers = true }
        )
    }

    /// First values spread as the elements of a window do, not the channels of one pixel.
    @Test func weightsStartAsTheWindowWants() throws {
        let input = try Input("image", shape: [5, 6, 2])
        let output = try Conv2D(64, kernelSize: 3, activation: .relu)(input)
        let model = try Model(inputs: [input], outputs: [(name: "y", tensor: output)])
        let store = ParameterStore(model.parameters, key: RandomKey(seed: 1))
        let weight = try #require(store["conv2d_1/weight"])
        let limit = (6.0 / 18).squareRoot()
        let greatest = weight.floats.map { Double(abs($0)) }.max() ?? 0
        #expect(greatest <= limit && greatest > 0.95 * limit)
    }

    private static let mistakes: [(layer: any UnaryLayer, shape: [Int], message: String)] = [
        (
            Conv2D(0, kernelSize: 3), [5, 6, 2],
            "Conv2D \"conv2d\": a size is out of range; expected at least 1; received filters 0, kernelSize 3 x 3."
        ),
        (
            Conv2D(4, kernelSize: 3), [5, 6],
            "Conv2D \"conv2d\": the input has the wrong shape; expected images [B, H, W, C]; received [B, 5, 6]."
        ),
        (
            Conv2D(4, kernelSize: 3, groups: 3), [5, 6, 2],
            "Conv2D \"conv2d\": 'groups' is out of range; expected a divisor of 2 channels and 4 filters; received 3."
        ),
        (
            Conv2D(4, kernelSize: 7), [5, 6, 2],
            "Conv2D \"conv2d\": Convolution2D: the window does not fit; expected at most 5 x 6, the image with its padding; received 7 x 7."
        ),
        (
            Conv2D(4, kernelSize: 3, strides: 0, padding: .same), [5, 6, 2],
            "Conv2D \"conv2d\": Convolution2D: a size is out of range; expected at least 1; received window 3 x 3, strides 0 x 0, dilations 1 x 1."
        ),
        (
            Conv1D(4, kernelSize: 3), [5, 6, 2],
            "Conv1D \"conv1d\": the input has the wrong shape; expected sequences [B, T, C]; received [B, 5, 6, 2]."
        ),
    ]

    @Test(arguments: mistakes.indices)
    func aMistakeIsASentence(index: Int) throws {
        let (layer, shape, message) = Self.mistakes[index]
        let input = try Input("x", shape: shape)
        let error = #expect(throws: GraphError.self) { try layer(input) }
        #expect(error?.message == message)
    }
}
