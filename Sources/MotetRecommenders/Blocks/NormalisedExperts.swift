import MotetCore
import MotetGraph
import MotetNN

/// Experts side by side whose layers are `swish(batch_norm(x W))`; a bias before would change nothing.
///
/// - Shapes: input `[B, I]` or `[G, B, I]`; output `[E, B, U]` with U the last of `units`
/// - Source: Wang et al., "HoME", arXiv 2408.05430.
final class NormalisedExperts: Layer {
    static let kind = "experts"
    let name: String?
    private let units: [Int]
    private let sources: [Int]
    private let dropout: Float

    init(_ units: [Int], sources: [Int], dropout: Float, name: String = "experts") {
        self.units = units
        self.sources = sources
        self.dropout = dropout
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var value = inputs[0]
        for (index, width) in units.enumerated() {
            let dense = StackedDense(
                width,
                sources: index == 0 ? sources : Array(sources.indices),
                useBias: false,
                name: "dense_\(index + 1)"
            )
            let made = try context.call(dense, [value])[0]
            let shape = context.graph.shape(of: made)
            let ones = [Int](repeating: 1, count: sources.count)
            var slices: [Value] = []
            for (expert, slice) in try context.graph.add(
                MotetGraph.Split(axis: 0, sizes: ones),
                [made]
            ).enumerated() {
                let flat = try context.graph.apply(
                    MotetGraph.Reshape([shape[1], shape[2]]),
                    slice
                )
                let layer = MotetNN.BatchNormalization(
                    name: "normalization_\(index + 1)/\(expert + 1)"
                )
                let normal = try context.call(layer, [flat])[0]
                slices.append(
                    try context.graph.apply(MotetGraph.Reshape([1, shape[1], shape[2]]), normal)
                )
            }
            let joined =
                slices.count == 1
                ? slices[0]
                : try context.graph.add(MotetGraph.Concatenate(axis: 0), slices)[0]
            value = try context.graph.apply(MotetGraph.Activation(.swish), joined)
            if dropout > 0 {
                let layer = MotetNN.Dropout(dropout, name: "dropout_\(index + 1)")
                value = try context.call(layer, [value])[0]
            }
        }
        return [value]
    }
}

/// Weighted sums of somebody's own experts: a softmax over them, or a sigmoid where there is one.
///
/// - Shapes: inputs x `[B, I]` or `[G, B, I]` and experts `[E, B, H]`; output `[K, B, H]`
/// - Learned: `dense/weight` `[K, I, J]`
final class SelfGates: Layer {
    static let kind = "self_gates"
    let name: String?
    private let selections: [[Int]]
    private let dense: StackedDense

    init(sources: [Int], selections: [[Int]], name: String) {
        self.selections = selections
        self.name = name
        dense = StackedDense(
            selections.first?.count ?? 0,
            sources: sources,
            useBias: false,
            name: "dense"
        )
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let logits = try context.call(dense, [inputs[0]])[0]
        let gates =
            selections.first?.count == 1
            ? try context.graph.apply(MotetGraph.Activation(.sigmoid), logits)
            : try context.graph.apply(MotetGraph.Softmax(), logits)
        return [try context.graph.apply(Mixture(selections: selections), gates, inputs[1])]
    }
}
