import MotetCore
public import MotetGraph

/// Attention of several heads, to the positions of one sequence or of another.
///
/// For each head, `softmax(q k^T / sqrt(d)) v` with `q = x Wq`, `k = m Wk`, `v = m Wv`; the heads stand
/// beside each other and go through one more product. Positions that the mask of `m` leaves out are not
/// seen.
///
/// - Shapes: queries x `[B, Tq, I]`, memory m `[B, Tk, M]` (x itself when called on one tensor), output
///   `[B, Tq, I]`
/// - Learned, called on one tensor: `projection/weight` `[I, 3 H d]` and `projection/bias`, queries, keys
///   and values beside each other; on two: `query/...` `[I, H d]` and `key_value/...` `[M, 2 H d]`; then
///   `output/weight` `[H d, I]` and `output/bias`. Weights Glorot uniform as if apart, biases zeros
/// - Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.2.2.
public final class MultiHeadAttention: UnaryLayer {
    /// `multi_head_attention`.
    public static let kind = "multi_head_attention"
    /// The user's name.
    public let name: String?
    /// The number of heads, `H`.
    public let heads: Int
    private let headWidth: Int?
    private let isCausal: Bool
    private let useBias: Bool

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - heads: the number of heads.
    ///   - headWidth: the width of a head; by default `I / heads`.
    ///   - isCausal: whether a position sees only itself and those before it.
    ///   - useBias: whether products have biases.
    ///   - name: a name for parameters and messages.
    public init(
        heads: Int,
        headWidth: Int? = nil,
        isCausal: Bool = false,
        useBias: Bool = true,
        name: String? = nil
    ) {
        self.heads = heads
        self.headWidth = headWidth
        self.isCausal = isCausal
        self.useBias = useBias
        self.name = name
    }

    /// Calls the layer on queries and on the sequence they attend to.
    ///
    /// - Parameters:
    ///   - queries: what asks, `[B, Tq, I]`.
    ///   - memory: what is asked, `[B, Tk, M]`.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: `[B, Tq, I]`.
    /// - Throws: `GraphError` when the inputs do not fit.
    public func callAsFunction(
        _ queries: some TensorConvertible,
        attendingTo memory: some TensorConvertible,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) -> SymbolicTensor {
        let location = SourceLocation(fileID: fileID, line: line)
        return try call([queries.tensor, memory.tensor], at: location)[0]
    }

    /// Attends.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let memory = inputs[inputs.count - 1]
        let shape = context.graph.shape(of: inputs[0])
        let width = try context.sequenceSizes(of: inputs[0]).width
        _ = try context.sequenceSizes(of: memory)
        guard heads >= 1, headWidth ?? 1 >= 1, headWidth != nil || width % heads == 0 else {
            throw GraphError(
                .outOfRange,
                "'heads' is out of range; expected a divisor of \(width); received \(heads). Give a `headWidth` for others."
            )
        }
        let units = heads * (headWidth ?? width / heads)
        let parts =
            inputs.count == 1
            ? try own(inputs[0], units, in: &context)
            : try other(inputs[0], memory, units, in: &context)
        var reads = parts
        if let mask = context.mask(of: memory) { reads.append(mask) }
        let operation = Attention(heads: heads, isCausal: isCausal)
        let attended = try context.graph.add(operation, reads)[0]  // [B, Tq, H d]
        let result = try context.linear(
            "output",
            context.flattened(attended),
            units: width,
            useBias: useBias
        )
        let output = try context.graph.apply(MotetGraph.Reshape(shape), result)
        context.setMask(context.mask(of: inputs[0]), of: output)
        return [output]
    }

    /// Queries, keys and values of one sequence, by one product.
    private func own(
        _ input: Value,
        _ units: Int,
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try projected("projection", input, units, parts: 3, in: &context)
    }

    private func other(
        _ input: Value,
        _ memory: Value,
        _ units: Int,
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try projected("query", input, units, parts: 1, in: &context)
            + projected("key_value", memory, units, parts: 2, in: &context)
    }

    private func projected(
        _ name: String,
        _ input: Value,
        _ units: Int,
        parts: Int,
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: input).replacingLast(with: .fixed(units))
        let width = context.graph.shape(of: input).last.fixedSize ?? 0
        let limit = (6 / Double(width + units)).squareRoot()
        let product = try context.linear(
            name,
            context.flattened(input),
            units: parts * units,
            initializer: .uniform(limit: Float(limit)),
            useBias: useBias
        )
        let pieces =
            parts == 1
            ? [product]
            : try context.graph.add(
                Split(axis: 1, sizes: Array(repeating: units, count: parts)),
                [product]
            )
        var results: [Value] = []
        for piece in pieces {
            results.append(try context.graph.apply(MotetGraph.Reshape(shape), piece))
        }
        return results
    }
}

extension ForwardContext {
    /// The rows of a tensor under one another: `[B, T, I]` as `[B T, I]`.
    mutating func flattened(_ value: Value) throws(GraphError) -> Value {
        let shape = graph.shape(of: value)
        guard shape.rank != 2, let rows = shape.droppingLast.elementCount else { return value }
        return try graph.apply(MotetGraph.Reshape([rows, shape.last]), value)
    }
}
