import Motet

/// What a pretrained encoder says of every token in its sentence, computed once and kept as bytes.
///
/// A byte stands for 1/40 of a number from -3.2 to 3.175, which holds what the encoder gives but for its
/// few greatest numbers; the model normalises the states anyway, so that where zero lies does not matter.
final class TokenStates {
    /// The numbers of a token.
    let width: Int
    private let embedder: SentenceEmbedder
    private var known: [[String]: [UInt8]] = [:]
    private static let step: Float = 1 / 40

    init(_ encoder: PretrainedEncoder) {
        embedder = SentenceEmbedder(encoder, backend: OneDNNBackend(), output: .positions)
        width = embedder.width
    }

    /// Computes the states of sentences that are not known yet.
    func learn(_ sentences: [[String]]) throws {
        let new = sentences.filter { known[$0] == nil }
        // Sentences of like length together.
        let order = new.indices.sorted { (new[$0].count, $0) < (new[$1].count, $1) }
        try embedder.embed(words: order.map { new[$0] }) { place, vectors in
            known[new[order[place]]] = vectors.map { value in
                UInt8(max(0, min(255, (value / TokenStates.step).rounded() + 128)))
            }
        }
    }

    /// The states of sentences as a column, `length` tokens of each.
    func column(_ sentences: [[String]], _ length: Int) throws -> PreparedValues {
        try learn(sentences)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sentences.count * length * width)
        for sentence in sentences {
            let states = (known[sentence] ?? []).prefix(length * width)
            bytes += states
            bytes += repeatElement(128, count: length * width - states.count)
        }
        return .bytes(bytes, width: length * width, scale: TokenStates.step)
    }
}
