import MotetCore
import MotetGraph

extension OperationCase {
    static let stackedProducts: [OperationCase] =
        stacks + transposedStacks + biasedStacks + sharedBias

    private struct Stack {
        let sources: [Int]
        let targets: [Int]
        /// The slices of the input, or nil for one input that every slice reads.
        let slices: Int?
        let sumsSlices: Bool

        func inputShape(_ inner: Int) -> Shape {
            slices.map { [.fixed($0), .batch, .fixed(inner)] } ?? [.batch, .fixed(inner)]
        }
    }

    private static let kinds = [
        Stack(sources: [0, 0, 0], targets: [0, 1, 2], slices: nil, sumsSlices: false),
        Stack(sources: [0, 1, 2], targets: [0, 1, 2], slices: 3, sumsSlices: false),
        Stack(sources: [0, 0, 1, 2], targets: [0, 1, 2, 3], slices: 3, sumsSlices: false),
        Stack(sources: [0, 1, 2], targets: [0, 0, 1], slices: 3, sumsSlices: false),
        Stack(sources: [2, 0], targets: [1, 0], slices: 3, sumsSlices: false),
        Stack(sources: [0, 1], targets: [0, 1], slices: 4, sumsSlices: false),
        Stack(sources: [0, 1, 1], targets: [0, 0, 0], slices: 2, sumsSlices: true),
        Stack(sources: [0], targets: [0], slices: nil, sumsSlices: false),
    ]

    private static let stacks = kinds.flatMap { kind in
        [(3, 16), (16, 17), (1, 1)].map { inner, units in stack(kind, inner, units, false) }
    }

    private static let transposedStacks = kinds.map { stack($0, 16, 3, true) }

    private static func stack(
        _ kind: Stack,
        _ inner: Int,
        _ units: Int,
        _ transposed: Bool
    ) -> OperationCase {
        let count = kind.sources.count
        let tag = kind.slices.map { "[\($0), B, \(inner)]" } ?? "[B, \(inner)]"
        return OperationCase(
            "stacked matmul \(tag) \(kind.sources) to \(kind.targets), \(units) units\(transposed ? ", transposed" : "")\(kind.sumsSlices ? ", summed" : "")",
            [
                .features("x", kind.inputShape(inner)),
                .weight(
                    "w",
                    Shape(fixed: [count] + (transposed ? [units, inner] : [inner, units]))
                ),
            ],
            runs: rows
        ) { graph, values in
            let operation = StackedMatMul(
                sources: kind.sources,
                targets: kind.targets,
                transposeWeight: transposed,
                sumsSlices: kind.sumsSlices
            )
            return [try graph.apply(operation, values[0], values[1])]
        }
    }

    private static let biasedStacks = ([nil] + activationKinds.map(Optional.some)).flatMap { kind in
        [[0, 0, 0], [0, 1, 1]].map { sources in
            let slices = (sources.max() ?? 0) + 1
            return OperationCase(
                "stacked matmul \(sources), bias and \(kind.map { "\($0)" } ?? "nothing")",
                [
                    .features("x", slices == 1 ? [.batch, 16] : [.fixed(slices), .batch, 16]),
                    .weight("w", [3, 16, 17]), .weight("b", [3, 17]),
                ],
                runs: rows,
                isSmooth: kind?.isSmooth ?? true
            ) { graph, values in
                var made = try graph.apply(StackedMatMul(sources: sources), values[0], values[1])
                made = try graph.apply(AddBias(), made, values[2])
                if let kind { made = try graph.apply(Activation(kind), made) }
                return [made]
            }
        }
    }

    /// One bias for all slices: it may not be fused as if each slice had its own.
    private static let sharedBias = [
        OperationCase(
            "stacked matmul and one bias for all slices",
            [
                .features("x", [.batch, 3]), .weight("w", [2, 3, 5]), .weight("b", [5]),
            ],
            runs: rows
        ) { graph, values in
            let made = try graph.apply(StackedMatMul(sources: [0, 0]), values[0], values[1])
            return [try graph.apply(AddBias(), made, values[2])]
        }
    ]
}
