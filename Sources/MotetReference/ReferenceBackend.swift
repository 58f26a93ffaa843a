public import MotetCore
public import MotetGraph

/// Runs graphs node by node in plain Swift: slow, obvious, and what other backends are measured by.
///
/// Every operation is computed in Double and rounded to float32 once.
public struct ReferenceBackend: Backend {
    /// The passes run before a graph is evaluated; nil evaluates it as it was built.
    public let passes: PassPipeline?

    /// Creates the backend.
    ///
    /// - Parameter passes: the passes run first; none unless given, so that what is evaluated is what was
    ///   built.
    public init(passes: PassPipeline? = nil) { self.passes = passes }

    /// The name shown in reports.
    public var name: String { "reference" }

    /// Makes a graph ready to run.
    ///
    /// - Parameters:
    ///   - graph: a valid graph.
    ///   - states: the memory of its states.
    ///   - capacity: the greatest value of every symbol of an input.
    /// - Returns: an executable that runs with any sizes up to the capacity.
    /// - Throws: `GraphError` when the graph is invalid, a state is missing, a symbol has no capacity or
    ///   an operation has no kernel here.
    public func compile(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int]
    ) throws -> any Executable {
        var graph = graph
        if let passes {
            graph = try passes.run(on: graph)
        } else {
            try graph.verify(after: "construction")
        }
        for node in graph.nodes
        where !(node.operation is any ReferenceKernel || node.operation is any HostOperation) {
            let name = type(of: node.operation).name
            throw GraphError(
                .unknownName,
                "reference backend: no kernel for the operation \(name) of \"\(node.scope)\"."
            )
        }
        try checkStates(graph, states)
        try checkCapacity(graph, capacity)
        return ReferenceExecutable(graph: graph, states: states, capacity: capacity)
    }

    private func checkStates(_ graph: Graph, _ states: StateStore) throws(GraphError) {
        for (name, value) in graph.states {
            let expected = graph.type(of: value)
            guard let known = states.type(of: name) else {
                let hint = Suggestion.sentence(for: name, in: states.names)
                throw GraphError(
                    .unknownName,
                    "state \"\(name)\": not in the store; expected \(expected).\(hint)"
                )
            }
            guard known == expected else {
                throw GraphError(
                    .shapeMismatch,
                    "state \"\(name)\": the store holds another type; expected \(expected); received \(known)."
                )
            }
        }
    }

    private func checkCapacity(
        _ graph: Graph,
        _ capacity: [SizeSymbol: Int]
    ) throws(GraphError) {
        for (name, value) in graph.inputs {
            for symbol in graph.type(of: value).shape.dimensions.compactMap(\.symbol)
            where capacity[symbol] == nil {
                throw GraphError(
                    .unknownName,
                    "input \"\(name)\": the size \(symbol) has no capacity; expected one for each symbol of \(graph.type(of: value))."
                )
            }
        }
    }
}
