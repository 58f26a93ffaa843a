// A picture branch and a text branch, three weighted tasks: which product is on a photo, is a sentence
// of a review good or bad, and does a description belong to a photo of a product never seen before.
//
//     swift run -c release MultimodalProduct [--from FOLDER] [--seeds N]

import ExampleSupport
import Motet

@main
struct MultimodalProduct {
    static func main() {
        ExampleProgram.run("MultimodalProduct") { options in
            let products = try Products(
                GroceryRecipe().pictures(ExampleData.files(GroceryRecipe(), options)),
                ProductReviews(ExampleData.files(ProductReviewsRecipe(), options))
            )
            let data = try ProductData(products, encoder: ExampleData.encoder(options))
            print(data.counts + "\n")
            print(try makeModel(tasks, data.words, products: data.classCount).summary() + "\n")
            print(try Comparison(data, seeds: options.seeds).text)
        }
    }

    static let tasks = ["class", "polarity", "match"]

    /// What the text branch reads.
    enum TextBranch: Equatable {
        /// Words, whose vectors are learnt with the model.
        case words(vocabulary: Int, length: Int)
        /// Vectors of a frozen pretrained sentence encoder.
        case vectors(width: Int)
    }

    /// How large a model is.
    struct Sizes {
        /// The rows and columns of a picture.
        var side = 32
        var filters = [16, 32, 64]
        var units = 64
        var wordDimension = 64
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
        for filters in sizes.filters {
            trunk = try Conv2D(filters, kernelSize: 3, padding: .same, activation: .relu)(trunk)
            trunk = try MaxPooling2D(poolSize: 2)(trunk)
        }
        let photo = try Dense(sizes.units, activation: .relu, name: "photo")(Flatten()(trunk))

        let words: any ModelInput
        let read: SymbolicTensor
        switch text {
        case .words(let vocabulary, let length):
            let ids = try Input("token_ids", shape: [length], dtype: .int32)
            let embedded = try Embedding(
                vocabularySize: vocabulary,
                dimension: sizes.wordDimension,
                masksZero: true,
                name: "words"
            )(ids)
            words = ids
            read = try GlobalAveragePooling1D()(embedded)
        case .vectors(let width):
            let vector = try Input("text_vector", shape: [width])
            words = vector
            read = vector.tensor
        }
        let sentence = try Dense(sizes.units, activation: .relu, name: "sentence")(read)
        let both = try Dense(sizes.units, activation: .relu, name: "both")(
            Concatenate()(photo, sentence, Multiply()(photo, sentence))
        )

        // A class is read off the photo alone: each description is that of one class.
        let outputs = [
            "class": try Dense(products, name: "class")(photo),
            "polarity": try Dense(1, name: "polarity")(sentence),
            "match": try Dense(1, name: "match")(both),
        ]
        var inputs: [any ModelInput] = []
        if tasks.contains(where: { $0 != "polarity" }) { inputs.append(image) }
        if tasks.contains(where: { $0 != "class" }) { inputs.append(words) }
        return try Model(
            inputs: inputs,
            outputs: tasks.compactMap { task in outputs[task].map { (name: task, tensor: $0) } }
        )
    }

    /// What a task wants; its label is missing where a row has no part in it.
    static func objective(_ task: String, weight: Float) -> TaskObjective {
        task == "class"
            ? .multiclass(weight: weight, metrics: [.accuracy])
            : .binary(weight: weight, metrics: [.auc])
    }

    static func makeTrainer(
        _ model: Model,
        weights: [String: Float] = [:],
        weighting: LossWeighting = .fixed,
        optimizer: Optimizer = .adam(learningRate: 1e-3),
        seed: UInt64
    ) throws -> Trainer {
        try Trainer(
            model,
            optimizer: optimizer,
            tasks: model.outputs.map { output in
                NamedTask(output.name, objective(output.name, weight: weights[output.name] ?? 1))
            },
            weighting: weighting,
            seed: seed,
            backend: OneDNNBackend()
        )
    }
}
