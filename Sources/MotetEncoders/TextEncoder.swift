import MotetCore
public import MotetGraph
public import MotetNN

/// A pretrained encoder as a layer: ids of word pieces in, a vector for each text out.
///
/// A text's vector is the mean of its positions' vectors, brought to length 1.
///
/// - Shapes: ids `[B, T]`, int32, padded with 0; output `[B, D]`, or `[B, T, D]` for `.positions`, which has
///   a mask
/// - Learned: the encoder's weights as they are, `word/weight`, `position/weight`, `segment/weight`,
///   `normalization/...`, `block_1/...` as of ``TransformerEncoder``; trained as `training` says
/// - Departures: adapters change queries, keys and values through one matrix of rank `r`, as they are one
///   product here; LoRA gives each its own. Attention probabilities are never dropped.
public final class TextEncoder: UnaryLayer {
    /// Which weights learn.
    public enum Training: Sendable, Hashable {
        /// None: no gradient is computed inside the encoder.
        case frozen
        /// All.
        case all
        /// Those of the last blocks; the rest is frozen.
        case lastBlocks(Int)
        /// None, but a change of low rank beside each attention's projection: `W + (alpha / rank) A B`.
        case adapters(rank: Int, alpha: Float)
    }

    /// What the layer gives.
    public enum Output: Sendable, Hashable {
        /// One vector of length 1 for each text.
        case sentence
        /// One vector for each position.
        case positions
    }

    /// `text_encoder`.
    public static let kind = "text_encoder"
    /// The user's name.
    public let name: String?
    /// The encoder whose weights it starts from.
    public let encoder: PretrainedEncoder
    private let training: Training
    private let output: Output
    private let word: Embedding
    private let position: LearntPositions
    private let normalization: MotetNN.LayerNormalization
    private let dropout: MotetNN.Dropout?
    private let blocks: [TransformerEncoder]

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - encoder: the pretrained encoder.
    ///   - training: which weights learn.
    ///   - output: a vector for each text, or for each position.
    ///   - dropout: the share of elements dropped while training, where weights learn; BERT has 0.1.
    ///   - name: a name for parameters and messages.
    public init(
        _ encoder: PretrainedEncoder,
        training: Training = .frozen,
        output: Output = .sentence,
        dropout: Float = 0,
        name: String? = nil
    ) {
        let sizes = encoder.configuration
        let dropout = training == .frozen ? 0 : dropout
        self.encoder = encoder
        self.training = training
        self.output = output
        self.name = name
        word = Embedding(
            vocabularySize: sizes.vocabularySize,
            dimension: sizes.width,
            masksZero: true,
            name: "word"
        )
        position = LearntPositions(maximumLength: sizes.maximumPositions, name: "position")
        normalization = MotetNN.LayerNormalization(epsilon: sizes.epsilon, name: "normalization")
        self.dropout = dropout == 0 ? nil : MotetNN.Dropout(dropout, name: "dropout")
        blocks = (1...sizes.blocks).map { number in
            TransformerEncoder(
                heads: sizes.heads,
                hiddenUnits: sizes.hiddenUnits,
                activation: sizes.activation,
                dropout: dropout,
                epsilon: sizes.epsilon,
                name: "block_\(number)"
            )
        }
    }

