import MotetCore
import MotetGraph
import MotetNN

/// Differentiable choices of single experts, `DSelectK`'s selectors, and weights over what they choose.
///
/// A selector of E experts has `m = log2 E` numbers z, and `r_e = prod_b S(z_b)` or `1 - S(z_b)` as bit b of e
/// is 1 or 0, with the smooth step S, which is 0 below `-gamma / 2` and 1 above `gamma / 2`:
/// `S(z) = 3 u^2 - 2 u^3` with `u = clamp(z / gamma + 1/2, 0, 1)`.
///
/// - Shapes: x `[B, I]`; output the weights of experts `[K, B, E]`, rows sum to 1, and the entropy of the
///   selectors of each row, `[B]` or for selectors that read nothing `[1]`
/// - Learned: static, `bits` `[K k, m]` and `choice` `[K, k]`; for each row, maps `[K k, I, m]` and `[K, I, k]`
final class SparseSelectors: Layer {
    static let kind = "selectors"
    let name: String?
    private let tasks: Int
    private let experts: Int
    private let selectors: Int
    private let gamma: Float
    private let readsRows: Bool

    init(
        tasks: Int,
        experts: Int,
        selectors: Int,
        gamma: Float,
        readsRows: Bool,
        name: String
    ) {
        self.tasks = tasks
        self.experts = experts
        self.selectors = selectors
        self.gamma = gamma
        self.readsRows = readsRows
        self.name = name
    }

    /// The bits of an expert's number, `m`.
    private var bitCount: Int {
        var count = 0
        while 1 << count < experts { count += 1 }
        return count
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let count = tasks * selectors
        let bits: Value  // [K k, B, m]
        let choice: Value  // [K, B, k]
        if readsRows {
            bits = try context.call(dense(bitCount, count, "bits"), [inputs[0]])[0]
            choice = try context.call(dense(selectors, tasks, "choice"), [inputs[0]])[0]
        } else {
            bits = try lifted("bits", [count, bitCount], .uniform(limit: gamma / 100), &context)
            choice = try lifted("choice", [tasks, selectors], .uniform(limit: 0.05), &context)
        }
        let steps = try smoothStep(bits, in: &context.graph)
        let chosen = try products(steps, in: &context.graph)  // [K k, B, E]
        let shares = try context.graph.apply(MotetGraph.Softmax(), choice)
        let selections = (0..<tasks).map { Array(($0 * selectors)..<(($0 + 1) * selectors)) }
        let weights = try context.graph.apply(
            Mixture(selections: selections),
            shares,
            chosen
        )
        return [weights, try entropy(chosen, in: &context.graph)]
    }

    private func dense(_ units: Int, _ slices: Int, _ name: String) -> StackedDense {
        StackedDense(
            units,
            sources: [Int](repeating: 0, count: slices),
            useBias: false,
            name: name
        )
    }

    private func lifted(
        _ name: String,
        _ shape: [Int],
        _ initializer: Initializer,
        _ context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let value = try context.parameter(name, shape: shape, initializer: initializer)
        return try context.graph.apply(
            MotetGraph.Reshape([.fixed(shape[0]), 1, .fixed(shape[1])]),
            value
        )
    }

    /// `3 u^2 - 2 u^3` with `u = relu(z / gamma + 1/2) - relu(z / gamma - 1/2)`.
    private func smoothStep(
        _ value: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let half = graph.constant(Tensor([Float(0.5)], shape: []))
        let three = graph.constant(Tensor([Float(3)], shape: []))
        let scaled = try graph.apply(Scale(1 / gamma), value)
        let above = try graph.apply(
            MotetGraph.Activation(.relu),
            try graph.apply(Arithmetic(.add), scaled, half)
        )
        let beyond = try graph.apply(
            MotetGraph.Activation(.relu),
            try graph.apply(Arithmetic(.subtract), scaled, half)
        )
        let share = try graph.apply(Arithmetic(.subtract), above, beyond)
        let square = try graph.apply(Arithmetic(.multiply), share, share)
        let twice = try graph.apply(Scale(2), share)
        let rest = try graph.apply(Arithmetic(.subtract), three, twice)
        return try graph.apply(Arithmetic(.multiply), square, rest)
    }

    /// For each expert the product over the bits of its number, `[N, B, m]` to `[N, B, 2^m]`.
    private func products(
        _ steps: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let one = graph.constant(Tensor([Float(1)], shape: []))
        let bits = try graph.add(
            MotetGraph.Split(axis: 2, sizes: [Int](repeating: 1, count: bitCount)),
            [steps]
        )
        var chosen: Value?
        for bit in bits {
            let off = try graph.apply(Arithmetic(.subtract), one, bit)
            var halves = [off, bit]
            if let known = chosen {
                halves = [
                    try graph.apply(Arithmetic(.multiply), known, off),
                    try graph.apply(Arithmetic(.multiply), known, bit),
                ]
            }
            chosen = try graph.add(MotetGraph.Concatenate(axis: 2), halves)[0]
        }
        return chosen ?? steps
    }

    /// `-sum r log(r + 1e-6)` over all selectors of a row.
    private func entropy(
        _ chosen: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let tiny = graph.constant(Tensor([Float(1e-6)], shape: []))
        let logarithms = try graph.apply(
            Logarithm(),
            try graph.apply(Arithmetic(.add), chosen, tiny)
        )
        let terms = try graph.apply(Arithmetic(.multiply), chosen, logarithms)
        let perSelector = try graph.apply(MotetGraph.Mean(axis: 2), terms)
        let perRow = try graph.apply(MotetGraph.Mean(axis: 0), perSelector)
        return try graph.apply(Scale(-Float(tasks * selectors * experts)), perRow)
    }
}
