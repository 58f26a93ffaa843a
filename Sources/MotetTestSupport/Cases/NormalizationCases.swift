import MotetCore
import MotetGraph

extension OperationCase {
    static let normalizations: [OperationCase] =
        softmaxes + layerNormalizations + batchNormalizations + runningStatistics

    private static let softmaxes =
        [1, 3, 16, 17, 64].map { width in
            OperationCase(
                "softmax, width \(width)",
                [.features("x", [.batch, .fixed(width)])],
                runs: rows
            ) {
                graph,
                values in [try graph.apply(Softmax(), values[0])]
            }
        } + [
            OperationCase("softmax of rank 3", [.features("x", [2, .batch, 5])], runs: rows) {
                graph,
                values in [try graph.apply(Softmax(), values[0])]
            },
            OperationCase(
                "softmax of large numbers",
                [
                    .features("x", [.batch, 5]) { key, sizes, _ in
                        Tensor(
                            TinyData.normal(sizes, key).floats.map { $0 * 3 + 200 },
                            shape: sizes
                        )
                    }
                ],
                runs: rows,
                // Inputs near 200 are known to 1.5e-5 only.
                tolerance: Tolerance(relative: 1e-4, absolute: 1e-5)
            ) { graph, values in [try graph.apply(Softmax(), values[0])] },
        ]

    private static let layerNormalizations = [
        [.batch, 3] as Shape, [.batch, 16], [.batch, 17], [.batch, 64], [2, .batch, 5],
    ].map { shape in
        OperationCase(
            "layer normalization of \(shape)",
            [
                .features("x", shape), .weight("gamma", [shape.last]),
                .weight("beta", [shape.last]),
            ],
            runs: rows,
            // Rows of 3 may lie close together; their inverse deviation bends too much.
            isSmooth: shape.last != 3,
            tolerance: Tolerance(relative: 1e-4, absolute: 5e-5)
        ) { graph, values in
            [try graph.add(LayerNormalization(epsilon: 0.01), values)[0]]
        }
    }

    private static let batchNormalizations = [1, 3, 17, 64].flatMap { width in
        [
            OperationCase(
                "batch normalization, width \(width)",
                [
                    .features("x", [.batch, .fixed(width)]),
                    .weight("gamma", [.fixed(width)]), .weight("beta", [.fixed(width)]),
                ],
                runs: [[.batch: 33], [.batch: 5], [.batch: 8]],
                isSmooth: true,
                tolerance: Tolerance(relative: 1e-4, absolute: 5e-5)
            ) { graph, values in try graph.add(BatchNormalization(epsilon: 0.01), values) },
            OperationCase(
                "batch normalization by kept statistics, width \(width)",
                [
                    .features("x", [.batch, .fixed(width)]),
                    .weight("gamma", [.fixed(width)]), .weight("beta", [.fixed(width)]),
                    .statistics("mean", [.fixed(width)]), .statistics("variance", [.fixed(width)]),
                ],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in
                [try graph.add(BatchNormalizationInference(epsilon: 0.001), values)[0]]
            },
        ]
    }

    /// Statistics of the batch flow into states in the stage of the gradients.
    private static let runningStatistics = [
        OperationCase(
            "batch normalization with running statistics",
            [
                .features("x", [.batch, 5]), .weight("gamma", [5]), .weight("beta", [5]),
                .statistics("mean", [5]), .statistics("variance", [5]),
            ],
            runs: [[.batch: 33], [.batch: 5]],
            updates: [("mean", 1), ("variance", 2)]
        ) { graph, values in
            let made = try graph.add(
                BatchNormalization(epsilon: 0.01),
                Array(values[...2])
            )
            let average = ExponentialAverage(momentum: 0.9)
            return [
                made[0], try graph.apply(average, values[3], made[1]),
                try graph.apply(average, values[4], made[2]),
            ]
        }
    ]

    static let mixtures: [OperationCase] = [
        mixture([[0, 1, 2], [0, 1, 2]], experts: 3, width: 16),
        mixture([[0]], experts: 1, width: 1),
        mixture([[0, 1], [1, 0], [1, 1]], experts: 3, width: 150),
        mixture([[0, 1, 4], [2, 3, 4]], experts: 5, width: 17),
        mixture([[1, 1], [2, 0]], experts: 4, width: 3),
        mixture([[0, 1, 2, 3, 4, 5, 6, 7]], experts: 8, width: 64),
    ]

    private static func mixture(_ selections: [[Int]], experts: Int, width: Int) -> OperationCase {
        OperationCase(
            "mixture of \(experts) experts by \(selections), width \(width)",
            [
                .features(
                    "gates",
                    [.fixed(selections.count), .batch, .fixed(selections[0].count)]
                ),
                .features("experts", [.fixed(experts), .batch, .fixed(width)]),
            ],
            runs: rows
        ) { graph, values in
            [try graph.apply(Mixture(selections: selections), values[0], values[1])]
        }
    }
}
