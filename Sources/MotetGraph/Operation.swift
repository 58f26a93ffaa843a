public import MotetCore

/// One kind of computation in a graph: attributes, shape rule and gradient rule.
///
/// An operation is a value without parameters of its own: what it computes depends only on its
/// attributes and inputs, which is what lets passes merge equal nodes.
public protocol Operation: Hashable, Sendable, Codable {
    /// The name in listings, saved graphs, and error messages: by default that of the type.
    static var name: String { get }

    /// The shape rule.
    ///
    /// - Parameter inputs: the types of the inputs.
    /// - Returns: the types of the outputs.
    /// - Throws: `GraphError` when the inputs do not fit.
    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType]

    /// The gradient rule.
    ///
    /// - Parameters:
    ///   - node: the inputs and outputs of the node.
    ///   - outputGradients: for each output the gradient of the loss, nil when the loss does not
    ///     depend on it.
    ///   - graph: where the rule appends its nodes.
    /// - Returns: for each input its gradient, nil where there is none.
    /// - Throws: `GraphError` with code `not_differentiable` when the operation has no gradient.
    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?]

    /// Multiply-adds and elementwise work for each row of a batch, both counted as FLOPs; 0 when the
    /// operation only moves data.
    func floatingPointOperations(_ inputs: [TensorType], _ outputs: [TensorType]) -> Dimension
}

extension Operation {
    /// The name of the type.
    public static var name: String { "\(Self.self)" }

    /// No gradient: an operation that is used only outside the loss.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        throw GraphError(.notDifferentiable, "\(Self.name) has no gradient")
    }

    /// One FLOP an output element.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        outputs.first?.shape.elementCount ?? .fixed(0)
    }
}

/// A value of a graph: the result of a node, an input, a state or a constant.
public struct Value: Hashable, Sendable, Codable {
    /// The position in the graph's list of values.
    public let id: Int

    /// Creates the handle of a value.
    public init(id: Int) { self.id = id }
}

/// The gradient of a loss with respect to a value.
public enum Gradient: Sendable {
    /// A gradient of the value's own shape.
    case dense(Value)
    /// The gradient of a table that is zero outside the rows named; rows named twice add up.
    case rows([RowGradient])
}

/// Some rows of a table's gradient: row `ids[i]` receives `rows[i, :]`.
public struct RowGradient: Hashable, Sendable {
    /// The rows touched, `[N]`, int32.
    public let ids: Value
    /// What they receive, `[N, D]`.
    public let rows: Value

    /// Creates a gradient of some rows.
    public init(ids: Value, rows: Value) {
        self.ids = ids
        self.rows = rows
    }
}
