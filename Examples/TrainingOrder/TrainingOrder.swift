// In which order should tasks be trained? The model of ClassificationAndDetection, with the same pictures and
// the same number of steps, in five orders: all tasks at once; in turns of 100 steps and then at once; from
// the easiest task to the hardest, or the other way round; and a model of its own for each task.
//
//     swift run -c release TrainingOrder [--from FOLDER] [--seeds N] [--full] [--clothing] [--validate]

import ExampleSupport
import Motet

@main
struct TrainingOrder {
    static func main() {
        let switches = ["--full", "--clothing", "--validate"]
        ExampleProgram.run("TrainingOrder", switches: switches) { options in
            let photos = options.switches.contains("--clothing")
            let recipe: any PictureRecipe = photos ? ClothingRecipe() : FashionMNISTRecipe()
            var program = try TrainingOrder(
                recipe.pictures(ExampleData.files(recipe, options)),
                isCutOut: !photos,
                measured: options.switches.contains("--validate") ? .validation : .test
            )
            if options.switches.contains("--full") { program.rounds = 50 }
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
    /// The steps of a turn; an epoch has as many steps as a turn of every task together.
    let turn: Int
    var model: SceneModel
    /// How often each task has its turn before all are trained at once; a multiple of 5.
    var rounds = 10
    let batchSize: Int
    static let tasks = SceneModel.questions

    init(
        _ collection: PictureCollection,
        isCutOut: Bool,
        measured part: RecipePart = .test,
        turn: Int = 100,
        batchSize: Int = 16,
        others: Int = 2000
    ) throws {
        (self.turn, self.batchSize) = (turn, batchSize)
        model = try SceneModel(collection)
        func scenes(_ part: RecipePart, _ count: Int) throws -> Scenes {
            try Scenes(collection, part: part, count: count, isCutOut: isCutOut, seed: 2026)
        }
        train = try scenes(.train, turn * Self.tasks.count * batchSize).augmented(seed: 7)
        validation = try scenes(.validation, others / 2).data
        measured = try scenes(part, others)
    }

    /// The epochs of every order: those of the turns, and a fifth of that with all tasks at once.
    var epochs: Int { rounds + rounds / 5 }

    /// The orders of one model, each with as many steps as the others.
    var orders: [(name: String, schedule: TrainingSchedule)] {
        let turns = TrainingPhase.alternating(
            Self.tasks,
            switchingEvery: .steps(turn),
            rounds: rounds
        )
        return [
            ("joint", [.joint(epochs: epochs)]),
            ("alternating, then joint", [turns, .joint(epochs: rounds / 5)]),
            ("easy to hard", [.sequential(.easyToHard, epochsEach: epochs / 3)]),
            ("hard to easy", [.sequential(.hardToEasy, epochsEach: epochs / 3)]),
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

    /// The rate rises at first: full steps of a model that knows nothing yet can drive the sigmoids of the box
    /// to where their slope is 0, and then nothing brings them back.
    func trainer(_ tasks: [String], seed: UInt64) throws -> Trainer {
        let optimizer = Optimizer.adam(learningRate: 1e-3).with {
            $0.schedule = .constant.warmingUp(steps: turn)
        }
        return try model.trainer(tasks, optimizer: optimizer, seed: seed)
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
