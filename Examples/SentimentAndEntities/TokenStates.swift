import Motet

/// What a pretrained encoder says of every token in its sentence, computed once and kept as bytes.
///
/// A byte stands for 1/40 of a number from -3.2 to 3.175, which holds what the encoder gives but for its
/// few greatest numbers; the model normalises the states anyway, so that where zero lies does not matter.
struct TokenStates {
    /// A byte's step.
    static let step: Float = 1 / 40
    /// The byte of zero, which padding has too.
    static let zero: UInt8 = 128

    /// The numbers of a token.
    let width: Int
    /// The tokens behind the encoder's greatest length: they have zeros.
    private(set) var leftOut = 0
    private var known: [[String]: [UInt8]] = [:]

    /// What was computed, and what the encoder could not read.
    var summary: String {
        let cut =
            leftOut == 0 ? "" : "; \(leftOut) tokens stand behind what it reads and have zeros"
        return "\(width) numbers of the encoder for each token\(cut)\n"
    }

    /// Computes the states of the tokens that sentences keep.
    init(_ encoder: PretrainedEncoder, _ sentences: [[String]]) throws {
        let embedder = SentenceEmbedder(encoder, backend: OneDNNBackend(), output: .positions)
        width = embedder.width
        // Each once, and sentences of like length together.
        let kept = Set(sentences.map { Array($0.prefix(Corpora.length)) }).sorted {
            ($0.count, $0.joined(separator: " ")) < ($1.count, $1.joined(separator: " "))
        }
        leftOut = try embedder.embed(words: kept) { place, vectors in
            known[kept[place]] = vectors.map { value in
                UInt8(max(0, min(255, (value / Self.step).rounded() + Float(Self.zero))))
            }
        }
    }

    /// The states of sentences as a column, `Corpora.length` tokens of each.
    func column(_ sentences: [[String]]) -> PreparedValues {
        let size = Corpora.length * width
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sentences.count * size)
        for sentence in sentences {
            let states = known[Array(sentence.prefix(Corpora.length))] ?? []
            bytes += states
            bytes += repeatElement(Self.zero, count: size - states.count)
        }
        return .bytes(bytes, width: size, scale: Self.step)
    }
}
