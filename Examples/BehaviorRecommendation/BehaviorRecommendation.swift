// Two inputs, two tasks, four markets: how a user behaved so far and what is known of an item tell
// whether the user will like it (four stars or more) and, of what is liked, love it (five).
//
//     swift run -c release BehaviorRecommendation [--from FOLDER] [--seeds N]

import ExampleSupport
import Motet

@main
struct BehaviorRecommendation {
    static func main() {
        ExampleProgram.run("BehaviorRecommendation") { options in
            let file = try RatingFile(ExampleData.files(XMarketRecipe(), options))
            let data = try Behavior(file).datasets(file)
            print("\(data.counts)\n")
            let shown = Variant(hasTowers: true, width: Comparison.sharedWidth)
            let trainer = try makeTrainer(shown, seed: 0)
            print(trainer.model.summary())
            print(try fit(trainer, data).table())
            print(try Comparison(data, seeds: options.seeds).text)
        }
    }

    /// What the program compares.
    struct Variant: Hashable {
        /// One task, or both on shared layers.
        var tasks = ["like", "love"]
        /// Whether each market has a last layer of its own for each task.
        var hasTowers = false
        /// The factor of the loss of `love` beside that of `like`.
        var loveWeight: Float = 0.5
        /// The units of the layers that read the inputs; the shared one has twice as many.
        var width = 64
    }

    static func makeTrainer(_ variant: Variant, seed: UInt64) throws -> Trainer {
        let user = try Input("user_behavior", shape: [Behavior.userWidth])
        let item = try Input("item", shape: [Behavior.itemWidth])
        let userTower = try Dense(variant.width, activation: .relu)(user)
        let itemTower = try Dense(variant.width, activation: .relu)(item)
        let shared = try Dense(2 * variant.width, activation: .relu, name: "shared_bottom")(
            Concatenate()(userTower, itemTower)
        )

        let market = ScenarioOffsets(scenarioCount: RatingFile.markets.count)
        func tower(_ task: String) throws -> SymbolicTensor {
            guard variant.hasTowers else { return try Dense(1, name: task)(shared) }
            let towers = ScenarioPerceptron([1], scenarios: market.scenarioCount, name: task)
            return try towers(shared, market)
        }
        var inputs: [any ModelInput] = [user, item]
        if variant.hasTowers { inputs.append(market) }
        let model = try Model(
            inputs: inputs,
            outputs: variant.tasks.map { (name: $0, tensor: try tower($0)) }
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 1e-3),
            tasks: objectives(variant),
            seed: seed,
            backend: OneDNNBackend()
        )
    }

    /// What tasks want; a model that learns love alone is given its labels among what was liked.
    static func objectives(_ variant: Variant) -> [NamedTask] {
        let like = TaskObjective.binary(metrics: [.auc, .logLoss])
        var love = TaskObjective.binary(metrics: [.auc, .logLoss])
        love.column = "label/love_of_liked"
        if variant.tasks.contains("like") {
            love.weight = variant.loveWeight
            love.within = "like"
        }
        return variant.tasks.map { NamedTask($0, $0 == "love" ? love : like) }
    }

    /// Trains for at most so many epochs, and keeps the one with the best mean AUC on validation rows.
    static func fit(_ trainer: Trainer, _ data: BehaviorData, epochs: Int = 20) throws -> History {
        var options = FitOptions(epochs: epochs, batchSize: 256, validation: data.validation)
        options.scenarios = RatingFile.markets
        options.monitor = EarlyStopping(MetricSelector(.auc), patience: 3)
        return try trainer.fit(data.training, options: options)
    }
}
