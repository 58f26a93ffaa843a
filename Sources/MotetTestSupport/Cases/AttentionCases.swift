import MotetCore
import MotetGraph

extension OperationCase {
    /// Attention: one and several heads, with masks, causal, of other lengths than the queries', beyond
    /// one block of scores, and over strided columns of one product.
    static let attentions: [OperationCase] =
        [
            attention(heads: 1, width: 1, queries: 1, keys: 1),
            attention(heads: 2, width: 3, queries: 4, keys: 4),
            attention(heads: 2, width: 3, queries: 3, keys: 17, isMasked: true),
            attention(heads: 3, width: 5, queries: 16, keys: 5),
            attention(heads: 2, width: 4, queries: 5, keys: 5, isCausal: true),
            attention(heads: 1, width: 4, queries: 6, keys: 3, isCausal: true, isMasked: true),
            attention(heads: 1, width: 2, queries: 70, keys: 300, isMasked: true, isLong: true),
            OperationCase(
                "attention over columns of one matrix",
                [.features("x", [.batch, 8]), .weight("weight", [8, 24])],
                runs: rows,
                tolerance: Tolerance(relative: 1e-4, absolute: 2e-5)
            ) { graph, values in
                let product = try graph.apply(MatMul(), values[0], values[1])
                let parts = try graph.add(Split(axis: 1, sizes: [8, 8, 8]), [product])
                var heads: [Value] = []
                for part in parts {
                    heads.append(try graph.apply(Reshape([.batch, 1, 8]), part))
                }
                let attended = try graph.add(Attention(heads: 2), heads)[0]
                return [try graph.apply(Reshape([.batch, 8]), attended)]
            },
            OperationCase(
                "probabilities of attention",
                [
                    .features("queries", [.batch, 2, 6]), .features("keys", [.batch, 5, 6]),
                    .features("values", [.batch, 5, 6]), mask(5),
                ],
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in try graph.add(Attention(heads: 3), values) },
        ] + listAttentions + lengths

    private static let listAttentions = [1, 17].map { width in
        OperationCase(
            "attention inside lists, 2 heads of \(width)",
            [
                .features("x", [.symbol(listLength), 7]),
                .weight("weight", [7, .fixed(6 * width)]),
                .offsets("offsets", over: listLength),
            ],
            runs: [
                [.batch: 4, listLength: 33], [.batch: 1, listLength: 1],
                [.batch: 6, listLength: 20],
            ],
            differentiatedOutputs: []
        ) { graph, values in
            let product = try graph.apply(MatMul(), values[0], values[1])
            let parts = try graph.add(
                Split(axis: 1, sizes: Array(repeating: 2 * width, count: 3)),
                [product]
            )
            return try graph.add(ListAttention(heads: 2), parts + [values[2]])
        }
    }

    private static let lengths = [1, 3, 16, 17, 64].map { width in
        OperationCase(
            "rows at length 1, width \(width)",
            [
                .features("x", [.batch, .fixed(width)]) { key, sizes, _ in
                    TinyData.awayFromZero(sizes, key, margin: 0.5)
                }
            ],
            runs: rows
        ) { graph, values in [try graph.add(L2Normalization(), values)[0]] }
    }

    private static func attention(
        heads: Int,
        width: Int,
        queries: Int,
        keys: Int,
        isCausal: Bool = false,
        isMasked: Bool = false,
        isLong: Bool = false
    ) -> OperationCase {
        let units = Dimension.fixed(heads * width)
        return OperationCase(
            "attention, \(heads) heads of \(width), \(queries) queries, \(keys) keys"
                + (isCausal ? ", causal" : "") + (isMasked ? ", masked" : ""),
            [
                .features("queries", [.batch, .fixed(queries), units]),
                .features("keys", [.batch, .fixed(keys), units]),
                .features("values", [.batch, .fixed(keys), units]),
            ] + (isMasked ? [mask(keys)] : []),
            runs: isLong ? [[.batch: 2]] : [[.batch: 5], [.batch: 1], [.batch: 3]],
            isSmooth: !isLong,
            tolerance: Tolerance(relative: 1e-4, absolute: 2e-5)
        ) { graph, values in
            [try graph.add(Attention(heads: heads, isCausal: isCausal), values)[0]]
        }
    }

    /// A mask of 0 and 1 whose second row has no valid key.
    private static func mask(_ keys: Int) -> CaseInput {
        .data("mask", [.batch, .fixed(keys)]) { key, sizes, _ in
            let drawn = TinyData.integers(sizes, key, in: 0..<3).integers
            let values = drawn.indices.map { index -> Float in
                index / sizes[1] == 1 || drawn[index] == 0 ? 0 : 1
            }
            return Tensor(values, shape: sizes)
        }
    }
}
