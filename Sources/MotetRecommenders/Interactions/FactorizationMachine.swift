import MotetCore
import MotetGraph
import MotetNN

/// The pairwise part of a factorization machine: `sum_d 1/2 ((sum_f v_fd)^2 - sum_f v_fd^2)`.
///
/// The vectors are those that the rest of the model reads too, as in DeepFM.
///
/// - Shapes: input `[B, I]`, of which the features' columns are read; output `[B, 1]`
/// - Source: Rendle, "Factorization Machines", ICDM 2010
///   <https://doi.org/10.1109/ICDM.2010.127>; Guo et al., "DeepFM", IJCAI 2017
///   <https://doi.org/10.24963/ijcai.2017/239>
final class PairwiseProducts: UnaryLayer {
    static let kind = "pairwise_products"
    let name: String?
    private let columns: [Range<Int>]

    init(columns: [Range<Int>], name: String) {
        self.columns = columns
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let fields = try context.fields(inputs[0], columns)  // [B, F, D]
        let shape = context.graph.shape(of: fields)
        let sums = try context.graph.apply(SumToShape([shape[0], 1, shape[2]]), fields)
        let squaredSums = try context.graph.apply(Arithmetic(.multiply), sums, sums)
        let squares = try context.graph.apply(Arithmetic(.multiply), fields, fields)
        let sumsOfSquares = try context.graph.apply(
            SumToShape([shape[0], 1, shape[2]]),
            squares
        )
        let difference = try context.graph.apply(
            Arithmetic(.subtract),
            squaredSums,
            sumsOfSquares
        )
        let total = try context.graph.apply(SumToShape([shape[0], 1, 1]), difference)
        let half = try context.graph.apply(Scale(0.5), total)
        return [try context.graph.apply(MotetGraph.Reshape([shape[0], 1]), half)]
    }
}

/// Outputs with what a factorization machine says: `f_k(x) + linear_k + pairs`.
///
/// - Shapes: inputs: an output `[B, C_k]` for each task, pairs `[B, 1]`, and linear parts `[B, C_1 + C_2 + ...]`; an
///   output `[B, C_k]` for each task
final class MachineOutputs: Layer {
    static let kind = "machine_outputs"
    let name: String? = "fm/outputs"
    private let widths: [Int]

    init(widths: [Int]) { self.widths = widths }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let count = widths.count
        var total = inputs[count]
        for part in inputs[(count + 1)...] {
            total = try context.graph.apply(Arithmetic(.add), part, total)
        }
        let pieces =
            count == 1
            ? [total] : try context.graph.add(MotetGraph.Split(axis: 1, sizes: widths), [total])
        var results: [Value] = []
        for (output, piece) in zip(inputs, pieces) {
            results.append(try context.graph.apply(Arithmetic(.add), output, piece))
        }
        return results
    }
}
