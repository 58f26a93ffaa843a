import MotetCore
public import MotetGraph

/// Gated recurrent unit: like an LSTM with one state and three gates.
///
/// `r, z = sigmoid(...)` of `x W + b + h R + d`; `n = tanh(x W_n + b_n + r (h R_n + d_n))`;
/// `h' = (1 - z) n + z h`. Padded steps carry h over, in both directions.
///
/// - Shapes: `B` batch, `T` time, `I` input width, `U` units
///   - input: `[B, T, I]`; then, if wanted, the first h `[B, U]`
///   - output: `[B, T, U]` with `returnsSequences`, else the last h `[B, U]`
/// - Learned: `weight` `[I, 3U]`, Glorot uniform; `recurrent_weight` `[U, 3U]`, orthogonal; `bias` and
///   `recurrent_bias` `[3U]`, zeros. Gates stand in the order reset, update, new, as in PyTorch.
/// - Cost: `6 U (I + U)` FLOPs a step and row.
/// - Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", EMNLP 2014.
/// - Departures: the reset gate is applied after the product with R, as in cuDNN, PyTorch and Keras'
///   default; the paper applies it before.
public final class GRU: RecurrentLayer {
    /// `gru`.
    public static let kind = "gru"
    /// h alone.
    public static let stateCount = 1
    /// The user's name.
    public let name: String?
    /// The width of a state, `U`.
    public let units: Int
    /// What the output is.
    public let options: RecurrentOptions

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - units: the width of a state, at least 1.
    ///   - returnsSequences: whether the output is the sequence of all steps instead of the last h.
    ///   - reversed: whether steps are taken from the last to the first; the sequence keeps its order.
    ///   - zeroesPadding: whether the sequence is 0 at padded steps, and not the state carried over.
    ///   - name: a name for parameters and messages.
    public init(
        _ units: Int,
        returnsSequences: Bool = false,
        reversed: Bool = false,
        zeroesPadding: Bool = false,
        name: String? = nil
    ) {
        self.units = units
        self.name = name
        options = RecurrentOptions(
            returnsSequences: returnsSequences,
            isReversed: reversed,
            zeroesPadding: zeroesPadding
        )
    }

    /// Runs over all steps.
    public func scan(
        _ input: Value,
        mask: Value?,
        states: [Value],
        isReversed: Bool,
        in context: inout ForwardContext
    ) throws(GraphError) -> (sequence: Value, states: [Value]) {
        let gates = try projected(input, gates: 3, bias: .zeros, in: &context)
        let recurrent = try context.parameter(
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
        let operation = GRUScan(
            isReversed: isReversed,
            isMasked: mask != nil,
            hasState: !states.isEmpty
        )
        var inputs = [gates, recurrent, bias]
        if let mask { inputs.append(mask) }
        let made = try context.graph.add(operation, inputs + states)
        return (made[0], [made[1]])
    }
}
