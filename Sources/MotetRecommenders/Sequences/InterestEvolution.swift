import MotetCore
import MotetGraph
import MotetNN

/// Deep interest evolution network: how interests came about, and how those near a candidate went on.
///
/// A GRU makes of the steps interests `h_t`. With `a_t = softmax_t(h_t . (c W))` over the steps of the list, a second
/// recurrence moves its state by `a_t` of what a GRU would (AUGRU): `s_t = (1 - a_t u_t) s_{t-1} + a_t u_t n_t`; its last
/// state is the result.
///
/// The auxiliary loss teaches interests to tell the next step from another list's: the mean over pairs of steps of
/// `-log sigmoid(h_t . e_{t+1}) - log(1 - sigmoid(h_t . e'_{t+1}))`.
///
/// - Shapes: inputs: vectors of all steps `[N, D]`, offsets `[B + 1]` and candidates `[B, D]`; output `[B, D]`, zeros for an
///   empty list
/// - Learned: `extractor`, a `GRU` of D units; `attention/weight` `[D, D]`; `evolution/input/weight` `[D, 3 D]`,
///   `evolution/recurrent_weight` `[D, 3 D]`; biases
/// - Source: Zhou et al., "Deep Interest Evolution Network for Click-Through Rate Prediction", AAAI 2019.
///   <https://doi.org/10.1609/aaai.v33i01.33015941>
/// - Departures: the other step is what stands `length` further on in the batch's lists, so always one of another list where
///   the batch has as many; the paper draws an item. The mean runs over pairs, the paper's over lists.
final class InterestEvolution: Layer {
    static let kind = "interest_evolution"
    let name: String?
    private let auxiliary: Float
    private let length: Int

    init(auxiliary: Float, length: Int, name: String) {
        self.auxiliary = auxiliary
        self.length = length
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (steps, mask) = try context.padded(inputs[0], inputs[1], length)
        let width = context.graph.shape(of: steps).last.fixedSize ?? 1
        let extractor = GRU(width, returnsSequences: true, name: "extractor")
        let interests = try context.call(extractor, [steps])[0]
        let asked = try context.call(
            Dense(width, useBias: false, name: "attention"),
            [inputs[2]]
        )[0]
        let shares = try shares(interests, asked, mask, in: &context)
        let evolution = AttentionalGRU(width, name: "evolution")
        let last = try context.call(evolution, [interests, mask, shares])[0]
        if auxiliary > 0, length > 1 {
            let other = try context.graph.add(
                PadLists(length: length, shift: length),
                [inputs[0], inputs[1]]
            )[0]
            addLoss(interests, steps, other, mask, to: &context)
        }
        return [last]
    }

    /// The softmax over the steps of a list of `h_t . q`, `[B, L]`.
    private func shares(
        _ interests: Value,
        _ asked: Value,
        _ mask: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let products = try context.graph.innerProducts(interests, try context.oneStep(asked))
        let logits = try context.graph.apply(
            MotetGraph.Reshape(context.graph.shape(of: mask)),
            products
        )
        let one = context.graph.constant(Tensor([Float(1)], shape: []))
        let padding = try context.graph.apply(Arithmetic(.subtract), mask, one)
        // So far below that its share is 0.
        let hidden = try context.graph.apply(Scale(1e9), padding)
        let masked = try context.graph.apply(Arithmetic(.add), logits, hidden)
        return try context.graph.apply(MotetGraph.Softmax(), masked)
    }

    private func addLoss(
        _ interests: Value,
        _ steps: Value,
        _ other: Value,
        _ mask: Value,
        to context: inout ForwardContext
    ) {
        let (factor, length) = (auxiliary, self.length)
        context.addLoss("\(name ?? "dien") next step", of: []) { (_, graph) throws(GraphError) in
            func first(_ value: Value, _ graph: inout GraphBuilder) throws(GraphError) -> Value {
                try graph.add(MotetGraph.Split(axis: 1, sizes: [length - 1, 1]), [value])[0]
            }
            func next(_ value: Value, _ graph: inout GraphBuilder) throws(GraphError) -> Value {
                try graph.add(MotetGraph.Split(axis: 1, sizes: [1, length - 1]), [value])[1]
            }
            // Sequences end together: the step after one of the list is one too.
            let known = try first(mask, &graph)
            let state = try first(interests, &graph)
            let right = try graph.innerProducts(state, try next(steps, &graph))
            let wrong = try graph.innerProducts(state, try next(other, &graph))
            let losses = try graph.apply(
                Arithmetic(.add),
                try graph.apply(
                    MotetGraph.Activation(.softplus),
                    try graph.apply(Scale(-1), right)
                ),
                try graph.apply(MotetGraph.Activation(.softplus), wrong)
            )
            let column = try graph.apply(
                MotetGraph.Reshape(graph.shape(of: known).appending(1)),
                known
            )
            let counted = try graph.apply(Arithmetic(.multiply), losses, column)
            let total = try graph.apply(SumToShape(.scalar), counted)
            // At least 1: a batch may have no pair.
            let one = graph.constant(Tensor([Float(1)], shape: []))
            let count = try graph.apply(SumToShape(.scalar), known)
            let more = try graph.apply(
                MotetGraph.Activation(.relu),
                try graph.apply(Arithmetic(.subtract), count, one)
            )
            let divisor = try graph.apply(
                StopGradient(),
                try graph.apply(Arithmetic(.add), more, one)
            )
            let mean = try graph.apply(Arithmetic(.divide), total, divisor)
            return try graph.apply(Scale(factor), mean)
        }
    }
}

/// A GRU whose update gate is made smaller by a share for each step; its last state.
///
/// `u = a (1 - z)`, `s' = (1 - u) s + u n` with a GRU's z and n. Steps whose mask is 0 change nothing.
///
/// - Shapes: inputs: a sequence `[B, L, I]`, its mask `[B, L]` and shares a `[B, L]`; output `[B, U]`
/// - Learned: `input/weight` `[I, 3U]` and `input/bias`; `recurrent_weight` `[U, 3U]`, orthogonal, and `recurrent_bias`
private final class AttentionalGRU: Layer {
    static let kind = "augru"
    let name: String?
    private let units: Int

    init(_ units: Int, name: String) {
        self.units = units
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let gates = try context.call(Dense(3 * units, name: "input"), [inputs[0]])[0]
        let weight = try context.parameter(
            "recurrent_weight",
            shape: [units, 3 * units],
            initializer: .orthogonal
        )
        let bias = try context.parameter(
            "recurrent_bias",
            shape: [3 * units],
            initializer: .zeros,
            role: .bias
        )
        let scan = GRUScan(isMasked: true, hasAttention: true)
        return [try context.graph.add(scan, [gates, weight, bias, inputs[1], inputs[2]])[1]]
    }
}

extension GraphBuilder {
    /// The inner products of vectors along the last axis, which becomes 1: `[B, L, D]` to `[B, L, 1]`.
    mutating func innerProducts(_ left: Value, _ right: Value) throws(GraphError) -> Value {
        let products = try apply(Arithmetic(.multiply), left, right)
        return try apply(SumToShape(shape(of: products).replacingLast(with: 1)), products)
    }
}
