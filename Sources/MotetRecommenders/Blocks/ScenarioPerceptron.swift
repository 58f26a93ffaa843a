import MotetCore
import MotetGraph
import MotetNN

/// A multilayer perceptron with weights of its own for each scenario, run on that scenario's rows only.
///
/// - Shapes: inputs x `[B, I]`, rows sorted by scenario, and offsets `[S + 1]`; output `[B, U]`
/// - Learned: `dense_i/weight` `[S, I, U]`, `dense_i/bias` `[S, U]`
final class ScenarioPerceptron: Layer {
    static let kind = "scenario_perceptron"
    let name: String?
    private let units: [Int]
    private let scenarios: Int
    private let activation: LayerActivation
    private let dropout: Float

    init(
        _ units: [Int],
        scenarios: Int,
        activation: LayerActivation,
        dropout: Float,
        name: String
    ) {
        self.dropout = dropout
        self.units = units
        self.scenarios = scenarios
        self.activation = activation
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var value = inputs[0]
        for (index, width) in units.enumerated() {
            let isLast = index == units.count - 1
            let before = context.graph.shape(of: value).last.fixedSize ?? 1
            let weight = try context.parameter(
                "dense_\(index + 1)/weight",
                shape: [scenarios, before, width],
                initializer: !isLast && activation == .relu ? .heUniform : .glorotUniform
            )
            let bias = try context.parameter(
                "dense_\(index + 1)/bias",
                shape: [scenarios, width],
                initializer: .zeros,
                role: .bias
            )
            value = try context.graph.apply(GroupedMatMul(), value, weight, inputs[1])
            value = try context.graph.apply(GroupedAddBias(), value, bias, inputs[1])
            guard !isLast else { break }
            value = try activation.apply(to: value, in: &context)
            if dropout > 0 {
                let layer = MotetNN.Dropout(dropout, name: "dropout_\(index + 1)")
                value = try context.call(layer, [value])[0]
            }
        }
        return [value]
    }
}
