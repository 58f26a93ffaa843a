// One picture, two questions: what is it, and where is it? Shared convolutions answer both, or a model of
// its own answers each. A quarter of the pictures are empty, so detection also says whether there is
// anything at all.
//
//     swift run -c release ClassificationAndDetection [--from FOLDER] [--seeds N] [--clothing] [--validate]

import ExampleSupport
import Motet

@main
struct ClassificationAndDetection {
    static func main() {
        ExampleProgram.run(
            "ClassificationAndDetection",
            switches: ["--clothing", "--validate"]
        ) { options in
            let photos = options.switches.contains("--clothing")
            let recipe: any PictureRecipe = photos ? ClothingRecipe() : FashionMNISTRecipe()
            let collection = try recipe.pictures(ExampleData.files(recipe, options))
            let program = try ClassificationAndDetection(
                collection,
                isCutOut: !photos,
                measured: options.switches.contains("--validate") ? .validation : .test
            )
            print(try program.shared.model(SceneModel.questions).summary())
            let table = try program.compare(seeds: options.seeds)
            print(table.plain())
            print(table.verdict("multi-task", against: "single-task"))
        }
    }

    /// The pictures a model learns from, changed anew in each epoch, and those that measure it.
    let train: PreparedDataset
    let measured: Scenes
    /// The model of some questions; the one of all of them has a wider trunk.
    var model: SceneModel
    var epochs = 6
    var batchSize = 16

    init(
        _ collection: PictureCollection,
        isCutOut: Bool,
        measured part: RecipePart = .test,
        counts: (train: Int, measured: Int) = (16000, 2000)
    ) throws {
        model = try SceneModel(collection)
        model.boxWeight = 4
        let scenes = try [(RecipePart.train, counts.train), (part, counts.measured)].map {
            try Scenes(collection, part: $0, count: $1, isCutOut: isCutOut, seed: 2026)
        }
        train = try scenes[0].augmented(seed: 7)
        measured = scenes[1]
    }

    /// The model of all questions: what it saves on a second trunk goes into a wider one, and it has fewer parameters
    /// than two models of the others' shape.
    var shared: SceneModel {
        var shared = model
        shared.trunkFilters = model.filters * 26 / 16
        shared.filters = model.filters * 14 / 16
        return shared
    }

    /// Adam, with a rate that rises to 0.001 at first, and then falls as a cosine.
    private var optimizer: Optimizer {
        let steps = epochs * ((train.rowCount + batchSize - 1) / batchSize)
        let warmUp = min(100, steps / 10)
        return .adam(learningRate: 1e-3).with {
            $0.schedule = .cosine(steps: steps - warmUp).warmingUp(steps: warmUp)
        }
    }

    /// Both ways with each seed: one model of all tasks; one of the class and one of the detection.
    func compare(seeds: [UInt64]) throws -> SeedTable {
        var table = SeedTable(SceneScores.metrics)
        for seed in seeds {
            for (variant, model, sets) in [
                ("multi-task", shared, [SceneModel.questions]),
                ("single-task", model, [["class"], ["object", "box"]]),
            ] {
                var (answers, parameters) = ([String: Tensor](), 0)
                let seconds = try ExampleProgram.seconds {
                    for tasks in sets {
                        let trainer = try model.trainer(tasks, optimizer: optimizer, seed: seed)
                        _ = try trainer.fit(train, epochs: epochs, batchSize: batchSize)
                        answers.merge(try trainer.predict(measured.data)) { $1 }
                        parameters += trainer.parameters.elementCount
                    }
                }
                table.add(
                    variant,
                    seed: seed,
                    try SceneScores.values(answers, measured),
                    parameters: parameters,
                    seconds: seconds
                )
            }
        }
        return table
    }
}
