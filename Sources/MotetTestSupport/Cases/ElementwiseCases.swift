import MotetCore
import MotetGraph

extension OperationCase {
    static let activations: [OperationCase] =
        activationKinds.flatMap { kind in
            [1, 3, 17, 64].map { width in
                OperationCase(
                    "\(kind), width \(width)",
                    [.features("x", [.batch, .fixed(width)], awayFromZero)],
                    runs: rows
                ) { graph, values in [try graph.apply(Activation(kind), values[0])] }
            }
        } + tails + learntSlopes

    /// Numbers far out, where careless formulas overflow or cancel.
    private static let tails = activationKinds.map { kind in
        OperationCase(
            "\(kind) far from 0",
            [
                .features("x", [13]) { _, _, _ in
                    Tensor([-80, -30, -12, -4, -1, -0.2, -0.1, 0.1, 1, 4, 12, 30, 80] as [Float])
                }
            ]
        ) { graph, values in [try graph.apply(Activation(kind), values[0])] }
    }

    private static let learntSlopes = [1, 3, 17].map { width in
        OperationCase(
            "PReLU, width \(width)",
            [
                .features("x", [.batch, .fixed(width)], awayFromZero),
                .weight("slope", [.fixed(width)]),
            ],
            runs: rows
        ) { graph, values in [try graph.apply(PReLU(), values[0], values[1])] }
    }

    static let awayFromZero: CaseInput.Fill = { key, sizes, _ in
        TinyData.awayFromZero(sizes, key)
    }

    static let arithmetic: [OperationCase] =
        broadcasts + otherSums + averages

    private static let broadcasts =
        [ArithmeticKind.add, .subtract, .multiply, .divide].flatMap {
            kind -> [OperationCase] in
            let shapes: [(Shape, Shape)] = [
                ([.batch, 3], [.batch, 3]), ([.batch, 17], [17]), ([.batch, 17], [1, 17]),
                ([.batch, 17], [.batch, 1]), ([.batch, 1], [17]), ([.batch, 4], []),
                ([], [.batch, 4]),
                ([3, .batch, 5], [3, 1, 5]), ([3, .batch, 5], [.batch, 5]), ([.batch], [.batch]),
                ([2, 1, 4], [3, 1]),
            ]
            return shapes.map { left, right in
                OperationCase(
                    "\(kind.rawValue) \(left) and \(right)",
                    [
                        .features("a", left),
                        .features("b", right, kind == .divide ? awayFromZero : normal),
                    ],
                    runs: left == [2, 1, 4] ? [[:]] : rows,
                    // Quotients by small numbers bend too much for differences.
                    isSmooth: kind != .divide
                ) { graph, values in [try graph.apply(Arithmetic(kind), values[0], values[1])] }
            }
        } + [
            OperationCase(
                "divide by numbers near 2",
                [
                    .features("a", [.batch, 3]),
                    .features("b", [.batch, 3]) { key, sizes, _ in
                        TinyData.uniform(sizes, key, in: 1.5...2.5)
                    },
                ],
                runs: rows
            ) { graph, values in [try graph.apply(Arithmetic(.divide), values[0], values[1])] }
        ]

    private static let normal: CaseInput.Fill = { key, sizes, _ in TinyData.normal(sizes, key) }

    private static let otherSums: [OperationCase] =
        [
            OperationCase("scale", [.features("x", [.batch, 17])], runs: rows) { graph, values in
                [try graph.apply(Scale(-0.75), values[0])]
            },
            OperationCase(
                "exponential",
                [.features("x", [.batch, 17])],
                runs: rows,
                tolerance: Tolerance(relative: 1e-4, absolute: 1e-6)
            ) { graph, values in [try graph.apply(Exponential(), values[0])] },
            OperationCase(
                "logarithm",
                [.features("x", [.batch, 17])],
                runs: rows,
                tolerance: Tolerance(relative: 1e-4, absolute: 1e-6)
            ) { graph, values in
                // Of numbers of at least 1, where rounding of the argument is small in the result.
                let square = try graph.apply(Arithmetic(.multiply), values[0], values[0])
                let one = graph.constant(Tensor([Float(1)], shape: []))
                let sum = try graph.apply(Arithmetic(.add), square, one)
                return [try graph.apply(Logarithm(), sum)]
            },
            OperationCase(
                "clip",
                [.features("x", [.batch, 17])],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in
                [try graph.apply(Clip(minimum: -0.5, maximum: 0.25), values[0])]
            },
            OperationCase(
                "sum of one value used three times, and another",
                [.features("x", [.batch, 5]), .features("y", [.batch, 5])],
                runs: rows
            ) { graph, values in
                [try graph.add(AddN(), [values[0], values[1], values[0], values[0]])[0]]
            },
            OperationCase("bias of rank 3", stackedBias, runs: rows) { graph, values in
                [try graph.apply(AddBias(), values[0], values[1])]
            },
        ]
        + [
            OperationCase(
                "broadcast to a shape that is not the second input's",
                [.features("x", [3, 1, 5]), .features("like", [.batch, 7])],
                runs: rows
            ) { graph, values in
                [try graph.apply(BroadcastLike([3, .batch, 5]), values[0], values[1])]
            }
        ]
        + sums([.batch, 17], [1, 17]) + sums([.batch, 17], [.batch, 1]) + sums([3, .batch, 5], [5])
        + sums([.batch, 4], [])

    private static let stackedBias = [
        CaseInput.features("x", [3, .batch, 16]), .weight("b", [3, 16]),
    ]

    /// A sum over broadcast axes, and the broadcast that undoes it.
    private static func sums(_ shape: Shape, _ target: Shape) -> [OperationCase] {
        [
            OperationCase("sum \(shape) to \(target)", [.features("x", shape)], runs: rows) {
                graph,
                values in [try graph.apply(SumToShape(target), values[0])]
            },
            OperationCase(
                "broadcast \(target) to \(shape)",
                [.features("x", target), .features("like", shape)],
                runs: rows
            ) { graph, values in [try graph.apply(BroadcastLike(shape), values[0], values[1])] },
        ]
    }

    private static let averages = [
        (0, [3, .batch, 5] as Shape), (1, [.batch, 7, 4]), (1, [.batch, 17]), (2, [.batch, 2, 3]),
    ].map {
        axis,
        shape in
        OperationCase("mean of \(shape) over axis \(axis)", [.features("x", shape)], runs: rows) {
            graph,
            values in [try graph.apply(Mean(axis: axis), values[0])]
        }
    }
}
