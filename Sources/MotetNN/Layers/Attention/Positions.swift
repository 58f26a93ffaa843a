import MotetCore
public import MotetGraph

/// Adds to each position a vector of sines and cosines that tells where it is.
///
/// `P[t, 2 i] = sin(t / 10000^(2 i / I))`, `P[t, 2 i + 1] = cos(t / 10000^(2 i / I))`.
///
/// - Shapes: input and output `[B, T, I]`
/// - Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.5.
public final class SinusoidalPositions: UnaryLayer {
    /// `sinusoidal_positions`.
    public static let kind = "sinusoidal_positions"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Adds the vectors.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (length, width) = try context.sequenceSizes(of: inputs[0])
        var table: [Float] = []
        for time in 0..<length {
            for unit in 0..<width {
                let angle = Double(time) / power(10000, Double(unit - unit % 2) / Double(width))
                table.append(Float(unit.isMultiple(of: 2) ? sine(angle) : cosine(angle)))
            }
        }
        let vectors = context.graph.constant(Tensor(table, shape: [length, width]))
        let result = try context.graph.apply(Arithmetic(.add), inputs[0], vectors)
        return [result]
    }
}

/// Adds to each position a learnt vector that tells where it is.
///
/// - Shapes: input and output `[B, T, I]`, with `T` at most the maximum
/// - Learned: `weight` `[maximumLength, I]`, normal with deviation 0.02
public final class LearntPositions: UnaryLayer {
    /// `learnt_positions`.
    public static let kind = "learnt_positions"
    /// The user's name.
    public let name: String?
    /// How many positions there are vectors for.
    public let maximumLength: Int

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - maximumLength: how many positions there are vectors for.
    ///   - name: a name for parameters and messages.
    public init(maximumLength: Int, name: String? = nil) {
        self.maximumLength = maximumLength
        self.name = name
    }

    /// Adds the vectors.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (length, width) = try context.sequenceSizes(of: inputs[0])
        guard length <= maximumLength else {
            throw GraphError(
                .outOfRange,
                "the input is too long; expected at most \(maximumLength) positions; received \(length)."
            )
        }
        let weight = try context.parameter(
            "weight",
            shape: [maximumLength, width],
            initializer: .normal(deviation: 0.02)
        )
        var vectors = weight
        if length < maximumLength {
            let sizes = [length, maximumLength - length]
            vectors = try context.graph.add(Split(axis: 0, sizes: sizes), [weight])[0]
        }
        let result = try context.graph.apply(Arithmetic(.add), inputs[0], vectors)
        return [result]
    }
}

extension ForwardContext {
    /// Length and width of a sequence `[B, T, I]`.
    func sequenceSizes(of value: Value) throws(GraphError) -> (length: Int, width: Int) {
        let shape = graph.shape(of: value)
        guard shape.rank == 3, let length = shape[1].fixedSize, let width = shape[2].fixedSize
        else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected a sequence [B, T, I]; received \(shape)."
            )
        }
        return (length, width)
    }
}
