import MotetCore
import MotetGraph
import MotetNN

extension ForwardContext {
    /// For each row the row of a table that belongs to its scenario; zeros where it belongs to none.
    ///
    /// - Parameters:
    ///   - table: `[S, D]`.
    ///   - offsets: where each scenario's rows start, `[S + 1]`.
    ///   - value: any value of a row for each row of the batch, of which only the shape is read.
    /// - Returns: `[B, D]`.
    /// - Throws: `GraphError` when the shapes do not fit.
    mutating func scenarioRows(
        _ table: Value,
        _ offsets: Value,
        like value: Value
    ) throws(GraphError) -> Value {
        let shape: Shape = [graph.shape(of: value)[0], graph.shape(of: table).last]
        let zero = graph.constant(Tensor(zeros: []))
        let blank = try graph.apply(BroadcastLike(shape), zero, value)
        return try graph.apply(GroupedAddBias(), blank, table, offsets)
    }
}

/// A learnt vector for each scenario, and for each row that of its scenario.
///
/// - Shapes: inputs: any value `[B, ...]` and the offsets `[S + 1]`; output `[B, D]`
/// - Learned: `weight` `[S, D]`, uniform in [-0.05, 0.05)
final class ScenarioEmbedding: Layer {
    static let kind = "scenario_embedding"
    let name: String?
    private let dimension: Int
    private let scenarios: Int

    init(_ dimension: Int, scenarios: Int, name: String? = nil) {
        self.dimension = dimension
        self.scenarios = scenarios
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let table = try table(in: &context)
        return [try context.scenarioRows(table, inputs[1], like: inputs[0])]
    }

    /// The vectors themselves, `[S, D]`, in the scope of this layer.
    func table(in context: inout ForwardContext) throws(GraphError) -> Value {
        guard dimension >= 1 else {
            throw GraphError(
                .outOfRange,
                "the dimension of the scenarios is out of range; expected at least 1; received \(dimension)."
            )
        }
        return try context.parameter(
            "weight",
            shape: [scenarios, dimension],
            initializer: .uniform(limit: 0.05),
            role: .bias
        )
    }
}

/// One layer of a perceptron with weights of its own for each scenario, run on that scenario's rows only.
///
/// - Shapes: inputs x `[B, I]` and offsets `[S + 1]`; output `[B, U]`
/// - Learned: `weight` `[S, I, U]`; `bias` `[S, U]`, zeros
final class ScenarioDense: Layer {
    static let kind = "scenario_dense"
    let name: String?
    private let units: Int
    private let scenarios: Int
    private let activation: LayerActivation
    private let useBias: Bool

    init(
        _ units: Int,
        scenarios: Int,
        activation: LayerActivation = .none,
        useBias: Bool = true,
        name: String? = nil
    ) {
        self.units = units
        self.scenarios = scenarios
        self.activation = activation
        self.useBias = useBias
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let width = context.graph.shape(of: inputs[0]).last.fixedSize ?? 1
        let weight = try context.parameter(
            "weight",
            shape: [scenarios, width, units],
            initializer: activation == .relu ? .heUniform : .glorotUniform
        )
        var value = try context.graph.apply(GroupedMatMul(), inputs[0], weight, inputs[1])
        if useBias {
            let bias = try context.parameter(
                "bias",
                shape: [scenarios, units],
                initializer: .zeros,
                role: .bias
            )
            value = try context.graph.apply(GroupedAddBias(), value, bias, inputs[1])
        }
        return [try activation.apply(to: value, in: &context)]
    }
}
