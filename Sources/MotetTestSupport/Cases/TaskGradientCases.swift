import MotetCore
import MotetGraph

extension OperationCase {
    /// Products and sums of the gradients of tasks.
    static let taskGradients: [OperationCase] =
        innerProducts + countedProducts + mixtureProducts + weightedSums + [lastingZero]
        + signDropouts

    private static let innerProducts: [OperationCase] =
        [(1, 1), (2, 17), (3, 700), (4, 64)].map { count, width in
            OperationCase(
                "inner products of \(count) values, width \(width)",
                (0..<count).map { .features("x\($0)", [.batch, .fixed(width)]) },
                runs: rows,
                differentiatedOutputs: [],
                // Sums of up to 23,100 terms that may cancel.
                tolerance: Tolerance(relative: 1e-4, absolute: 1e-3)
            ) { graph, values in try graph.add(InnerProducts(), values) }
        }
        + [[true, false, true], [false, false, true], [true, true, true]].map { included in
            OperationCase(
                "inner products of slices \(included.description)",
                (0..<3).map { .features("x\($0)", [3, .batch, 65]) },
                runs: rows,
                differentiatedOutputs: [],
                tolerance: Tolerance(relative: 1e-4, absolute: 1e-3)
            ) { graph, values in try graph.add(InnerProducts(included: included), values) }
        }

    /// Products of sums of rows, of which there are fewer than rows that came.
    private static let countedProducts: [OperationCase] = [2, 5].map { vocabulary in
        OperationCase(
            "inner products of counted rows of a table of \(vocabulary)",
            [
                .ids("ids", [.batch], table: vocabulary),
                .features("x", [.batch, 7]), .features("y", [.batch, 7]),
            ],
            runs: rows,
            differentiatedOutputs: [],
            tolerance: Tolerance(relative: 1e-4, absolute: 1e-3)
        ) { graph, values in
            let combine = CombineRows(vocabularySize: vocabulary)
            let own = try graph.add(combine, [values[0], values[1]])
            let other = try graph.add(combine, [values[0], values[2]])
            return try graph.add(InnerProducts(isCounted: true), [own[1], other[1], own[2]])
        }
    }

    private static let mixtureProducts: [OperationCase] = [
        products([[0, 1, 2], [0, 1, 2]], [true, true, true], width: 16),
        products([[0]], [true], width: 1),
        products([[0, 1], [1, 0], [1, 1]], [true, true, false], width: 150),
        products([[0, 1, 4], [2, 3, 4]], [false, false, false, false, true], width: 17),
        products([[0, 1], [2, 3]], [true, true, true, true], width: 3),
    ]

    private static func products(
        _ selections: [[Int]],
        _ included: [Bool],
        width: Int
    ) -> OperationCase {
        OperationCase(
            "products of a mixture by \(selections) among \(included), width \(width)",
            [
                .features("upstream", [.fixed(selections.count), .batch, .fixed(width)]),
                .features(
                    "gates",
                    [.fixed(selections.count), .batch, .fixed(selections[0].count)]
                ),
            ],
            runs: rows,
            differentiatedOutputs: [],
            tolerance: Tolerance(relative: 1e-4, absolute: 1e-3)
        ) { graph, values in
            try graph.add(
                MixtureProducts(selections: selections, included: included),
                values
            )
        }
    }

    private static let weightedSums: [OperationCase] =
        [[[0]], [[-1], [2]], [[1], [0], [2], [1]], [[0, 1, -1], [2, -1, 1]]].map { places in
            OperationCase(
                "weighted sum with factors \(places)",
                places.indices.map { .features("x\($0)", [3, .batch, 17]) }
                    + [.weight("factors", [3])],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in try graph.add(WeightedSum(places: places), values) }
        }

    private static let signDropouts: [OperationCase] =
        [
            ([[0]], 0), ([[-1], [2]], 0), ([[1], [0], [2], [1]], 0.25),
            ([[0, 1, -1], [2, -1, 1]], 1),
        ].map { (places: [[Int]], leak: Float) in
            OperationCase(
                "sign dropout with factors \(places), leak \(leak)",
                places.indices.map { .features("x\($0)", [3, .batch, 17]) }
                    + [.weight("factors", [3]), .step("step", 3)],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in
                let key = RandomKey(seed: 5).split("signs")
                return try graph.add(SignDropout(places: places, leak: leak, key: key), values)
            }
        }

    /// A factor of 0 takes nothing, not even what is not a number.
    private static let lastingZero = OperationCase(
        "weighted sum without what is not finite",
        [.features("x", [.batch, 17]), .features("y", [.batch, 17])],
        runs: rows,
        differentiatedOutputs: []
    ) { graph, values in
        let zero = graph.constant(Tensor([Float(0), 0.5], shape: [2]))
        let none = try graph.apply(Scale(0), values[0])
        let undefined = try graph.apply(Arithmetic(.divide), none, none)
        return try graph.add(
            WeightedSum(places: [[0], [1]]),
            [undefined, values[1], zero]
        )
    }
}
