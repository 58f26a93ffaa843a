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
            print(try Comparison(Training(data: data), seeds: options.seeds).text)
        }
    }

    static let tasks = ["class", "polarity", "match"]

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
