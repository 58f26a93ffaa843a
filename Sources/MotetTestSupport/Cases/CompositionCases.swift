import MotetCore
import MotetGraph

extension OperationCase {
    /// Several operations in a row, as models put them together.
    static let compositions: [OperationCase] =
        [towers(.tanh), towers(.relu), sharedUse, expertLayer, scenarioTowers, trainingStep]

    /// Look-ups joined with numbers, a hidden layer, and its result cut into two towers' inputs.
    private static func towers(_ kind: ActivationKind) -> OperationCase {
        OperationCase(
            "concatenate look-ups and numbers, dense \(kind), split, two towers",
            [
                .weight("users", [9, 4]), .weight("items", [7, 3]),
                .ids("user", [.batch], table: 9), .ids("item", [.batch], table: 7),
                .features("numbers", [.batch, 5]), .weight("w", [12, 17]), .weight("b", [17]),
                .weight("first", [8, 3]), .weight("second", [9, 1]), .weight("second bias", [1]),
            ],
            runs: rows,
            differentiatedOutputs: [0, 1],
            isSmooth: kind.isSmooth
        ) { graph, values in
            let user = try graph.apply(EmbeddingLookup(), values[0], values[2])
            let item = try graph.apply(EmbeddingLookup(), values[1], values[3])
            let joined = try graph.apply(Concatenate(axis: 1), user, item, values[4])
            let hidden = try graph.apply(MatMul(), joined, values[5])
            let biased = try graph.apply(AddBias(), hidden, values[6])
            let active = try graph.apply(Activation(kind), biased)
            let pieces = try graph.add(Split(axis: 1, sizes: [8, 9]), [active])
            let first = try graph.apply(MatMul(), pieces[0], values[7])
            let second = try graph.apply(MatMul(), pieces[1], values[8])
            let logit = try graph.apply(AddBias(), second, values[9])
            return [first, try graph.apply(Reshape([.batch]), logit)]
        }
    }

    /// A hidden value read by three nodes, so that three gradients meet in it.
    private static let sharedUse = OperationCase(
        "a hidden layer read three times",
        [
            .features("x", [.batch, 5]), .weight("w", [5, 16]), .weight("v", [16, 16]),
            .weight("u", [16, 16]),
        ],
        runs: rows
    ) { graph, values in
        let product = try graph.apply(MatMul(), values[0], values[1])
        let hidden = try graph.apply(Activation(.swish), product)
        let first = try graph.apply(MatMul(), hidden, values[2])
        let gate = try graph.apply(
            Activation(.sigmoid),
            try graph.apply(MatMul(), hidden, values[3])
        )
        let gated = try graph.apply(Arithmetic(.multiply), first, gate)
        return [try graph.add(AddN(), [gated, hidden])[0]]
    }

    /// Experts, gates and their mixtures, as in MMoE, then one tower a task.
    private static let expertLayer = OperationCase(
        "experts mixed by two gates, and towers",
        [
            .features("x", [.batch, 6]), .weight("experts", [3, 6, 8]),
            .weight("expert bias", [3, 8]), .weight("gates", [2, 6, 3]),
            .weight("towers", [2, 8, 1]),
            .weight("tower bias", [2, 1]),
        ],
        runs: rows
    ) { graph, values in
        let stacked = StackedMatMul(sources: [0, 0, 0])
        let experts = try graph.apply(stacked, values[0], values[1])
        let biased = try graph.apply(AddBias(), experts, values[2])
        let active = try graph.apply(Activation(.tanh), biased)
        let gates = try graph.apply(StackedMatMul(sources: [0, 0]), values[0], values[3])
        let weights = try graph.apply(Softmax(), gates)
        let mixed = try graph.apply(Mixture(selections: [[0, 1, 2], [2, 0, 1]]), weights, active)
        let towers = try graph.apply(StackedMatMul(sources: [0, 1]), mixed, values[4])
        return [try graph.apply(AddBias(), towers, values[5])]
    }

