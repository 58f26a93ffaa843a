// In which order should tasks be trained? The model of ClassificationAndDetection, with the same pictures and
// the same number of steps, in five orders: all tasks at once; in turns and then at once; from the easiest
// task to the hardest, or the other way round; and a model of its own for each task.
//
//     swift run -c release TrainingOrder [--from FOLDER] [--seeds N] [--clothing] [--validate]

import ExampleSupport
import Motet

@main
struct TrainingOrder {
    static func main() {
        ExampleProgram.run("TrainingOrder", switches: ["--clothing", "--validate"]) { options in
            let photos = options.switches.contains("--clothing")
            let recipe: any PictureRecipe = photos ? ClothingRecipe() : FashionMNISTRecipe()
            let program = try TrainingOrder(
                recipe.pictures(ExampleData.files(recipe, options)),
                isCutOut: !photos,
                measured: options.switches.contains("--validate") ? .validation : .test
            )
            let table = try program.compare(seeds: options.seeds)
            print(table.plain())
            for order in program.orders.map(\.name).dropFirst() + ["single tasks"] {
                print("\njoint against \(order)")
                print(table.verdict("joint", against: order))
            }
        }
    }

    let train: PreparedDataset
    /// What an order that is to be found is judged by.
    let validation: PreparedDataset
    let measured: Scenes
    var model: SceneModel
    /// The epochs of all tasks together; a multiple of 3.
    var epochs = 6
    var batchSize = 64
    static let tasks = SceneModel.tasks.map(\.name)

    init(
        _ collection: PictureCollection,
        isCutOut: Bool,
        measured part: RecipePart = .test,
        counts: (train: Int, other: Int) = (2304, 2000)
    ) throws {
        model = SceneModel(
            channels: collection.pictures.channels,
            classes: try collection.label("class").classes.count
        )
        func scenes(_ part: RecipePart, _ count: Int) throws -> Scenes {
            try Scenes(collection, part: part, count: count, isCutOut: isCutOut, seed: 2026)
        }
        train = try scenes(.train, counts.train).augmented(seed: 7)
        validation = try scenes(.validation, counts.other).data
        measured = try scenes(part, counts.other)
    }

    /// The orders of one model, each with as many steps as the others.
    var orders: [(name: String, schedule: TrainingSchedule)] {
        let third = epochs / 3
        // Two thirds of the steps in turns: each task has two turns.
        let turn = max(1, third * (train.rowCount / batchSize) / Self.tasks.count)
        return [
            ("joint", [.joint(epochs: epochs)]),
            (
                "alternating, then joint",
                [
                    .alternating(Self.tasks, switchingEvery: .steps(turn), rounds: 2),
                    .joint(epochs: third),
                ]
            ),
            ("easy to hard", [.sequential(.easyToHard, epochsEach: third)]),
            ("hard to easy", [.sequential(.hardToEasy, epochsEach: third)]),
        ]
    }

    /// Every order with each seed.
    func compare(seeds: [UInt64]) throws -> SeedTable {
        var table = SeedTable(SceneScores.metrics)
        for seed in seeds {
            for (order, schedule) in orders {
                try add(order, [(Self.tasks, schedule)], seed: seed, to: &table)
            }
            let single = Self.tasks.map { task in
                ([task], [.single(task, epochs: epochs)] as TrainingSchedule)
            }
            try add("single tasks", single, seed: seed, to: &table)
        }
        return table
    }

    func trainer(_ tasks: [String], seed: UInt64) throws -> Trainer {
        try model.trainer(tasks, optimizer: .adam(learningRate: 2e-3), seed: seed)
    }

    private func add(
        _ order: String,
        _ models: [(tasks: [String], schedule: TrainingSchedule)],
        seed: UInt64,
        to table: inout SeedTable
    ) throws {
        var (answers, parameters) = ([String: Tensor](), 0)
        let seconds = try ExampleProgram.seconds {
            for (tasks, schedule) in models {
                let trainer = try trainer(tasks, seed: seed)
                var options = FitOptions(epochs: 1, batchSize: batchSize, validation: validation)
                options.schedule = schedule
                _ = try trainer.fit(train, options: options)
                answers.merge(try trainer.predict(measured.data)) { $1 }
                parameters += trainer.parameters.elementCount
            }
        }
        table.add(
            order,
            seed: seed,
            try SceneScores.values(answers, measured),
            parameters: parameters,
            seconds: seconds
        )
    }
}
