import MotetCore
import MotetGraph
import MotetNN

/// Self-attentive sequential recommendation: blocks of causal self-attention over a list; its last step.
///
/// Steps get learnt vectors of their places, counted from the end; then blocks `x = x + attention(norm(x))`,
/// `x = x + relu(norm(x) W + b) W' + b'`, and a normalisation.
///
/// - Shapes: inputs: vectors of all steps `[N, D]` and offsets `[B + 1]`; output `[B, D]`, zeros for an empty list
/// - Learned: `positions/weight` `[L, D]`; `block_i`, a `TransformerEncoder` with hidden layers of D units;
///   `normalization`
/// - Source: Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018.
///   <https://doi.org/10.1109/ICDM.2018.00035>
/// - Departures: the last step goes to the network that answers, where the paper multiplies it with candidates; heads go
///   through one more product; the last normalisation is that of the authors' program.
final class CausalHistory: Layer {
    static let kind = "causal_history"
    let name: String?
    private let blocks: AttentionBlocks
    private let length: Int

    init(_ blocks: AttentionBlocks, length: Int, name: String) {
        self.blocks = blocks
        self.length = length
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try blocks.check()
        let (steps, mask) = try context.padded(inputs[0], inputs[1], length)
        let width = context.graph.shape(of: steps).last.fixedSize ?? 1
        let positions = LearntPositions(maximumLength: length, name: "positions")
        var value = try context.call(positions, [steps])[0]
        for number in 1...blocks.layers {
            let block = TransformerEncoder(
                heads: blocks.heads,
                hiddenUnits: width,
                activation: .relu,
                normalization: .before,
                dropout: blocks.dropout,
                epsilon: 1e-8,
                isCausal: true,
                name: "block_\(number)"
            )
            value = try context.call(block, [value])[0]
        }
        let normalization = MotetNN.LayerNormalization(epsilon: 1e-8, name: "normalization")
        value = try context.call(normalization, [value])[0]
        let last = try context.lastStep(value)
        let isThere = try context.lastStep(try context.column(mask))
        return [try context.graph.apply(Arithmetic(.multiply), last, isThere)]
    }
}

/// Behaviour sequence transformer: blocks of self-attention over a list and a candidate behind it.
///
/// Steps get learnt vectors of their places, counted from the candidate; then blocks
/// `x = norm(x + attention(x))`, `x = norm(x + leaky_relu(x W + b) W' + b')`. The result is the candidate's step and the mean
/// of the list's.
///
/// - Shapes: inputs: vectors of all steps `[N, D]`, offsets `[B + 1]` and candidates `[B, D]`; output `[B, 2 D]`
/// - Learned: `positions/weight` `[L + 1, D]`; `block_i`, a `TransformerEncoder` with hidden layers of 4 D units
/// - Source: Chen et al., "Behavior Sequence Transformer for E-commerce Recommendation in Alibaba", DLP-KDD 2019.
///   <https://doi.org/10.1145/3326937.3341261>
/// - Departures: places are counted in steps, where the paper counts time, and their vectors are added. The paper joins the
///   results of all places; theirs would be as many columns as the longest list has steps.
final class CandidateTransformer: Layer {
    static let kind = "candidate_transformer"
    let name: String?
    private let blocks: AttentionBlocks
    private let length: Int

    init(_ blocks: AttentionBlocks, length: Int, name: String) {
        self.blocks = blocks
        self.length = length
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try blocks.check()
        let (steps, mask) = try context.padded(inputs[0], inputs[1], length)
        let shape = context.graph.shape(of: steps)
        let width = shape.last.fixedSize ?? 1
        let candidate = try context.oneStep(inputs[2])
        let joined = try context.graph.add(
            MotetGraph.Concatenate(axis: 1),
            [steps, candidate]
        )[0]
        let one = context.graph.constant(Tensor([Float(1)], shape: []))
        let isThere = try context.graph.apply(BroadcastLike([shape[0], 1]), one, inputs[2])
        let all = try context.graph.add(MotetGraph.Concatenate(axis: 1), [mask, isThere])[0]
        context.setMask(all, of: joined)
        let positions = LearntPositions(maximumLength: length + 1, name: "positions")
        var value = try context.call(positions, [joined])[0]
        for number in 1...blocks.layers {
            let block = TransformerEncoder(
                heads: blocks.heads,
                hiddenUnits: 4 * width,
                activation: .leakyReLU(),
                normalization: .after,
                dropout: blocks.dropout,
                epsilon: 1e-8,
                name: "block_\(number)"
            )
            value = try context.call(block, [value])[0]
        }
        let parts = try context.graph.add(
            MotetGraph.Split(axis: 1, sizes: [length, 1]),
            [value]
        )
        let asked = try context.graph.apply(
            MotetGraph.Reshape([shape[0], shape[2]]),
            parts[1]
        )
        let mean = try context.graph.apply(MaskedMean(), parts[0], mask)
        return [try context.graph.add(MotetGraph.Concatenate(axis: 1), [asked, mean])[0]]
    }
}
