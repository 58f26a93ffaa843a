import MotetCore
import MotetGraph

extension OperationCase {
    /// The softmax over a batch's items: widths around vectors, repeated ids, rows that ask nothing, scores
    /// at which `exp` overflows, and batches of more than one tile.
    static let inBatchSoftmaxes: [OperationCase] =
        [1, 8, 17].flatMap { width in
            [false, true].map { masks in
                softmax(
                    "width \(width)\(masks ? ", repeats masked" : "")",
                    width: width,
                    masks: masks,
                    weights: someWeights
                )
            }
        } + [
            softmax("no row with a weight", width: 3, masks: true) { _, sizes in
                Tensor([Float](repeating: 0, count: sizes[0]), shape: sizes)
            },
            softmax("one item in every row", width: 3, masks: true, table: 1, weights: someWeights),
            // Scores of some 200 are exact to 1e-5, and a normaliser is stored as exactly: so are
            // probabilities. They are no longer smooth at the step of finite differences.
            softmax(
                "scores far from 0",
                width: 8,
                masks: true,
                scale: 60,
                isSmooth: false,
                tolerance: Tolerance(relative: 1e-3, absolute: 2e-4),
                weights: someWeights
            ),
            softmax(
                "several tiles",
                width: 5,
                masks: true,
                table: 300,
                isSmooth: false,
                runs: [[.batch: 1100], [.batch: 513], [.batch: 17]],
                weights: someWeights
            ),
        ]

    private static func softmax(
        _ name: String,
        width: Int,
        masks: Bool,
        scale: Float = 0.75,
        table: Int = 9,
        isSmooth: Bool = true,
        runs: [[SizeSymbol: Int]] = rows,
        tolerance: Tolerance = Tolerance(relative: 1e-4, absolute: 2e-5),
        weights: @escaping @Sendable (RandomKey, [Int]) -> Tensor
    ) -> OperationCase {
        OperationCase(
            "softmax over the items of a batch, \(name)",
            [
                .features("users", [.batch, .fixed(width)]),
                .features("items", [.batch, .fixed(width)]),
                .ids("ids", [.batch], table: table),
                .data("log probabilities", [.batch]) { key, sizes, _ in
                    TinyData.uniform(sizes, key, in: -6 ... -0.5)
                },
                .data("weights", [.batch]) { key, sizes, _ in weights(key, sizes) },
            ],
            runs: runs,
            spare: 3,
            isSmooth: isSmooth,
            tolerance: tolerance
        ) { graph, values in
            try graph.add(InBatchSoftmax(scale: scale, masksRepeats: masks), values)
        }
    }

    /// Weights, one in four 0.
    private static func someWeights(_ key: RandomKey, _ sizes: [Int]) -> Tensor {
        let drawn = TinyData.uniform(sizes, key, in: 0.25...3).floats
        return Tensor(drawn.indices.map { $0 % 4 == 1 ? 0 : drawn[$0] }, shape: sizes)
    }
}
