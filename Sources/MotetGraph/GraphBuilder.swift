public import MotetCore

/// Appends inputs, states and nodes to a graph, applying each operation's shape rule.
public struct GraphBuilder: Sendable {
    /// The graph so far.
    public private(set) var graph: Graph
    /// The layer or part that new nodes belong to.
    public var scope = ""
    /// The stage that new nodes belong to.
    ///
    /// Nodes of the update stage stand after all others, whenever they are added: a layer may say early
    /// what becomes of its statistics.
    public var stage = Graph.Stage.gradients
    private var gradientNodes = 0
    private var inputNames: [String: Value] = [:]
    private var stateNames: [String: Value] = [:]

    /// Starts an empty graph.
    public init() { graph = Graph() }

    /// The type of a value.
    public func type(of value: Value) -> TensorType { graph.type(of: value) }

    /// The shape of a value.
    public func shape(of value: Value) -> Shape { graph.type(of: value).shape }

    /// A value given at each run; asking twice for one name gives the same value.
    public mutating func input(_ name: String, _ type: TensorType) throws(GraphError) -> Value {
        if let known = inputNames[name] {
            try checkSame(name, known, type, "input")
            return known
        }
        let value = append(type, .input(name))
        inputNames[name] = value
        return value
    }

    /// A value kept between runs; asking twice for one name gives the same value.
    public mutating func state(_ name: String, _ type: TensorType) throws(GraphError) -> Value {
        if let known = stateNames[name] {
            try checkSame(name, known, type, "state")
            return known
        }
        let value = append(type, .state(name))
        stateNames[name] = value
        return value
    }

    /// A value that never changes.
    public mutating func constant(_ tensor: Tensor) -> Value {
        append(TensorType(Shape(fixed: tensor.shape), tensor.dtype), .constant(tensor))
    }

    /// Applies an operation.
    ///
    /// - Parameters:
    ///   - operation: what to compute.
    ///   - inputs: what it reads.
    /// - Returns: its outputs.
    /// - Throws: `GraphError` when the inputs do not fit.
    public mutating func add(
        _ operation: some Operation,
        _ inputs: [Value]
    ) throws(GraphError) -> [Value] {
        let types = try operation.outputTypes(inputs.map { graph.type(of: $0) })
        let outputs = types.map { append($0, .node) }
        let node = Graph.Node(
            operation: operation,
            inputs: inputs,
            outputs: outputs,
            scope: scope,
            stage: stage
        )
        if stage == .gradients {
            graph.nodes.insert(node, at: gradientNodes)
            gradientNodes += 1
        } else {
            graph.nodes.append(node)
        }
        return outputs
    }

    /// Applies an operation with a single output.
    public mutating func apply(
        _ operation: some Operation,
        _ inputs: Value...
    ) throws(GraphError) -> Value {
        try add(operation, inputs)[0]
    }

    /// Names a result.
    public mutating func output(_ name: String, _ value: Value) {
        graph.outputs.append((name, value))
    }

    /// Says what a state becomes.
    public mutating func update(_ state: String, _ value: Value) {
        graph.updates.append((state, value))
    }

    /// Takes back what was said of states: they stay as they are.
    ///
    /// - Parameter isFrozen: whether a state's update is taken back.
    public mutating func removeUpdates(where isFrozen: (String) -> Bool) {
        graph.updates.removeAll { isFrozen($0.state) }
    }

    private mutating func append(_ type: TensorType, _ source: Graph.Source) -> Value {
        graph.types.append(type)
        graph.sources.append(source)
        return Value(id: graph.types.count - 1)
    }

    private func checkSame(
        _ name: String,
        _ known: Value,
        _ type: TensorType,
        _ kind: String
    ) throws(GraphError) {
        guard graph.type(of: known) == type else {
            throw GraphError(
                .duplicateName,
                "\(kind) \"\(name)\": declared twice with different types; expected \(graph.type(of: known)); received \(type)."
            )
        }
    }
}
