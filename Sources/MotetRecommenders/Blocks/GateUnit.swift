import MotetCore
import MotetGraph
import MotetNN

/// Gate neural units side by side: factors between 0 and 2 from some context.
///
/// `2 sigmoid(relu(x W_1 + b_1) W_2 + b_2)`, about 1 before training.
///
/// - Shapes: input `[B, I]`; output `[G, B, U]` for G gates
/// - Source: Chang et al., "PEPNet", KDD 2023. <https://doi.org/10.1145/3580305.3599884>
final class GateUnits: Layer {
    static let kind = "gate_units"
    let name: String?
    private let hidden: StackedDense
    private let factors: StackedDense

    init(_ count: Int, hidden units: Int, width: Int, name: String) {
        self.name = name
        hidden = StackedDense(
            units,
            sources: [Int](repeating: 0, count: count),
            activation: .relu,
            name: "dense_1"
        )
        factors = StackedDense(
            width,
            sources: Array(0..<count),
            activation: .sigmoid,
            name: "dense_2"
        )
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let value = try context.call(hidden, inputs)[0]
        let gate = try context.call(factors, [value])[0]
        return [try context.graph.apply(Scale(2), gate)]
    }
}
