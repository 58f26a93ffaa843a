import MotetCore
import MotetGraph

extension OperationCase {
    private static let rules: [UpdateRule] = [
        .sgd(momentum: 0, nesterov: false), .sgd(momentum: 0.9, nesterov: false),
        .sgd(momentum: 0.9, nesterov: true), .adagrad(epsilon: 1e-6),
        .rowWiseAdagrad(epsilon: 1e-6),
        .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0),
        .adam(beta1: 0.8, beta2: 0.99, epsilon: 1e-4, decay: 0.1),
    ]

    /// The parameter and its states; states are above 0, as sums of squares are.
    private static func states(_ rule: UpdateRule, _ shape: Shape) -> [CaseInput] {
        [.weight("p", shape)] + rule.slots.map { .statistics($0, rule.slotShape(for: shape)) }
    }

    private static func changes(_ rule: UpdateRule) -> [(state: String, output: Int)] {
        (["p"] + rule.slots).enumerated().map { ($1, $0) }
    }

    private static let settings: [CaseInput] = [
        .number("learning rate", 0.05), .step("step", 3), .number("scale", 0.5),
    ]

    static let optimizerUpdates: [OperationCase] = rules.flatMap { rule in
        [([3, 4] as Shape, Float(0)), ([17, 16], 0.01), ([1, 1], 0), ([65, 33], 0.01)].map {
            shape,
            l2 in
            OperationCase(
                "\(rule) of \(shape), l2 \(l2)",
                states(rule, shape) + [.features("g", shape)] + settings,
                runs: [[:], [:], [:]],
                differentiatedOutputs: [],
                updates: changes(rule)
            ) { graph, values in
                graph.stage = .update
                return try graph.add(OptimizerUpdate(rule, l2: l2), values)
            }
        }
    }

    /// Gradients of looked-up rows, combined, then applied to the touched rows.
    static let rowUpdates: [OperationCase] = rules.flatMap { rule in
        [(1, Float(0)), (3, 0.01), (16, 0), (17, 0.01)].map { width, l2 in
            OperationCase(
                "\(rule) of rows, width \(width), l2 \(l2)",
                states(rule, [40, .fixed(width)])
                    + [
                        .ids("ids", [.batch], table: 40),
                        .features("rows", [.batch, .fixed(width)]),
                    ]
                    + settings,
                runs: rows,
                differentiatedOutputs: [],
                updates: changes(rule)
            ) { graph, values in
                let count = rule.slots.count + 1
                let combine = CombineRows(vocabularySize: 40)
                let combined = try graph.add(combine, Array(values[count...count + 1]))
                graph.stage = .update
                return try graph.add(
                    OptimizerRowUpdate(rule, l2: l2),
                    Array(values[..<count]) + combined + Array(values[(count + 2)...])
                )
            }
        }
    }

    static let clippings: [OperationCase] =
        [[.batch, 17] as Shape, [.batch], [.batch, 64]].map { shape in
            OperationCase(
                "sum of squares of \(shape)",
                [.features("x", shape)],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in [try graph.apply(SumOfSquares(), values[0])] }
        } + [
            OperationCase(
                "sum of squares of combined rows",
                [.ids("ids", [.batch], table: 6), .features("rows", [.batch, 5])],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in
                let combined = try graph.add(CombineRows(vocabularySize: 6), values)
                return [try graph.apply(SumOfSquares(), combined[1], combined[2])]
            }
        ]
        + [Float(0), 0.5, 4, 100].map { size in
            OperationCase(
                "clipping factor of \(size)",
                [.number("sum", size)],
                differentiatedOutputs: []
            ) { graph, values in [try graph.apply(ClippingFactor(limit: 1.5), values[0])] }
        }

    static let dropouts: [OperationCase] = [Float(0), 0.25, 0.5, 0.9].flatMap { rate in
        [1, 17].map { width in
            OperationCase(
                "dropout of \(rate), width \(width)",
                [
                    .features("x", [.batch, .fixed(width)]),
                    .integers("step", []) { key, _, _ in TinyData.integers([], key, in: 1..<9999) },
                ],
                runs: rows
            ) { graph, values in
                let key = RandomKey(seed: 5).split("tower")
                return [try graph.apply(Dropout(rate: rate, key: key), values[0], values[1])]
            }
        }
    }
}
