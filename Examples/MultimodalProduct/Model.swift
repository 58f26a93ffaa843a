import Motet

extension MultimodalProduct {
    /// What the text branch reads.
    enum TextBranch: Equatable {
        /// Words, whose vectors are learnt with the model.
        case words(vocabulary: Int, length: Int)
        /// Vectors of a frozen pretrained sentence encoder.
        case vectors(width: Int)

        /// Whether vectors of words are learnt.
        var isWords: Bool {
            if case .words = self { true } else { false }
        }
    }

    /// How large a model is.
    struct Sizes {
        /// The rows and columns of a picture.
        var side = 48
        var filters = [24, 48, 96]
        var units = 64
        var wordDimension = 64
        var dropout: Float = 0.3
    }

    /// A model of some tasks, with the branches they read; `products` is how many classes there are.
    static func makeModel(
        _ tasks: [String],
        _ text: TextBranch,
        products: Int,
        sizes: Sizes = Sizes()
    ) throws -> Model {
        let image = try Input("image", shape: [sizes.side, sizes.side, 3])
        var trunk = image.tensor
        for (place, filters) in sizes.filters.enumerated() {
            // Pooled before it is normalised: a quarter of the numbers.
            trunk = try Conv2D(
                filters,
                kernelSize: place == 0 ? 5 : 3,
                strides: place == 0 ? 2 : 1,
                padding: .same,
                useBias: false,
                initializer: .heUniform
            )(trunk)
            trunk = try BatchNormalization(momentum: 0.95)(MaxPooling2D(poolSize: 2)(trunk))
            trunk = try Activation(.relu)(trunk)
        }
        let photo = try Dense(sizes.units, activation: .relu, name: "photo")(
            GlobalAveragePooling2D()(trunk)
        )

        let words: any ModelInput
        // What is read of a text for `match`, and what for `polarity`.
        let read: (match: SymbolicTensor, polarity: SymbolicTensor)
        switch text {
        case .words(let vocabulary, let length):
            let ids = try Input("token_ids", shape: [length], dtype: .int32)
            // A table for each: what tells descriptions apart says nothing of praise and blame.
            func mean(_ name: String) throws -> SymbolicTensor {
                let table = Embedding(
                    vocabularySize: vocabulary,
                    dimension: sizes.wordDimension,
                    masksZero: true,
                    name: name
                )
                return try GlobalAveragePooling1D()(table(ids))
            }
            words = ids
            read = (try mean("words"), try mean("opinion_words"))
        case .vectors(let width):
            let vector = try Input("text_vector", shape: [width])
            words = vector
            read = (vector.tensor, vector.tensor)
        }
        func branch(_ read: SymbolicTensor, _ name: String) throws -> SymbolicTensor {
            try Dense(sizes.units, activation: .relu, name: name)(Dropout(sizes.dropout)(read))
        }
        let sentence = try branch(read.match, "sentence")
        // A vector that knows what a text says is read once for both.
        let opinion = text.isWords ? try branch(read.polarity, "opinion") : sentence
        let both = try Dense(sizes.units, activation: .relu, name: "both")(
            Concatenate()(photo, sentence, Multiply()(photo, sentence))
        )

        // A class is read off the photo alone: each description is that of one class.
        let outputs = [
            "class": try Dense(products, name: "class")(photo),
            "polarity": try Dense(1, name: "polarity")(opinion),
            "match": try Dense(1, name: "match")(Dropout(sizes.dropout)(both)),
        ]
        var inputs: [any ModelInput] = []
        if tasks.contains(where: { $0 != "polarity" }) { inputs.append(image) }
        if tasks.contains(where: { $0 != "class" }) { inputs.append(words) }
        return try Model(
            inputs: inputs,
            outputs: tasks.compactMap { task in outputs[task].map { (name: task, tensor: $0) } }
        )
    }
}
