import MotetCore
import MotetGraph

/// One of each kind of activation.
let activationKinds: [ActivationKind] = [
    .relu, .leakyReLU(slope: 0.01), .leakyReLU(slope: -0.2), .sigmoid, .tanh, .softplus, .gelu,
    .swish,
]

extension OperationCase {
    private static let widths = [(1, 1), (3, 16), (16, 17), (17, 64), (64, 3), (1, 16), (17, 1)]

    static let matrixProducts: [OperationCase] =
        plainProducts + transposedProducts + weightProducts + biasedProducts + activatedProducts

    private static let plainProducts = widths.map { inner, units in
        OperationCase(
            "matmul [B, \(inner)] x [\(inner), \(units)]",
            [
                .features("x", [.batch, .fixed(inner)]),
                .weight("w", [.fixed(inner), .fixed(units)]),
            ],
            runs: rows,
            spare: inner == 16 ? 7 : 0
        ) { graph, values in [try graph.apply(MatMul(), values[0], values[1])] }
    }

    private static let transposedProducts = [(false, true), (true, false), (true, true)].flatMap {
        left,
        right in
        [(5, 7, 3), (1, 16, 17), (33, 3, 64)].map { size, inner, units in
            OperationCase(
                "matmul \(left ? "transposed" : "plain") x \(right ? "transposed" : "plain") \(size)x\(inner)x\(units)",
                [
                    .features("x", Shape(fixed: left ? [inner, size] : [size, inner])),
                    .weight("w", Shape(fixed: right ? [units, inner] : [inner, units])),
                ]
            ) { graph, values in
                let operation = MatMul(transposeLeft: left, transposeRight: right)
                return [try graph.apply(operation, values[0], values[1])]
            }
        }
    }

    /// Products over the rows of the batch, as in the gradient of a weight.
    private static let weightProducts = [
        OperationCase(
            "matmul [B, 16] transposed x [B, 17]",
            [.features("x", [.batch, 16]), .features("y", [.batch, 17])],
            runs: rows
        ) { graph, values in [try graph.apply(MatMul(transposeLeft: true), values[0], values[1])] }
    ]

    private static let biasedProducts = widths.map { inner, units in
        OperationCase(
            "matmul and bias [B, \(inner)] x [\(inner), \(units)]",
            [
                .features("x", [.batch, .fixed(inner)]),
                .weight("w", [.fixed(inner), .fixed(units)]), .weight("b", [.fixed(units)]),
            ],
            runs: rows
        ) { graph, values in
            let product = try graph.apply(MatMul(), values[0], values[1])
            return [try graph.apply(AddBias(), product, values[2])]
        }
    }

    private static let activatedProducts = activationKinds.flatMap { kind in
        [true, false].map { hasBias in
            OperationCase(
                "matmul\(hasBias ? ", bias" : "") and \(kind)",
                [
                    .features("x", [.batch, 3]), .weight("w", [3, 17]),
                    .weight("b", [17]),
                ],
                runs: rows,
                isSmooth: kind.isSmooth
            ) { graph, values in
                var product = try graph.apply(MatMul(), values[0], values[1])
                if hasBias { product = try graph.apply(AddBias(), product, values[2]) }
                return [try graph.apply(Activation(kind), product)]
            }
        }
    }
}

extension ActivationKind {
    /// Whether the function has no kink.
    var isSmooth: Bool {
        switch self {
        case .relu, .leakyReLU: false
        case .sigmoid, .tanh, .softplus, .gelu, .swish: true
        }
    }
}
