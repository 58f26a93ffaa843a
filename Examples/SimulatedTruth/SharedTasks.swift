import ExampleSupport
import Motet

/// When tasks are better off with experts of their own.
///
/// Two tasks over the same rows, clicks and what would be put into the cart, whose true scores have a known
/// correlation: 1 for the same function, 0 for functions that have nothing in common, -1 for opposite ones.
struct SharedTasks {
    var rows = 200_000
    var epochs = 10
    var facets = 2
    var correlation = 0.0
    /// The width of a shared bottom and of an expert.
    var width = 16

    static let metrics: KeyValuePairs<String, MetricGoal> = [
        "excess loss": .lower, "click": .lower, "cart": .lower,
    ]

    /// The models; the wide bottom is as wide as three experts together.
    var models: [(name: String, architecture: Architecture)] {
        [
            ("single tasks", .singleTask(units: [width])),
            ("Shared-Bottom", .sharedBottom(units: [width])),
            ("Shared-Bottom, wide", .sharedBottom(units: [3 * width])),
            ("MMoE", .mmoe(experts: 3, expertUnits: [width])),
            ("PLE", .ple(levels: 1, sharedExperts: 1, taskExperts: 1, expertUnits: [width])),
        ]
    }

    /// The shop of a seed.
    func settings(seed: UInt64) -> SimulationSettings {
        var settings = SimulationSettings.tastes(rows: rows, seed: 200 + seed)
        settings.scenarios = ["shop"]
        // With a direction more a bottom of 16 units has room for one task's function, not for two.
        settings.latents.facets = facets
        settings.tasks.correlation = correlation
        settings.tasks.strength = 2
        settings.tasks.clickRate = 0.5
        settings.tasks.cartRate = 0.5
        return settings
    }

    /// Every model with each seed.
    func table(seeds: [UInt64]) throws -> SeedTable {
        var table = SeedTable(Self.metrics)
        for seed in seeds {
            let log = try SimulatedLog(settings(seed: seed))
            let data = try TruthData.clicksAndCarts(log)
            for (name, architecture) in models {
                let model = try architecture.model(
                    features: data.features,
                    tasks: TruthData.heads,
                    towers: TowerSettings(units: [8])
                )
                try data.add(
                    name,
                    model,
                    options: FitOptions(epochs: epochs, batchSize: 512),
                    seed: seed,
                    to: &table
                )
            }
        }
        return table
    }
}

extension TruthData {
    static let heads = [TaskHead(name: "click"), TaskHead(name: "cart")]

    /// Clicks, and what would be put into the cart, in every row.
    static func clicksAndCarts(_ log: SimulatedLog) throws -> TruthData {
        try TruthData(
            log,
            tasks: [
                Task(name: "click", label: log.column("click"), truth: log.column("p_click")),
                Task(
                    name: "cart",
                    label: log.column("cart_if_clicked"),
                    truth: log.column("p_cart")
                ),
            ]
        )
    }

    /// Trains a model of clicks and carts and adds how far it is from the truth.
    func add(
        _ name: String,
        _ model: Model,
        options: FitOptions,
        seed: UInt64,
        to table: inout SeedTable
    ) throws {
        let trainer = try Trainer(
            model,
            optimizer: .adam(learningRate: 3e-3),
            tasks: ["click": .binary(), "cart": .binary()],
            seed: seed
        )
        var predicted: [String: Tensor] = [:]
        let seconds = try ExampleProgram.seconds {
            _ = try trainer.fit(train, options: options)
            predicted = try trainer.predict(test)
        }
        var values: [String: Double] = [:]
        for task in ["click", "cart"] {
            values[task] = Self.excessLoss(
                predicted[task]?.floats ?? [],
                truth: truth[task, default: []]
            )
        }
        values["excess loss"] = values.values.reduce(0, +) / 2
        table.add(
            name,
            seed: seed,
            values,
            parameters: trainer.parameters.elementCount,
            seconds: seconds
        )
    }
}