    /// A tower for each scenario on its own rows, after a shared layer.
    private static let scenarioTowers = OperationCase(
        "a tower for each of three scenarios",
        [
            .features("x", [.batch, 6]), .weight("w", [6, 8]), .weight("towers", [3, 8, 4]),
            .weight("bias", [3, 4]),
            .integers("offsets", [4]) { _, _, symbols in
                let rows = Int32(symbols[.batch] ?? 0)
                return Tensor([0, rows / 2, rows / 2, rows])
            },
        ],
        runs: rows
    ) { graph, values in
        let shared = try graph.apply(MatMul(), values[0], values[1])
        let active = try graph.apply(Activation(.softplus), shared)
        let made = try graph.apply(GroupedMatMul(), active, values[2], values[4])
        let biased = try graph.apply(GroupedAddBias(), made, values[3], values[4])
        return [try graph.apply(Activation(.gelu), biased)]
    }

    /// Forward, two losses, gradients, clipping by norm and updates, with a table by rows: all of it.
    private static let trainingStep = OperationCase(
        "a training step of two tasks",
        [
            .weight("table", [9, 4]), .ids("ids", [.batch], table: 9), .weight("w", [4, 2]),
            .data("click", [.batch]) { key, sizes, _ in
                Tensor(TinyData.integers(sizes, key, in: 0..<2).floats)
            },
            .data("buy", [.batch]) { key, sizes, _ in
                Tensor(TinyData.integers(sizes, key, in: 0..<3).floats.map { $0 == 2 ? .nan : $0 })
            },
            .number("learning rate", 0.1), .step("step", 1),
            .statistics("w.first_moment", [4, 2]), .statistics("w.second_moment", [4, 2]),
            .statistics("table.accumulator", [9]),
        ],
        runs: rows,
        differentiatedOutputs: [],
        updates: [
            ("w", 1), ("w.first_moment", 2), ("w.second_moment", 3), ("table", 4),
            ("table.accumulator", 5),
        ],
        build: trainingStepGraph
    )

    private static let trainingStepGraph: Build = { graph, values in
        let row = try graph.apply(EmbeddingLookup(), values[0], values[1])
        let logits = try graph.apply(MatMul(), row, values[2])
        let columns = try graph.add(Split(axis: 1, sizes: [1, 1]), [logits])
        var losses: [Value] = []
        for (task, label) in [values[3], values[4]].enumerated() {
            let logit = try graph.apply(Reshape([.batch]), columns[task])
            let parents = task == 1 ? [values[3]] : []
            let weights = try graph.add(SampleWeights(isWeighted: false), [label] + parents)[0]
            losses.append(
                try graph.add(PointwiseLoss(.binaryCrossEntropy), [logit, label, weights])[0]
            )
        }
        let loss = try graph.add(AddN(), losses)[0]
        let made = try graph.gradients(of: loss, withRespectTo: [values[0], values[2]])
        guard case .rows(let rows)? = made[0], case .dense(let slope)? = made[1] else { return [] }
        graph.stage = .update
        let combined = try graph.combined(rows, like: values[0])
        let squares = [
            try graph.apply(SumOfSquares(), slope),
            try graph.apply(SumOfSquares(), combined[1], combined[2]),
        ]
        let scale = try graph.apply(ClippingFactor(limit: 0.05), try graph.add(AddN(), squares)[0])
        let settings = [values[5], values[6], scale]
        let adam = UpdateRule.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01)
        let dense = try graph.add(
            OptimizerUpdate(adam, l2: 0.001),
            [values[2], values[7], values[8], slope] + settings
        )
        let sparse = try graph.add(
            OptimizerRowUpdate(.rowWiseAdagrad(epsilon: 1e-8)),
            [values[0], values[9]] + combined + settings
        )
        return [loss] + dense + sparse
    }
}
