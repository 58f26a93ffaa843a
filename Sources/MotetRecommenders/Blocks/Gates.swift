import MotetCore
import MotetGraph
import MotetNN

/// Softmax gates over experts, and the weighted sums they select.
///
/// For gate *k*: `sum_j softmax(x[source_k] W[k])_j * expert[selection_k_j]`.
///
/// - Shapes: inputs x `[B, I]` or `[G, B, I]` and experts `[E, B, H]`; output `[K, B, H]`
/// - Learned: `weight` `[K, I, J]` with J the experts each gate selects from
final class Gates: Layer {
    static let kind = "gates"
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
        let gates = try context.graph.apply(MotetGraph.Softmax(), logits)
        return [try context.graph.apply(Mixture(selections: selections), gates, inputs[1])]
    }
}
