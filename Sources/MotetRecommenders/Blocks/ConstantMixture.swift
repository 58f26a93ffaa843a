import MotetCore
import MotetGraph
import MotetNN

/// Weighted sums of slices with weights that are the same for every row.
///
/// `out[k] = sum_j weights[k, j] * slices[selection[k][j]]`.
///
/// - Shapes: weights `[K, J]` and slices `[E, B, H]`; output `[K, B, H]`
enum ConstantMixture {
    static func apply(
        _ weights: Value,
        _ slices: Value,
        selections: [[Int]],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let gates = try forEachRow(weights, of: slices, in: &graph)
        return try graph.apply(Mixture(selections: selections), gates, slices)
    }

    /// The weights `[K, J]` repeated for each row of `[E, B, H]`: `[K, B, J]`.
    static func forEachRow(
        _ weights: Value,
        of slices: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let (shape, rows) = (graph.shape(of: weights), graph.shape(of: slices)[1])
        // Zeros [1, B, 1] give the sum its rows; the slices' values play no part in it.
        let width = graph.shape(of: slices).last.fixedSize ?? 1
        let count = graph.shape(of: slices)[0].fixedSize ?? 1
        let first = try graph.add(
            MotetGraph.Split(axis: 0, sizes: count == 1 ? [1] : [1, count - 1]),
            [slices]
        )[0]
        let flat = try graph.apply(MotetGraph.Reshape([rows, .fixed(width)]), first)
        let means = try graph.apply(MotetGraph.Mean(axis: 1), flat)
        let zeros = try graph.apply(
            MotetGraph.Reshape([1, rows, 1]),
            try graph.apply(StopGradient(), try graph.apply(Scale(0), means))
        )
        let lifted = try graph.apply(MotetGraph.Reshape([shape[0], 1, shape[1]]), weights)
        return try graph.apply(Arithmetic(.add), lifted, zeros)
    }
}
