import MotetCore
import MotetGraph
import MotetNN

/// A way a list of ids is read step by step, mostly beside a candidate.
public struct SequenceInteraction: Sendable, Hashable {
    /// How it is read.
    public enum Reader: Sendable, Hashable {
        /// DIN: a small network weighs each step by the candidate.
        case din(units: [Int], activation: StepActivation)
        /// DIEN: two recurrences, of which the second attends to the candidate; `auxiliary` weighs a loss by which the
        /// first learns to tell the next step from another.
        case dien(auxiliary: Float)
        /// SASRec: blocks of causal self-attention.
        case sasRec(AttentionBlocks)
        /// BST: blocks of self-attention over the list and the candidate.
        case bst(AttentionBlocks)
    }

    /// The feature with the list.
    public var history: String
    /// The feature with the candidate, which SASRec has none of.
    public var candidate: String?
    /// How the list is read.
    public var reader: Reader

    /// Describes the interaction.
    public init(history: String, candidate: String? = nil, reader: Reader) {
        self.history = history
        self.candidate = candidate
        self.reader = reader
    }

    /// The name in configurations.
    public var name: String {
        switch reader {
        case .din: "din"
        case .dien: "dien"
        case .sasRec: "sasrec"
        case .bst: "bst"
        }
    }

    /// The blocks of self-attention, where there are some.
    public var blocks: AttentionBlocks? {
        switch reader {
        case .sasRec(let blocks), .bst(let blocks): blocks
        case .din, .dien: nil
        }
    }

    /// The names in configurations.
    static let names = ["din", "dien", "sasrec", "bst"]

    /// The layer, called on the vectors of all steps, their offsets and, if there is one, the candidate; it reads the
    /// last `length` steps of a list.
    func layer(length: Int) -> any Layer {
        // `din/viewed`: several lists may be read in one way.
        let name = "\(name)/\(history)"
        switch reader {
        case .din(let units, let activation):
            return TargetAttention(units, activation: activation, length: length, name: name)
        case .dien(let auxiliary):
            return InterestEvolution(auxiliary: auxiliary, length: length, name: name)
        case .sasRec(let blocks):
            return CausalHistory(blocks, length: length, name: name)
        case .bst(let blocks):
            return CandidateTransformer(blocks, length: length, name: name)
        }
    }
}

/// The sizes of blocks of self-attention.
public struct AttentionBlocks: Sendable, Hashable {
    /// The number of blocks.
    public var layers: Int
    /// The heads of each; they divide the width of the vectors.
    public var heads: Int
    /// The share dropped from what each part of a block adds, while training.
    public var dropout: Float

    /// Describes the blocks.
    public init(layers: Int, heads: Int = 1, dropout: Float = 0) {
        self.layers = layers
        self.heads = heads
        self.dropout = dropout
    }

    /// Refuses sizes below 1.
    func check() throws(GraphError) {
        guard layers >= 1, heads >= 1 else {
            throw GraphError(
                .outOfRange,
                "a size is out of range; expected at least 1; received \(layers) layers and \(heads) heads."
            )
        }
    }
}

extension ForwardContext {
    /// Lists of vectors `[N, D]` as sequences of one length `[B, L, D]` that end together, and their mask `[B, L]`.
    mutating func padded(
        _ rows: Value,
        _ offsets: Value,
        _ length: Int
    ) throws(GraphError) -> (steps: Value, mask: Value) {
        let made = try graph.add(PadLists(length: length), [rows, offsets])
        setMask(made[1], of: made[0])
        return (made[0], made[1])
    }

    /// A matrix `[B, L]` as `[B, L, 1]`.
    mutating func column(_ value: Value) throws(GraphError) -> Value {
        try graph.apply(MotetGraph.Reshape(graph.shape(of: value).appending(1)), value)
    }

    /// A matrix `[B, D]` as one step `[B, 1, D]`.
    mutating func oneStep(_ value: Value) throws(GraphError) -> Value {
        let shape = graph.shape(of: value)
        return try graph.apply(MotetGraph.Reshape([shape[0], 1, shape[1]]), value)
    }

    /// The last step of a sequence `[B, L, D]`, `[B, D]`.
    mutating func lastStep(_ value: Value) throws(GraphError) -> Value {
        let shape = graph.shape(of: value)
        let length = shape[1].fixedSize ?? 1
        let last =
            length == 1
            ? value
            : try graph.add(MotetGraph.Split(axis: 1, sizes: [length - 1, 1]), [value])[1]
        return try graph.apply(MotetGraph.Reshape([shape[0], shape[2]]), last)
    }
}
