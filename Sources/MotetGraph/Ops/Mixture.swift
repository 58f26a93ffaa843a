public import MotetCore

/// Weighted sums of experts, one for each gate: `out[k] = sum_j gate[k, :, j] * expert[selection[k][j]]`.
///
/// - Shapes: `K` gates, `E` experts, `J` experts each gate selects from
///   - gates: `[K, B, J]`
///   - experts: `[E, B, H]`
///   - output: `[K, B, H]`
/// - Source: Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate
///   Mixture-of-Experts", KDD 2018, eq. 6; with selections, Tang et al., "Progressive Layered
///   Extraction", RecSys 2020, eq. 1-3.
public struct Mixture: Operation {
    /// For each gate, the experts its weights belong to.
    public let selections: [[Int]]

    /// Creates the operation.
    public init(selections: [[Int]]) { self.selections = selections }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        for input in inputs { try expectFloat(input) }
        let (gates, experts) = (inputs[0].shape, inputs[1].shape)
        try expect(
            gates.rank == 3 && experts.rank == 3 && gates[1] == experts[1],
            "inputs disagree; expected gates [K, B, J] and experts [E, B, H]; received \(gates) and \(experts)."
        )
        let count = experts[0].fixedSize ?? 0
        let fits =
            gates[0].fixedSize == selections.count
            && selections.allSatisfy { row in
                gates[2].fixedSize == row.count && row.allSatisfy { $0 >= 0 && $0 < count }
            }
        try expect(
            fits,
            "selections do not fit; expected \(gates[0]) lists of \(gates[2]) experts below \(count); received \(selections)."
        )
        return [TensorType([gates[0], gates[1], experts[2]])]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let rule = MixtureGradient(selections: selections)
        let made = try graph.add(rule, [upstream, node.inputs[0], node.inputs[1]])
        return [.dense(made[0]), .dense(made[1])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, inputs[0].shape.last)
    }
}

/// Gradients of `Mixture` from `(dout, gates, experts)`: `(dgates, dexperts)`.
///
/// A gate of 0 takes nothing to the experts, not even NaN. With an activation the experts are its results, and the second gradient is that of its arguments.
public struct MixtureGradient: Operation {
    /// For each gate, the experts its weights belong to.
    public let selections: [[Int]]
    /// The activation whose results the experts are; set by fusion.
    public var activation: ActivationKind?

    /// Creates the operation.
    public init(selections: [[Int]], activation: ActivationKind? = nil) {
        self.selections = selections
        self.activation = activation
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        return [inputs[1], inputs[2]]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(product(inputs[0].shape.elementCount, inputs[1].shape.last), 1)
    }
}
