import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

/// Layers that pool, pad and drop through the harness for every layer.
@Suite("Layers that pool") struct PoolingLayerTests {
    private static let image: Shape = [.batch, 5, 6, 2]
    private static let sequence: Shape = [.batch, 7, 3]

    private func check(
        _ layer: any Layer,
        _ input: Shape,
        _ output: Shape,
        expected: LayerExpectations = LayerExpectations()
    ) throws {
        let results = try checkLayer(
            layer,
            input: [separate("x", input)],
            output: output,
            expected: expected,
            on: OneDNNBackend()
        )
        #expect(results.count > 5)
        for result in results { #expect(result.holds, "\(result)") }
    }

    /// Numbers no two of which are near each other.
    private func separate(_ name: String, _ shape: Shape) -> CaseInput {
        .features(name, shape) { key, sizes, _ in
            var generator = key.generator()
            let count = sizes.reduce(1, *)
            let numbers = (0..<count).map { Float($0 - count / 2) / 4 }
            return Tensor(numbers.shuffled(using: &generator), shape: sizes)
        }
    }

    @Test func maxPooling2D() throws {
        try check(MaxPooling2D(poolSize: 2), Self.image, [.batch, 2, 3, 2])
    }

    @Test func maxPooling2DThatKeepsTheSize() throws {
        try check(
            MaxPooling2D(poolSize: Size2D(3, 2), strides: 1, padding: .same),
            Self.image,
            Self.image
        )
    }

    @Test func averagePooling2D() throws {
        try check(
            AveragePooling2D(poolSize: 2, strides: Size2D(1, 2), padding: .all(1)),
            Self.image,
            [.batch, 6, 4, 2]
        )
        try check(AveragePooling2D(), Self.image, [.batch, 2, 3, 2])
    }

    @Test func poolingOfSequences() throws {
        try check(MaxPooling1D(), Self.sequence, [.batch, 3, 3])
        try check(MaxPooling1D(poolSize: 3, padding: .same), Self.sequence, [.batch, 3, 3])
        try check(AveragePooling1D(poolSize: 3, strides: 2), Self.sequence, [.batch, 3, 3])
    }

    @Test func globalPooling() throws {
        try check(GlobalAveragePooling2D(), Self.image, [.batch, 2])
        try check(GlobalMaxPooling2D(), Self.image, [.batch, 2])
        try check(GlobalAveragePooling1D(), Self.sequence, [.batch, 3])
        try check(GlobalMaxPooling1D(), Self.sequence, [.batch, 3])
    }

    @Test func zeroPadding() throws {
        try check(ZeroPadding2D(), Self.image, [.batch, 7, 8, 2])
        try check(ZeroPadding2D(Padding2D(top: 2, right: 1)), Self.image, [.batch, 7, 7, 2])
        try check(ZeroPadding1D(2), Self.sequence, [.batch, 11, 3])
        try check(ZeroPadding1D(before: 0, after: 1), Self.sequence, [.batch, 8, 3])
    }

    @Test func dropoutOfChannels() throws {
        let differs = LayerExpectations().with { $0.trainingDiffers = true }
        try check(SpatialDropout2D(0.5), Self.image, Self.image, expected: differs)
        try check(SpatialDropout1D(0.5), Self.sequence, Self.sequence, expected: differs)
        try check(SpatialDropout1D(0), Self.sequence, Self.sequence)
    }

    @Test func cornersOfBoxes() throws {
        try check(BoxCorners(), [.batch, 4], [.batch, 4])
    }

    @Test func aCentreAndASizeAreCorners() throws {
        let box = try Input("box", shape: [4])
        let model = try Model(
            inputs: [box],
            outputs: [(name: "corners", tensor: try BoxCorners()(box))]
        )
        let predictor = try Predictor(
            model,
            parameters: ParameterStore(),
            backend: ReferenceBackend()
        )
        let made = try predictor(["box": Tensor([3, 5, 2, 6] as [Float], shape: [1, 4])])
        #expect(made["corners"]?.floats == [2, 2, 4, 8])
    }

    /// Every dropped channel is zero at all pixels, and some are dropped.
    @Test func aDroppedChannelIsGoneEverywhere() throws {
        var context = ForwardContext(mode: .training, key: RandomKey(seed: 3))
        let input = try context.graph.input("x", TensorType([.batch, 4, 4, 8]))
        let made = try SpatialDropout2D(0.5).forward([input], in: &context)[0]
        context.graph.output("y", made)
        let dropped = OperationCase(
            "dropout of channels",
            [
                .data("x", [.batch, 4, 4, 8]) { _, sizes, _ in
                    Tensor([Float](repeating: 1, count: sizes.reduce(1, *)), shape: sizes)
                },
                .step(ProgramInput.step, 5),
            ],
            runs: [[.batch: 6]]
        ) { _, _ in [] }
        let runner = try CaseRunner(dropped, context.graph.graph, on: OneDNNBackend())
        for input in dropped.inputs { runner.set(input.name, dropped.tensor(input, run: 0)) }
        runner.run([.batch: 6])
        let y = try #require(runner.outputs.first?.tensor.floats)
        var (gone, kept) = (0, 0)
        for row in 0..<6 {
            for channel in 0..<8 {
                let values = Set((0..<16).map { y[(row * 16 + $0) * 8 + channel] })
                #expect(values == [0] || values == [2])
                if values == [0] { gone += 1 } else { kept += 1 }
            }
        }
        #expect(gone > 10 && kept > 10)
    }

    private static let mistakes: [(layer: any UnaryLayer, shape: [Int], message: String)] = [
        (
            MaxPooling2D(poolSize: 7), [5, 6, 2],
            "MaxPooling2D \"max_pooling2d\": MaxPooling2D: the window does not fit; expected at most 5 x 6, the image with its padding; received 7 x 7."
        ),
        (
            MaxPooling2D(poolSize: 0, padding: .same), [5, 6, 2],
            "MaxPooling2D \"max_pooling2d\": MaxPooling2D: a size is out of range; expected at least 1; received window 0 x 0, strides 0 x 0, dilations 1 x 1."
        ),
        (
            AveragePooling2D(poolSize: 2, padding: .all(2)), [5, 6, 2],
            "AveragePooling2D \"average_pooling2d\": AveragePooling2D: 'padding' is out of range; expected less than the window, 2 x 2; received 2, 2, 2, 2."
        ),
        (
            MaxPooling1D(), [6],
            "MaxPooling1D \"max_pooling1d\": the input has the wrong shape; expected sequences [B, T, C]; received [B, 6]."
        ),
        (
            GlobalMaxPooling2D(), [6, 2],
            "GlobalMaxPooling2D \"global_max_pooling2d\": the input has the wrong shape; expected images [B, H, W, C]; received [B, 6, 2]."
        ),
        (
            GlobalAveragePooling1D(), [6],
            "GlobalAveragePooling1D \"global_average_pooling1d\": the input has the wrong shape; expected sequences [B, T, C]; received [B, 6]."
        ),
        (
            SpatialDropout2D(0.5), [6, 2],
            "SpatialDropout2D \"spatial_dropout2d\": the input has the wrong shape; expected images [B, H, W, C]; received [B, 6, 2]."
        ),
        (
            SpatialDropout1D(1), [6, 2],
            "SpatialDropout1D \"spatial_dropout1d\": SpatialDropout: 'rate' is out of range; expected 0 up to but not 1; received 1.0."
        ),
        (
            BoxCorners(), [5],
            "BoxCorners \"box_corners\": the input has the wrong shape; expected boxes [B, 4]; received [B, 5]."
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
