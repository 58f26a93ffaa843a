import MotetCore
public import MotetGraph

/// A recurrent layer run in both directions, each with weights of its own.
///
/// Parameters are called `bidirectional_1/forward/...` and `bidirectional_1/backward/...`. Of padded steps
/// holds what holds for the layer inside.
///
/// - Shapes: input `[B, T, I]`, then, if wanted, the first states forwards and those backwards; output
///   `[B, T, 2U]` or `[B, 2U]` when joined, else `[B, T, U]` or `[B, U]`; `withStates` gives the last states
///   forwards, then backwards
/// - Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", IEEE Transactions on Signal
///   Processing 45(11), 1997.
public final class Bidirectional: UnaryLayer {
    /// How the two directions become one output.
    public enum Merge: String, Sendable, Codable {
        /// Side by side, forwards first.
        case concatenate
        /// Their sum.
        case sum
        /// Their mean.
        case average
        /// Their product, element by element.
        case multiply
    }

    /// `bidirectional`.
    public static let kind = "bidirectional"
    /// The user's name.
    public let name: String?
    private let layer: any RecurrentLayer
    private let merge: Merge

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - layer: what is run in both directions; a reversed one is run backwards first.
    ///   - merge: how the two directions become one output.
    ///   - name: a name for parameters and messages.
    public init(
        _ layer: any RecurrentLayer,
        merge: Merge = .concatenate,
        name: String? = nil
    ) {
        self.layer = layer
        self.merge = merge
        self.name = name
    }

    /// Runs both directions and merges them.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let count = type(of: layer).stateCount
        let states = Array(inputs.dropFirst())
        guard states.isEmpty || states.count == 2 * count else {
            throw GraphError(
                .shapeMismatch,
                "wrong number of initial states; expected none or \(2 * count); received \(states.count)."
            )
        }
        let mask = context.mask(of: inputs[0])
        var (outputs, last): ([Value], [Value]) = ([], [])
        for (direction, name) in ["forward", "backward"].enumerated() {
            let first =
                states.isEmpty ? [] : Array(states[direction * count..<(direction + 1) * count])
            let isReversed = layer.options.isReversed != (direction == 1)
            let made = try context.enter(name) { context throws(GraphError) in
                try layer.scan(
                    inputs[0],
                    mask: mask,
                    states: first,
                    isReversed: isReversed,
                    in: &context
                )
            }
            outputs.append(layer.options.returnsSequences ? made.sequence : made.states[0])
            last += made.states
        }
        var output = try merged(outputs, in: &context)
        if layer.options.returnsSequences {
            output = try context.zeroed(output, mask, layer.options.zeroesPadding)
        }
        return [output] + last
    }

    private func merged(
        _ outputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        switch merge {
        case .concatenate:
            let axis = context.graph.shape(of: outputs[0]).rank - 1
            return try context.graph.add(MotetGraph.Concatenate(axis: axis), outputs)[0]
        case .sum: return try context.graph.add(AddN(), outputs)[0]
        case .average:
            return try context.graph.apply(Scale(0.5), context.graph.add(AddN(), outputs)[0])
        case .multiply:
            return try context.graph.apply(Arithmetic(.multiply), outputs[0], outputs[1])
        }
    }

    /// Calls the layer and gives its last states too.
    ///
    /// - Parameters:
    ///   - input: the sequence `[B, T, I]`.
    ///   - states: the states to start from, those forwards first; none for zeros.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: the output and the last states, those forwards first.
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
}
