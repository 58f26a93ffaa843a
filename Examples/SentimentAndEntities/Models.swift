import Motet

/// A way to build the models that are compared.
struct Variant {
    /// Whether tags are decided as a chain, by a CRF, or each by itself, by softmax.
    var isChain = false
    /// Whether what a pretrained encoder says of each token is read beside the token.
    var states: TokenStates?
    /// The width of the words' vectors.
    var width = 64
    /// The width of the LSTM in each direction.
    var units = 96
    var dropout: Float = 0.3
    /// The dropout of what the LSTM says of a whole sentence.
    var sentenceDropout: Float = 0.5
    /// How much a token without a name counts where tags are decided by softmax.
    var outsideWeight: Float = 0.3

    var name: String { (isChain ? "CRF" : "softmax") + (states == nil ? "" : " + encoder") }

    /// A shared embedding and LSTM in both directions, with a head for each task.
    func model(_ tasks: [TaggingTask], _ vocabularies: Vocabularies) throws -> Model {
        let tokens = try Input("token_ids", shape: [Corpora.length], dtype: .int32)
        let spellings = try Input("spellings", shape: [Corpora.length], dtype: .int32)
        let endings = try Input("endings", shape: [Corpora.length], dtype: .int32)
        let (words, ends) = (vocabularies.words.count, vocabularies.endings.count)
        var inputs: [any ModelInput] = [tokens, spellings, endings]
        var parts = [
            try Embedding(vocabularySize: words, dimension: width, masksZero: true)(tokens),
            try Embedding(vocabularySize: Spelling.allCases.count, dimension: 8)(spellings),
            try Embedding(vocabularySize: ends, dimension: 16)(endings),
        ]
        var scaled: SymbolicTensor?
        if let states {
            let input = try Input("states", shape: [Corpora.length, states.width])
            let normalised = try LayerNormalization()(input)
            parts.append(try TimeDistributed(Dense(width, name: "states"))(normalised))
            scaled = normalised
            inputs.append(input)
        }
        let read = try Dropout(dropout)(Concatenate()(parts))
        let both = Bidirectional(LSTM(units, returnsSequences: true), name: "shared_lstm")
        let encoded = try Dropout(dropout)(both(read))
        // Padding carries no loss: the mask made by `Embedding` reaches the losses and the metrics.
        let outputs = try tasks.map { task in
            guard let tags = task.tags else {
                // A sentence's label is read off words of its own, the states as they are, and the LSTM.
                let table = Embedding(
                    vocabularySize: words,
                    dimension: width,
                    masksZero: true,
                    name: "\(task.name)_words"
                )
                let own = try Dropout(dropout)(table(tokens))
                let said = try Dropout(sentenceDropout)(GlobalAveragePooling1D()(encoded))
                let all = try scaled.map { try Concatenate()(own, $0) } ?? own
                let mean = try Concatenate()(GlobalAveragePooling1D()(all), said)
                return (name: task.name, tensor: try Dense(1, name: task.name)(mean))
            }
            let scores = try TimeDistributed(Dense(tags.count, name: task.name))(encoded)
            guard isChain else { return (name: task.name, tensor: scores) }
            let chain = try CRF(tags.count, rules: .bio(tags.tags), name: "\(task.name)_chain")
            return (name: task.name, tensor: try chain(scores))
        }
        return try Model(inputs: inputs, outputs: outputs)
    }
}

/// The tasks: one label a sentence, or one label a token.
enum TaggingTask: String, CaseIterable {
    case sentiment, aspects, entities

    var name: String { rawValue }

    /// What the labels of tokens mean; nil for a label of the sentence.
    var tags: TagSet? {
        switch self {
        case .sentiment: nil
        case .aspects: ProductReviews.tags
        case .entities: WNUT17.tags
        }
    }

    /// What it is measured by: whole entities, right in type and both borders.
    var metric: Metric { tags.map(Metric.entityF1) ?? .accuracy }

    /// What the metric's column is called.
    var column: String { "\(name) " + (tags == nil ? "accuracy" : "F1") }
}
