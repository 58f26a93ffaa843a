import MotetCore
import MotetGraph

extension OperationCase {
    /// Batches that follow one another on one executable, each of its own size.
    private static let batches: [[SizeSymbol: Int]] = [[.batch: 4], [.batch: 1], [.batch: 3]]

    private static let windows: [(PoolingWindow, Shape)] = [
        (PoolingWindow(Size2D(2, 2)), [.batch, 4, 6, 3]),
        // Rows and columns left over.
        (PoolingWindow(Size2D(2, 3)), [.batch, 5, 7, 17]),
        (PoolingWindow(Size2D(1, 1)), [.batch, 3, 2, 1]),
        // Windows that overlap, and windows with gaps between them.
        (PoolingWindow(Size2D(3, 3), strides: Size2D(2, 1)), [.batch, 6, 5, 2]),
        (PoolingWindow(Size2D(1, 2), strides: Size2D(2, 3)), [.batch, 5, 8, 2]),
        (
            PoolingWindow(
                Size2D(3, 2),
                strides: Size2D(2, 2),
                padding: Padding2D(top: 1, left: 1, bottom: 2, right: 0)
            ), [.batch, 5, 5, 2]
        ),
        (PoolingWindow(Size2D(4, 5)), [.batch, 4, 5, 66]),
    ]

    static let poolings: [OperationCase] =
        windows.flatMap { window, shape in
            let text =
                "\(window.size) of \(shape), strides \(window.strides), padding \(window.padding)"
            return [
                OperationCase(
                    "max pooling \(text)",
                    [separate("x", shape)],
                    runs: batches,
                    spare: 1
                ) { graph, values in try graph.add(MaxPooling2D(window), values) },
                OperationCase(
                    "average pooling \(text)",
                    [.features("x", shape)],
                    runs: batches,
                    spare: 1
                ) { graph, values in try graph.add(AveragePooling2D(window), values) },
            ]
        } + equalElements + activatedPoolings + maskedPoolings + frames

    /// Numbers so far apart that small differences change no order: all multiples of a step once each.
    private static func separate(
        _ name: String,
        _ shape: Shape,
        step: Float = 1 / 2
    ) -> CaseInput {
        .features(name, shape) { key, sizes, _ in
            var generator = key.generator()
            let count = sizes.reduce(1, *)
            let numbers = (0..<count).map { Float($0 - count / 2) * step }
            return Tensor(numbers.shuffled(using: &generator), shape: sizes)
        }
    }

    /// Of equal elements the first is chosen, and a NaN before all numbers.
    private static let equalElements = [
        OperationCase(
            "max pooling of equal numbers",
            [
                .features("x", [.batch, 5, 5, 2]) { key, sizes, _ in
                    Tensor(TinyData.integers(sizes, key, in: 0..<2).floats, shape: sizes)
                }
            ],
            runs: batches,
            isSmooth: false
        ) { graph, values in
            let window = PoolingWindow(Size2D(3, 3), strides: Size2D(1, 2))
            return try graph.add(MaxPooling2D(window), values)
        }
    ]

    /// An activation, then pooling: what the passes turn round, and what they must leave.
    private static let activatedPoolings = [
        ActivationKind.relu, .leakyReLU(slope: -0.2), .sigmoid, .gelu,
    ].flatMap { kind in
        [Size2D(2, 2), Size2D(1, 1)].map { strides in
            OperationCase(
                "\(kind) and max pooling, strides \(strides)",
                [separate("x", [.batch, 4, 4, 3], step: 1 / 32)],
                runs: batches,
                // Differences would change which element is the greatest.
                isSmooth: false
            ) { graph, values in
                let window = PoolingWindow(Size2D(2, 2), strides: strides)
                let active = try graph.apply(Activation(kind), values[0])
                return [try graph.add(MaxPooling2D(window), [active])[0]]
            }
        }
    }

    /// The first two rows of a mask keep nothing and all; others keep some steps.
    private static let mask: CaseInput = .data("mask", [.batch, 5]) { key, sizes, _ in
        let drawn = TinyData.integers(sizes, key, in: 0..<2).floats
        return Tensor(
            drawn.indices.map { $0 < 5 ? 0 : $0 < 10 ? 1 : drawn[$0] },
            shape: sizes
        )
    }

    private static let maskedPoolings = [1, 3, 17].flatMap { width in
        [
            OperationCase(
                "masked mean, width \(width)",
                [.features("x", [.batch, 5, .fixed(width)]), mask],
                runs: [[.batch: 6], [.batch: 1], [.batch: 3]]
            ) { graph, values in try graph.add(MaskedMean(), values) },
            OperationCase(
                "masked max, width \(width)",
                [separate("x", [.batch, 5, .fixed(width)]), mask],
                runs: [[.batch: 6], [.batch: 1], [.batch: 3]]
            ) { graph, values in try graph.add(MaskedMax(), values) },
        ]
    }

    private static let frames: [OperationCase] =
        [
            Padding2D(), Padding2D(all: 1), Padding2D(top: 2, left: 0, bottom: 0, right: 3),
        ].flatMap { frame in
            [
                OperationCase(
                    "padding by \(frame)",
                    [.features("x", [.batch, 3, 2, 3])],
                    runs: batches
                ) { graph, values in try graph.add(Pad2D(frame), values) },
                OperationCase(
                    "cropping by \(frame)",
                    [.features("x", [.batch, 5, 6, 2])],
                    runs: batches
                ) { graph, values in try graph.add(Crop2D(frame), values) },
            ]
        }
        + [[.batch, 3], [.batch, 4, 17], [.batch, 2, 3, 66]].map { (shape: Shape) in
            OperationCase(
                "dropout of channels of \(shape)",
                [.features("x", shape), .step("step", 3)],
                runs: batches
            ) { graph, values in
                try graph.add(SpatialDropout(rate: 0.4, key: RandomKey(seed: 5)), values)
            }
        }
}
