import MotetCore
public import MotetGraph
public import MotetNN

/// A multilayer perceptron with weights of its own for each scenario, run on that scenario's rows only.
///
/// ```swift
/// let market = ScenarioOffsets(scenarioCount: 4)
/// let like = try ScenarioPerceptron([32, 1], scenarios: 4)(shared, market)
/// ```
///
/// The last layer is linear. The data need a column `scenario`: a trainer or predictor sorts the rows
/// of each batch by it.
///
/// - Shapes: inputs x `[B, I]`, rows sorted by scenario, and offsets `[S + 1]`; output `[B, U]`
/// - Learned: `dense_i/weight` `[S, I, U]`, He uniform before ReLU and Glorot uniform else;
///   `dense_i/bias` `[S, U]`, zeros
/// - Cost: that of one perceptron for each row, however many scenarios there are.
public final class ScenarioPerceptron: VariadicLayer {
    /// `scenario_perceptron`.
    public static let kind = "scenario_perceptron"
    /// The user's name.
    public let name: String?
    private let units: [Int]
    private let scenarios: Int
    private let activation: LayerActivation
    private let dropout: Float

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - units: the widths of the layers; the last is that of the output.
    ///   - scenarios: how many scenarios there are, `S`.
    ///   - activation: what follows every layer but the last.
    ///   - dropout: the share of units dropped behind every layer but the last.
    ///   - name: a name for parameters and messages.
    public init(
        _ units: [Int],
        scenarios: Int,
        activation: LayerActivation = .relu,
        dropout: Float = 0,
        name: String? = nil
    ) {
        self.dropout = dropout
        self.units = units
        self.scenarios = scenarios
        self.activation = activation
        self.name = name
    }

    /// Runs each scenario's layers on its rows.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard inputs.count == 2 else {
            throw GraphError(
                .shapeMismatch,
                "the scenarios' offsets are missing; expected 2 inputs; received \(inputs.count). Call it on a tensor and `ScenarioOffsets`."
            )
        }
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
