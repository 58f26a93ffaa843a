import MotetCore
public import MotetGraph

/// Long short-term memory: a state that gates write, keep and read at every step.
///
/// `i, f, o = sigmoid(...)`, `g = tanh(...)` of `x W + b + h R`; `c' = f c + i g`; `h' = o tanh(c')`.
/// Padded steps carry h and c over, in both directions, so the last state is that of the last real step.
///
/// - Shapes: `B` batch, `T` time, `I` input width, `U` units
///   - input: `[B, T, I]`; then, if wanted, the first h and c, `[B, U]` each
///   - output: `[B, T, U]` with `returnsSequences`, else the last h `[B, U]`; `withStates` gives the last h
///     and c too
/// - Learned: `weight` `[I, 4U]`, Glorot uniform; `recurrent_weight` `[U, 4U]`, orthogonal; `bias` `[4U]`,
///   zeros, ones for the forget gate. Gates stand in the order input, forget, cell, output.
/// - Cost: `8 U (I + U)` FLOPs a step and row.
/// - Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997; the ones
///   of the forget gate: Jozefowicz, Zaremba and Sutskever, ICML 2015.
/// - Departures: PyTorch has two biases, of which the sum counts; add them when importing.
public final class LSTM: RecurrentLayer {
    /// `lstm`.
    public static let kind = "lstm"
    /// h and c.
    public static let stateCount = 2
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
    ///   - zeroesPadding: whether the sequence is 0 at padded steps, as PyTorch's packed sequences are, and
    ///     not the state carried over.
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
        let gates = try projected(input, gates: 4, bias: .lstmBias, in: &context)
        let recurrent = try context.parameter(
            "recurrent_weight",
            shape: [units, 4 * units],
            initializer: .orthogonal
        )
        let operation = LSTMScan(
            isReversed: isReversed,
            isMasked: mask != nil,
            hasState: !states.isEmpty
        )
        var inputs = [gates, recurrent]
        if let mask { inputs.append(mask) }
        let made = try context.graph.add(operation, inputs + states)
        return (made[0], [made[1], made[2]])
    }
}
