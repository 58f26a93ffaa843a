import Motet

/// A way to build the models that are compared.
struct Variant {
    /// Whether tags are decided as a chain, by a CRF, or each by itself, by softmax.
    var isChain = false
    /// Whether what a pretrained encoder says of each token is read beside the token.
    var states: TokenStates?
    /// The width of the words' vectors and of the LSTM in each direction.
    var width = 64
    var dropout: Float = 0.3

    var name: String { (isChain ? "CRF" : "softmax") + (states == nil ? "" : " + encoder") }

    /// A shared embedding and LSTM in both directions, with a head for each task.
    func model(_ tasks: [TaggingTask], _ vocabulary: TokenVocabulary) throws -> Model {
        let tokens = try Input("token_ids", shape: [Corpora.length], dtype: .int32)
        let spellings = try Input("spellings", shape: [Corpora.length], dtype: .int32)
        let words = Embedding(vocabularySize: vocabulary.count, dimension: width, masksZero: true)
        let forms = Embedding(vocabularySize: Spelling.allCases.count, dimension: 8)
        var inputs: [any ModelInput] = [tokens, spellings]
        var parts = [try words(tokens), try forms(spellings)]
        if let width = states?.width {
            let states = try Input("states", shape: [Corpora.length, width])
            let scaled = try LayerNormalization()(states)
            parts.append(try TimeDistributed(Dense(width, name: "states"))(scaled))
            inputs.append(states)
        }
        let embedded = try Dropout(dropout)(Concatenate()(parts))
        let both = Bidirectional(LSTM(width, returnsSequences: true), name: "shared_lstm")
        let encoded = try Dropout(dropout)(both(embedded))
        // Padding carries no loss: the mask made by `Embedding` reaches the losses and the metrics.
        let outputs = try tasks.map { task in
            (name: task.name, tensor: try head(of: task, over: encoded))
        }
        return try Model(inputs: inputs, outputs: outputs)
    }

    private func head(
        of task: TaggingTask,
        over encoded: SymbolicTensor
    ) throws -> SymbolicTensor {
        guard let tags = task.tags else {
            return try Dense(1, name: task.name)(GlobalAveragePooling1D()(encoded))
        }
        let scores = try TimeDistributed(Dense(tags.count, name: task.name))(encoded)
        guard isChain else { return scores }
        return try CRF(tags.count, rules: .bio(tags.tags), name: "\(task.name)_chain")(scores)
    }

    /// The model made ready to learn.
    func trainer(
        _ tasks: [TaggingTask],
        _ vocabulary: TokenVocabulary,
        optimizer: Optimizer = .adam(learningRate: 2e-3),
        seed: UInt64
    ) throws -> Trainer {
        let objectives = tasks.map { task in
            guard task.tags != nil else {
                // It is learnt in few epochs: of equal weight, it would drown the tags.
                return NamedTask(task.name, .binary(weight: 0.2, metrics: [.macroF1, task.metric]))
            }
            // The loss of a chain is that of a whole sentence, not of a token.
            let weight: Float = isChain ? 0.1 : 1
            return NamedTask(
                task.name,
                .multiclass(weight: weight, metrics: [.macroF1, task.metric])
            )
        }
        return try Trainer(
            model(tasks, vocabulary),
            optimizer: optimizer,
            tasks: objectives,
            seed: seed,
            backend: OneDNNBackend()
        )
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
