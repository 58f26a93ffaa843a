import MotetCore
public import MotetGraph

/// A learnt vector for each id.
///
/// One instance called on several inputs is one table for all of them.
///
/// - Shapes: ids `[B]` or `[B, T]`, int32, output `[B, D]` or `[B, T, D]`; an id outside the table
///   reads row 0, "unknown"
/// - Learned: `weight` `[V, D]`, uniform in [-0.05, 0.05) by default
public final class Embedding: UnaryLayer {
    /// `embedding`.
    public static let kind = "embedding"
    /// The user's name.
    public let name: String?
    /// The number of ids, `V`, row 0 included.
    public let vocabularySize: Int
    /// The width of a vector, `D`.
    public let dimension: Int
    /// Whether id 0 is padding, and the result carries a mask.
    public let masksZero: Bool
    private let initializer: Initializer

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - vocabularySize: the number of ids, row 0 included.
    ///   - dimension: the width of a vector.
    ///   - masksZero: whether id 0 is padding: then the layers behind, losses and metrics leave such steps
    ///     out.
    ///   - initializer: the table's first values.
    ///   - name: a name for parameters and messages.
    public init(
        vocabularySize: Int,
        dimension: Int,
        masksZero: Bool = false,
        initializer: Initializer = .uniform(limit: 0.05),
        name: String? = nil
    ) {
        self.vocabularySize = vocabularySize
        self.dimension = dimension
        self.masksZero = masksZero
        self.initializer = initializer
        self.name = name
    }

    /// Looks the ids up.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        if inputs.count == 2 {
            return [try pooled(inputs[0], inputs[1], .mean, in: &context)]
        }
        let rows = try context.graph.apply(EmbeddingLookup(), table(in: &context), inputs[0])
        if masksZero {
            guard context.graph.shape(of: inputs[0]).rank == 2 else {
                throw GraphError(
                    .shapeMismatch,
                    "'masksZero' needs sequences of ids; expected [B, T]; received \(context.graph.shape(of: inputs[0]))."
                )
            }
            context.setMask(try context.graph.apply(PaddingMask(), inputs[0]), of: rows)
        }
        return [rows]
    }

    func table(in context: inout ForwardContext) throws(GraphError) -> Value {
        guard vocabularySize >= 1, dimension >= 1 else {
            throw GraphError(
                .outOfRange,
                "a size is out of range; expected at least 1; received vocabularySize \(vocabularySize), dimension \(dimension)."
            )
        }
        return try context.parameter(
            "weight",
            shape: [vocabularySize, dimension],
            initializer: initializer,
            role: .table
        )
    }

    func pooled(
        _ values: Value,
        _ offsets: Value,
        _ pooling: Pooling,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let table = try table(in: &context)
        return try context.graph.apply(MotetGraph.PooledEmbedding(pooling), table, values, offsets)
    }

    /// The sum or mean of the vectors of each row's list of ids.
    ///
    /// - Parameters:
    ///   - input: lists of ids.
    ///   - pooling: sum or mean; an empty list gives zeros.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: `[B, D]`.
    /// - Throws: `GraphError` when a size is out of range.
    public func pooled(
        _ input: RaggedInput,
        _ pooling: Pooling = .mean,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) -> SymbolicTensor {
        let view = PooledView(of: self, pooling)
        let location = SourceLocation(fileID: fileID, line: line)
        return try view.call([input.values, input.offsets], at: location)[0]
    }
}

/// Pooled lookups in the table of another layer.
///
/// It carries the name of that layer, so that both speak of
/// one parameter.
final class PooledView: Layer {
    static let kind = "pooled"
    private let embedding: Embedding
    private let pooling: Pooling
    var name: String? { nil }

    init(of embedding: Embedding, _ pooling: Pooling) {
        self.embedding = embedding
        self.pooling = pooling
    }

    /// The layer whose table this one reads.
    var owner: Embedding { embedding }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        [try embedding.pooled(inputs[0], inputs[1], pooling, in: &context)]
    }
}
