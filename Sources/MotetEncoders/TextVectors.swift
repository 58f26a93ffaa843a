import MotetData

/// Vectors of texts, each distinct text computed once.
final class TextVectors {
    /// Rows looked at together.
    static let rowsAtOnce = 16_384

    private let embedder: SentenceEmbedder
    private let cache: EmbeddingCache?
    private let maximumLength: Int

    init(_ embedder: SentenceEmbedder, _ cache: EmbeddingCache?, maximumLength: Int) {
        self.embedder = embedder
        self.cache = cache
        self.maximumLength = maximumLength
    }

    /// The columns of the vectors.
    var descriptions: [ColumnDescription] {
        (0..<embedder.width).map { ColumnDescription(name: "embedding_\($0)", type: .float32) }
    }

    /// The vectors of some texts, one after the other.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - report: what is counted.
    ///   - step: told how many of the rows are done; true stops the work.
    /// - Returns: the vectors, or nil when the work was stopped.
    /// - Throws: `EncoderError` when the cache cannot be written.
    func vectors(
        _ texts: [String],
        _ report: inout TableEmbedding.Report,
        step: (Int) -> Bool
    ) throws -> [Float]? {
        let width = embedder.width
        var places: [EmbeddingCache.Key: Int] = [:]
        var rows: [Int] = []
        var known: [Float] = []
        var missing: [(key: EmbeddingCache.Key, ids: [Int32], place: Int)] = []
        for text in texts {
            let encoding = embedder.encoder.tokenizer.encode(text, maximumLength: maximumLength)
            report.truncated += encoding.isTruncated ? 1 : 0
            report.empty += encoding.ids.count == 2 ? 1 : 0
            let key = EmbeddingCache.Key(encoding.ids)
            if let place = places[key] {
                rows.append(place)
                continue
            }
            let place = places.count
            places[key] = place
            rows.append(place)
            if let vector = cache?.vector(key) {
                known += vector
            } else {
                known += repeatElement(0, count: width)
                missing.append((key, encoding.ids, place))
            }
        }
        var isStopped = false
        try embedder.embed(missing.map(\.ids)) { range, computed in
            for (index, text) in missing[range].enumerated() {
                let vector = computed[index * width..<(index + 1) * width]
                for (unit, value) in vector.enumerated() {
                    known[text.place * width + unit] = value
                }
                cache?.add(text.key, vector)
            }
            try cache?.flush()
            report.computed += range.count
            isStopped = step(texts.count * range.upperBound / missing.count)
            return !isStopped
        }
        if isStopped { return nil }
        if step(texts.count) { return nil }
        return rows.flatMap { known[$0 * width..<($0 + 1) * width] }
    }

    /// Vectors that stand one after the other as columns.
    func columns(_ vectors: [Float]) -> [TableValues] {
        let width = embedder.width
        return (0..<width).map { unit in
            .float32(stride(from: unit, to: vectors.count, by: width).map { vectors[$0] })
        }
    }
}
