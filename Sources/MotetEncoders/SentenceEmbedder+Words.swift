import MotetData

extension SentenceEmbedder {
    /// The vectors of words in their sentences: of each the mean over the positions of its pieces.
    ///
    /// A tagger that knows its words reads them so from an encoder that knows pieces of words. Words behind
    /// the encoder's greatest length, and those without a piece, have zeros.
    ///
    /// - Parameters:
    ///   - sentences: the words of each, as another tokeniser cut them.
    ///   - body: told the number of each sentence, in order, and its vectors, ``width`` numbers a word.
    /// - Returns: how many words stand behind the encoder's greatest length and were left out.
    /// - Throws: `GraphError` when a program cannot be compiled, and what `body` throws.
    @discardableResult
    public func embed(
        words sentences: [[String]],
        _ body: (Int, [Float]) throws -> Void
    ) throws -> Int {
        precondition(output == .positions, "SentenceEmbedder: words need `output: .positions`.")
        let encoded = sentences.map {
            encoder.tokenizer.encode(words: $0, maximumLength: encoder.maximumLength)
        }
        try embed(encoded.map(\.ids)) { range, vectors in
            var first = 0
            for sentence in range {
                let places = encoded[sentence].places
                var words = [Float](repeating: 0, count: places.count * width)
                for (word, place) in places.enumerated() where !place.isEmpty {
                    for unit in 0..<width {
                        var sum: Float = 0
                        for position in place { sum += vectors[(first + position) * width + unit] }
                        words[word * width + unit] = sum / Float(place.count)
                    }
                }
                first += encoded[sentence].ids.count
                try body(sentence, words)
            }
            return true
        }
        return encoded.reduce(0) { $0 + $1.leftOut }
    }
}
