public import MotetCore

/// Several matrix products in one operation, one for each slice of a stack of weights.
///
/// For slice *e*: `out[target_e] += x[source_e] W[e]`. A stack of experts over one input reads source 0
/// with every slice and writes its own target; the gradient with respect to that input exchanges the
/// two, so that all slices add into target 0.
///
/// - Shapes: `E` slices of the weight, `G` slices of the input, `T` slices of the output
///   - x: `[G, B, I]`, or `[B, I]` read by every slice
///   - weight: `[E, I, U]`, or `[E, U, I]` when transposed
///   - bias: `[E, U]`, only when fused
///   - output: `[T, B, U]`, or `[B, U]` when `sumsSlices`
public struct StackedMatMul: Operation {
    /// For each slice of the weight, the slice of the input it reads.
    public let sources: [Int]
    /// For each slice of the weight, the slice of the output it adds to.
    public let targets: [Int]
    /// Whether the weight is stored as `[E, U, I]`.
    public let transposeWeight: Bool
    /// Whether all slices add into an output without a stack axis.
    public let sumsSlices: Bool
    /// The function applied to the result; set by fusion.
    public var activation: ActivationKind?

    /// Creates the operation.
    public init(
        sources: [Int],
        targets: [Int],
        transposeWeight: Bool = false,
        sumsSlices: Bool = false,
        activation: ActivationKind? = nil
    ) {
        self.sources = sources
        self.targets = targets
        self.transposeWeight = transposeWeight
        self.sumsSlices = sumsSlices
        self.activation = activation
    }

    /// A product for each slice of the weight, each with an output of its own.
    public init(sources: [Int]) {
        self.init(sources: sources, targets: Array(sources.indices))
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...3)
        for input in inputs { try expectFloat(input) }
        let (input, weight) = (inputs[0].shape, inputs[1].shape)
        try expect(
            (input.rank == 2 || input.rank == 3) && weight.rank == 3,
            "operands have the wrong rank; expected [G, B, I] or [B, I], and [E, I, U]; received \(input) and \(weight)."
        )
        let slices = input.rank == 2 ? 1 : input[0].fixedSize ?? 0
        try expect(
            weight[0].fixedSize == sources.count && targets.count == sources.count
                && sources.allSatisfy { $0 >= 0 && $0 < slices },
            "slices disagree; expected \(sources.count) weights over sources below \(slices); received \(weight) and sources \(sources)."
        )
        let (inner, units) = transposeWeight ? (weight[2], weight[1]) : (weight[1], weight[2])
        try expect(
            input.last == inner,
            "inner sizes disagree; expected equal sizes; received \(input) and \(weight)."
        )
        if inputs.count == 3 {
            try expect(
                inputs[2].shape == Shape([weight[0], units]),
                "bias has the wrong shape; expected [\(weight[0]), \(units)]; received \(inputs[2].shape)."
            )
        }
        let rows = input[input.rank - 2]
        if sumsSlices { return [TensorType([rows, units])] }
        let count = (targets.max() ?? -1) + 1
        try expect(
            Set(targets).count == count,
            "targets leave a slice of the output unwritten; received \(targets)."
        )
        return [TensorType([.fixed(count), rows, units])]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard activation == nil, node.inputs.count == 2 else {
            throw GraphError(.notDifferentiable, "StackedMatMul: differentiate before fusion.")
        }
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let input = node.inputs[0]
        let targets = sumsSlices ? sources.map { _ in 0 } : targets
        let inputGradient = try inputGradient(node, upstream, targets, in: &graph)
        let weightGradient =
            transposeWeight
            ? try graph.apply(
                StackedMatMulWeightGradient(sources: targets, targets: sources),
                upstream,
                input
            )
            : try graph.apply(
                StackedMatMulWeightGradient(sources: sources, targets: targets),
                input,
                upstream
            )
        return [.dense(inputGradient), .dense(weightGradient)]
    }

    /// The gradient of the input: sources and targets exchanged, and zeros for slices nobody reads.
    private func inputGradient(
        _ node: Graph.Node,
        _ upstream: Value,
        _ targets: [Int],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let input = graph.shape(of: node.inputs[0])
        let isStacked = input.rank == 3
        let slices = Array(Set(sources)).sorted()
        let places = sources.map { source in slices.firstIndex(of: source) ?? 0 }
        let gradient = try graph.apply(
            StackedMatMul(
                sources: targets,
                targets: places,
                transposeWeight: !transposeWeight,
                sumsSlices: !isStacked
            ),
            upstream,
            node.inputs[1]
        )
        let count = isStacked ? input[0].fixedSize ?? 0 : 1
        guard isStacked, slices.count < count else { return gradient }
        let pieces = try graph.add(Split(axis: 0, sizes: slices.map { _ in 1 }), [gradient])
        let zero = graph.constant(Tensor(zeros: []))
        let zeros = try graph.apply(
            BroadcastLike(Shape([1] + input.dimensions.dropFirst())),
            zero,
            pieces[0]
        )
        let all = (0..<count).map { slice in
            slices.firstIndex(of: slice).map { pieces[$0] } ?? zeros
        }
        return try graph.add(Concatenate(axis: 0), all)[0]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        let input = inputs[0].shape
        let weight = inputs[1].shape.fixedCount ?? 0
        let rows = input[input.rank - 2]
        return product(rows, .fixed(weight))
    }
}

/// The gradient of `StackedMatMul` with respect to its weight: `dW[e] = x[source_e]^T dy[target_e]`.
///
/// - Shapes: x `[G, B, I]` or `[B, I]`; dy `[T, B, U]` or `[B, U]`; output `[E, I, U]`
public struct StackedMatMulWeightGradient: Operation {
    /// For each slice of the weight, the slice of the input it reads.
    public let sources: [Int]
    /// For each slice of the weight, the slice of the output gradient it reads.
    public let targets: [Int]

    /// Creates the operation.
    public init(sources: [Int], targets: [Int]) {
        self.sources = sources
        self.targets = targets
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        let (input, upstream) = (inputs[0].shape, inputs[1].shape)
        try expect(
            input[input.rank - 2] == upstream[upstream.rank - 2],
            "rows disagree; expected equal sizes; received \(input) and \(upstream)."
        )
        return [TensorType([.fixed(sources.count), input.last, upstream.last])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        let input = inputs[0].shape
        return product(outputs[0].shape.elementCount, input[input.rank - 2])
    }
}
