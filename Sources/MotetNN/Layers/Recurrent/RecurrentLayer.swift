import MotetCore
public import MotetGraph

/// A layer that runs over the steps of a sequence and carries a state from one to the next.
///
/// It is called on a sequence `[B, T, I]` and, if wanted, on the states to start from, each `[B, U]`; it
/// gives its output, the sequence of all steps `[B, T, U]` or the last state `[B, U]`, and then its last
/// states. Steps that the input's mask marks as padding change nothing, wherever they stand.
public protocol RecurrentLayer: UnaryLayer {
    /// The width of a state, `U`.
    var units: Int { get }
    /// How many states there are: 2 for an LSTM, 1 for a GRU.
    static var stateCount: Int { get }
    /// Which steps the output has, and in which order they are taken.
    var options: RecurrentOptions { get }

    /// Runs over all steps.
    ///
    /// - Parameters:
    ///   - input: the sequence `[B, T, I]`.
    ///   - mask: which steps are real, `[B, T]`, or nil when all are.
    ///   - states: none, or the states to start from.
    ///   - isReversed: whether steps are taken from the last to the first.
    ///   - context: where nodes and parameters are added.
    /// - Returns: the sequence `[B, T, U]` and the last states.
    /// - Throws: `GraphError` when an input does not fit.
    func scan(
        _ input: Value,
        mask: Value?,
        states: [Value],
        isReversed: Bool,
        in context: inout ForwardContext
    ) throws(GraphError) -> (sequence: Value, states: [Value])
}

/// Choices that recurrent layers share.
public struct RecurrentOptions: Hashable, Sendable {
    /// Whether the output is the sequence of all steps instead of the last state.
    public let returnsSequences: Bool
    /// Whether steps are taken from the last to the first.
    public let isReversed: Bool
    /// Whether the output is 0 at padded steps instead of the state carried over.
    public let zeroesPadding: Bool
}

/// What a recurrent layer makes.
public struct RecurrentResult: Sendable {
    /// The sequence `[B, T, U]`, or the last state `[B, U]`.
    public let output: SymbolicTensor
    /// The last states, each `[B, U]`: h, and for an LSTM c.
    public let states: [SymbolicTensor]
}

extension RecurrentLayer {
    /// Runs over all steps and gives the output and the last states.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let states = Array(inputs.dropFirst())
        try checkStates(states.count)
        let mask = context.mask(of: inputs[0])
        let made = try scan(
            inputs[0],
            mask: mask,
            states: states,
            isReversed: options.isReversed,
            in: &context
        )
        guard options.returnsSequences else { return [made.states[0]] + made.states }
        let sequence = try context.zeroed(made.sequence, mask, options.zeroesPadding)
        return [sequence] + made.states
    }

    /// Calls the layer and gives its last states too.
    ///
    /// - Parameters:
    ///   - input: the sequence `[B, T, I]`.
    ///   - states: the states to start from, each `[B, U]`; none for zeros.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: the output and the last states.
    /// - Throws: `GraphError` when an input does not fit.
    public func withStates(
        _ input: some TensorConvertible,
        from states: [SymbolicTensor] = [],
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) -> RecurrentResult {
        let location = SourceLocation(fileID: fileID, line: line)
        let made = try call([input.tensor] + states, at: location)
        return RecurrentResult(output: made[0], states: Array(made.dropFirst()))
    }

    private func checkStates(_ count: Int) throws(GraphError) {
        guard count == 0 || count == Self.stateCount else {
            throw GraphError(
                .shapeMismatch,
                "wrong number of initial states; expected none or \(Self.stateCount); received \(count)."
            )
        }
    }

    /// `x W + b` for every step: the part of the gates that does not depend on the state, `[B, T, G U]`.
    func projected(
        _ input: Value,
        gates: Int,
        bias: Initializer,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        guard units >= 1 else {
            throw GraphError(
                .outOfRange,
                "'units' is out of range; expected at least 1; received \(units)."
            )
        }
        let shape = context.graph.shape(of: input)
        guard shape.rank == 3, shape[1].fixedSize != nil, let width = shape.last.fixedSize,
            let rows = shape.droppingLast.elementCount
        else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected [B, T, I]; received \(shape)."
            )
        }
        let weight = try context.parameter(
            "weight",
            shape: [width, gates * units],
            initializer: .glorotUniform
        )
        let shift = try context.parameter(
            "bias",
            shape: [gates * units],
            initializer: bias,
            role: .bias
        )
        var value = try context.graph.apply(MotetGraph.Reshape([rows, .fixed(width)]), input)
        value = try context.graph.apply(MatMul(), value, weight)
        value = try context.graph.apply(AddBias(), value, shift)
        let target = shape.replacingLast(with: .fixed(gates * units))
        return try context.graph.apply(MotetGraph.Reshape(target), value)
    }
}

extension ForwardContext {
    /// A sequence with zeros at its padded steps, if wanted.
    mutating func zeroed(
        _ sequence: Value,
        _ mask: Value?,
        _ isWanted: Bool
    ) throws(GraphError) -> Value {
        guard isWanted, let mask else { return sequence }
        let column = graph.shape(of: mask).appending(1)
        let wide = try graph.apply(MotetGraph.Reshape(column), mask)
        return try graph.apply(Arithmetic(.multiply), sequence, wide)
    }
}
