import MotetCore
package import MotetGraph

/// What a layer changes about the parameters of the layers inside it: first values, roles, adapters.
///
/// Layers that carry pretrained weights use it, so that the layers they are built of need not know.
package struct ParameterRules: Sendable {
    /// A change of low rank beside a weight that stays as it is.
    ///
    /// - Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022, section 4.1.
    package struct Adapter: Sendable, Hashable {
        /// The rank, `r`.
        package let rank: Int
        /// The factor of the change is `alpha / r`.
        package let alpha: Float

        package init(rank: Int, alpha: Float) {
            self.rank = rank
            self.alpha = alpha
        }
    }

    /// First values and role of a parameter by its full name.
    package let parameter:
        @Sendable (String, Initializer, ParameterRole) -> (Initializer, ParameterRole)
    /// The adapter of a weight by its full name, if it has one.
    package let adapter: @Sendable (String) -> Adapter?

    package init(
        parameter:
            @escaping @Sendable (String, Initializer, ParameterRole) -> (Initializer, ParameterRole),
        adapter: @escaping @Sendable (String) -> Adapter? = { _ in nil }
    ) {
        self.parameter = parameter
        self.adapter = adapter
    }
}

extension ForwardContext {
    /// Runs a closure in which rules hold for every parameter asked for.
    package mutating func with<Result>(
        _ rules: ParameterRules,
        _ body: (inout ForwardContext) throws(GraphError) -> Result
    ) throws(GraphError) -> Result {
        let outer = self.rules
        self.rules = rules
        defer { self.rules = outer }
        return try body(&self)
    }

    /// `x W + b` under a name inside the running layer; with an adapter also `(alpha / r) (x A) B`.
    ///
    /// - Parameters:
    ///   - name: what the parameters are called: `name/weight`, `name/bias`.
    ///   - input: `[N, I]`.
    ///   - units: the width of the result.
    ///   - initializer: the weight's first values.
    ///   - useBias: whether a bias is added.
    /// - Returns: `[N, U]`.
    /// - Throws: `GraphError` when the input is no matrix.
    mutating func linear(
        _ name: String,
        _ input: Value,
        units: Int,
        initializer: Initializer = .glorotUniform,
        useBias: Bool = true
    ) throws(GraphError) -> Value {
        try enter(name) { context throws(GraphError) in
            let width = context.graph.shape(of: input).last.fixedSize ?? 0
            let weight = try context.parameter(
                "weight",
                shape: [width, units],
                initializer: initializer
            )
            var value = try context.graph.apply(MatMul(), input, weight)
            if useBias {
                let bias = try context.parameter(
                    "bias",
                    shape: [units],
                    initializer: .zeros,
                    role: .bias
                )
                value = try context.graph.apply(AddBias(), value, bias)
            }
            guard let adapter = context.rules?.adapter(context.scope + "/weight") else {
                return value
            }
            return try context.adapted(value, adapter, input, units: units)
        }
    }

    private mutating func adapted(
        _ value: Value,
        _ adapter: ParameterRules.Adapter,
        _ input: Value,
        units: Int
    ) throws(GraphError) -> Value {
        guard adapter.rank >= 1 else {
            throw GraphError(
                .outOfRange,
                "'rank' is out of range; expected at least 1; received \(adapter.rank)."
            )
        }
        let width = graph.shape(of: input).last.fixedSize ?? 0
        let down = try parameter(
            "adapter_down",
            shape: [width, adapter.rank],
            initializer: .heUniform
        )
        let up = try parameter("adapter_up", shape: [adapter.rank, units], initializer: .zeros)
        let low = try graph.apply(MatMul(), input, down)  // [N, r]
        let change = try graph.apply(MatMul(), low, up)  // [N, U]
        let scaled = try graph.apply(Scale(adapter.alpha / Float(adapter.rank)), change)
        return try graph.apply(AddN(), value, scaled)
    }
}
