import MotetCore
import MotetGraph

extension OperationCase {
    static let movements: [OperationCase] =
        concatenations + splits + reshapes + transposes + constants + slices

    /// The gradient of a slice is a piece of the columns of another matrix.
    private static let slices = [
        OperationCase(
            "slices of a stack, each joined with other columns",
            [
                .features("x", [2, .batch, 5]), .features("y", [.batch, 3]), .weight("w", [8, 4]),
            ],
            runs: rows
        ) { graph, values in
            var sums: [Value] = []
            for slice in try graph.add(Split(axis: 0, sizes: [1, 1]), [values[0]]) {
                let matrix = try graph.apply(Reshape([.batch, 5]), slice)
                let joined = try graph.apply(Concatenate(axis: 1), matrix, values[1])
                sums.append(try graph.apply(MatMul(), joined, values[2]))
            }
            return [try graph.add(AddN(), sums)[0]]
        },
        OperationCase(
            "columns of a matrix stacked",
            [.features("x", [.batch, 10]), .weight("w", [2, 5, 4])],
            runs: rows
        ) { graph, values in
            var parts: [Value] = []
            for piece in try graph.add(Split(axis: 1, sizes: [5, 5]), [values[0]]) {
                parts.append(try graph.apply(Reshape([1, .batch, 5]), piece))
            }
            let stack = try graph.add(Concatenate(axis: 0), parts)[0]
            return [try graph.apply(StackedMatMul(sources: [0, 1]), stack, values[1])]
        },
    ]

    /// Finite differences go through what is meant to be constant, so they say nothing here.
    private static let constants = [
        OperationCase(
            "a hidden layer times itself as a constant",
            [.features("x", [.batch, 5]), .weight("w", [5, 6])],
            runs: rows,
            isSmooth: false
        ) { graph, values in
            let hidden = try graph.apply(MatMul(), values[0], values[1])
            let constant = try graph.apply(StopGradient(), hidden)
            return [try graph.apply(Arithmetic(.multiply), hidden, constant)]
        },
        OperationCase(
            "a piece of a split as a constant",
            [.features("x", [.batch, 9]), .weight("w", [4, 3])],
            runs: rows,
            isSmooth: false
        ) { graph, values in
            let pieces = try graph.add(Split(axis: 1, sizes: [5, 4]), [values[0]])
            let constant = try graph.apply(StopGradient(), pieces[1])
            return [try graph.apply(MatMul(), constant, values[1])]
        },
    ]

    private static let concatenations = [
        concatenation([[.batch, 1], [.batch, 3], [.batch, 16]], axis: 1),
        concatenation([[.batch, 17]], axis: 1),
        concatenation([[2, .batch, 5], [1, .batch, 5]], axis: 0),
        concatenation([[3, .batch, 5], [3, .batch, 1]], axis: 2),
        concatenation([[.batch, 2, 3], [.batch, 4, 3]], axis: 1),
        OperationCase(
            "concatenate ids",
            [.ids("a", [.batch, 2], table: 9), .ids("b", [.batch, 1], table: 9)],
            runs: rows,
            differentiatedOutputs: []
        ) { graph, values in [try graph.add(Concatenate(axis: 1), values)[0]] },
        OperationCase(
            "concatenate one value twice",
            [.features("x", [.batch, 3])],
            runs: rows
        ) { graph, values in [try graph.apply(Concatenate(axis: 1), values[0], values[0])] },
    ]

    private static func concatenation(_ shapes: [Shape], axis: Int) -> OperationCase {
        OperationCase(
            "concatenate \(shapes.map(\.description).joined(separator: ", ")) on axis \(axis)",
            shapes.enumerated().map { .features("x\($0)", $1) },
            runs: rows
        ) { graph, values in [try graph.add(Concatenate(axis: axis), values)[0]] }
    }

    private static let splits = [
        split([.batch, 20], axis: 1, [1, 3, 16]), split([.batch, 17], axis: 1, [17]),
        split([3, .batch, 5], axis: 0, [2, 1]), split([.batch, 6, 3], axis: 1, [4, 2]),
        OperationCase(
            "split of which one piece is used",
            [.features("x", [.batch, 9])],
            runs: rows,
            differentiatedOutputs: [0]
        ) { graph, values in
            let pieces = try graph.add(Split(axis: 1, sizes: [2, 4, 3]), values)
            return [try graph.apply(Activation(.tanh), pieces[1])]
        },
    ]

    private static func split(_ shape: Shape, axis: Int, _ sizes: [Int]) -> OperationCase {
        OperationCase(
            "split \(shape) on axis \(axis) into \(sizes)",
            [.features("x", shape)],
            runs: rows,
            differentiatedOutputs: Array(sizes.indices)
        ) { graph, values in try graph.add(Split(axis: axis, sizes: sizes), values) }
    }

    private static let reshapes = [
        reshape([.batch, 6], [.batch, 2, 3]), reshape([.batch, 2, 3], [.batch, 6]),
        reshape([.batch, 1], [.batch]), reshape([.batch, 4], [.symbol(.batch, scale: 4)]),
        reshape([.batch], [.batch, 1]), reshape([2, 6], [3, 4]),
    ]

    private static func reshape(_ shape: Shape, _ target: Shape) -> OperationCase {
        OperationCase(
            "reshape \(shape) to \(target)",
            [.features("x", shape)],
            runs: shape == [2, 6] ? [[:]] : rows
        ) { graph, values in
            let made = try graph.apply(Activation(.tanh), values[0])
            return [try graph.apply(Reshape(target), made)]
        }
    }

    private static let transposes = [
        ([.batch, 3] as Shape, [1, 0]), ([2, .batch, 3], [1, 0, 2]), ([.batch, 4, 5], [0, 2, 1]),
        ([.batch, 4, 5], [2, 0, 1]), ([.batch, 3], [0, 1]),
    ].map { shape, permutation in
        OperationCase("transpose \(shape) by \(permutation)", [.features("x", shape)], runs: rows) {
            graph,
            values in [try graph.apply(Transpose(permutation), values[0])]
        }
    }
}