    /// Encodes.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let type = context.graph.type(of: inputs[0])
        guard type.dtype == .int32, type.shape.rank == 2, let length = type.shape[1].fixedSize,
            length <= encoder.configuration.maximumPositions
        else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong type; expected ids [B, T], int32, of at most \(encoder.configuration.maximumPositions) positions; received \(type)."
            )
        }
        try checkTraining()
        return try context.with(rules(under: context.scope)) { context throws(GraphError) in
            var value = try embedded(inputs[0], in: &context)
            for block in blocks { value = try context.call(block, [value])[0] }
            guard output == .sentence else { return [value] }
            let pooled = try context.maskedMean(value)
            return [try context.graph.add(L2Normalization(), [pooled])[0]]
        }
    }

    private func embedded(
        _ ids: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        let words = try context.call(word, [ids])[0]
        let placed = try context.call(position, [words])[0]
        let sizes = encoder.configuration
        let segments = try context.nestedParameter(
            "segment",
            "weight",
            shape: [sizes.segmentTypes, sizes.width]
        )
        var first = segments
        if sizes.segmentTypes > 1 {
            let pieces = Split(axis: 0, sizes: [1, sizes.segmentTypes - 1])
            first = try context.graph.add(pieces, [segments])[0]
        }
        let sum = try context.graph.apply(Arithmetic(.add), placed, first)
        var result = try context.call(normalization, [sum])[0]
        if let dropout { result = try context.call(dropout, [result])[0] }
        context.setMask(context.mask(of: words), of: result)
        return result
    }

    private func checkTraining() throws(GraphError) {
        let count = encoder.configuration.blocks
        switch training {
        case .frozen, .all: return
        case .lastBlocks(let last) where (1...count).contains(last): return
        case .lastBlocks(let last):
            throw GraphError(
                .outOfRange,
                "'lastBlocks' is out of range; expected from 1 to \(count); received \(last)."
            )
        case .adapters(let rank, _) where (1...encoder.configuration.width).contains(rank): return
        case .adapters(let rank, _):
            throw GraphError(
                .outOfRange,
                "'rank' is out of range; expected from 1 to \(encoder.configuration.width); received \(rank)."
            )
        }
    }

    /// First values from the encoder, and roles by what learns.
    private func rules(under scope: String) -> ParameterRules {
        let (weights, training) = (encoder.weights, training)
        let blocks = encoder.configuration.blocks
        @Sendable func local(_ name: String) -> String { String(name.dropFirst(scope.count + 1)) }
        @Sendable func learns(_ name: String) -> Bool {
            switch training {
            case .frozen, .adapters: return false
            case .all: return true
            case .lastBlocks(let last):
                let number = name.dropFirst("block_".count).prefix { $0 != "/" }
                return name.hasPrefix("block_") && Int(number) ?? 0 > blocks - last
            }
        }
        return ParameterRules(
            parameter: { name, initializer, role in
                guard let values = weights[local(name)] else { return (initializer, role) }
                return (.given(values), learns(local(name)) ? role : .frozen)
            },
            adapter: { name in
                guard case .adapters(let rank, let alpha) = training,
                    name.hasSuffix("attention/projection/weight")
                else { return nil }
                return ParameterRules.Adapter(rank: rank, alpha: alpha)
            }
        )
    }
}

extension ForwardContext {
    /// A parameter under a name inside the running layer.
    fileprivate mutating func nestedParameter(
        _ scope: String,
        _ name: String,
        shape: [Int]
    ) throws(GraphError) -> Value {
        try enter(scope) { context throws(GraphError) in
            try context.parameter(name, shape: shape, initializer: .normal(deviation: 0.02))
        }
    }

    /// The mean over the positions that the mask leaves in: `[B, T, D]` to `[B, D]`; zeros where it leaves
    /// none.
    fileprivate mutating func maskedMean(_ value: Value) throws(GraphError) -> Value {
        guard let mask = mask(of: value) else {
            return try graph.apply(MotetGraph.Mean(axis: 1), value)
        }
        let shape = graph.shape(of: mask)
        let weights = try graph.apply(MotetGraph.Reshape(shape.appending(1)), mask)
        let product = try graph.apply(Arithmetic(.multiply), value, weights)
        let mean = try graph.apply(MotetGraph.Mean(axis: 1), product)  // [B, D]
        let share = try graph.apply(MotetGraph.Mean(axis: 1), weights)  // [B, 1]
        let least = graph.constant(Tensor([Float(1e-9)], shape: [1]))
        let divisor = try graph.apply(Arithmetic(.add), share, least)
        return try graph.apply(Arithmetic(.divide), mean, divisor)
    }
}
