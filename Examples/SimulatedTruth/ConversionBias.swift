import ExampleSupport
import Motet

/// How far conversion models are off over all rows, when only clicked rows show conversions.
///
/// Rows of high intent are clicked; rows of either extreme convert. With `hidden` above 0 a factor that no column
/// shows moves clicks and conversions too.
struct ConversionBias {
    var rows = 200_000
    var epochs = 10
    var units = [16]
    var observed = 1.5
    var hidden = 0.0
    var clickRate = 0.2
    var cartRate = 0.4
    var payRate = 0.5
    var learningRate: Float = 0.01
    /// The weight of ESMM's own loss in ESCM2's.
    var globalWeight: Float = 0
    /// The function of hidden layers; without one a model is linear and cannot follow extremes.
    var activation = LayerActivation.relu

    static let metrics: KeyValuePairs<String, MetricGoal> = [
        "bias": .closerTo(0), "bias, not clicked": .closerTo(0), "AUC": .higher,
        "excess loss": .lower,
    ]

    /// The models, each with layers of the same widths.
    var models: [(name: String, architecture: Architecture)] {
        [
            ("clicks only", .singleTask(units: units)),
            ("ESMM", .esmm(networkUnits: units)),
            ("ESCM2 IPS", .escm2(networkUnits: units, estimator: .ips, globalWeight: globalWeight)),
            ("ESCM2 DR", .escm2(networkUnits: units, estimator: .dr, globalWeight: globalWeight)),
        ]
    }

    /// The shop of a seed.
    func settings(seed: UInt64) -> SimulationSettings {
        var settings = SimulationSettings.tastes(rows: rows, seed: 100 + seed)
        settings.latents.dimension = 4
        settings.scenarios = ["shop"]
        settings.tasks.clickRate = clickRate
        settings.tasks.cartRate = cartRate
        settings.tasks.payRate = payRate
        settings.selection.observed = observed
        settings.selection.hidden = hidden
        return settings
    }

    /// Every model with each seed.
    func table(seeds: [UInt64]) throws -> SeedTable {
        var table = SeedTable(Self.metrics)
        for seed in seeds {
            let log = try SimulatedLog(settings(seed: seed))
            let clicks = try log.column("click")
            let pays = try log.column("pay_final")
            let truth = try log.column("p_conversion")
            let data = try TruthData(
                log,
                extra: ["intent"],
                tasks: [
                    .init(name: "click", label: clicks, truth: log.column("p_click")),
                    // What nobody clicked shows no conversion.
                    .init(
                        name: "pay",
                        label: zip(clicks, pays).map { $0 == 1 ? $1 : .nan },
                        truth: truth
                    ),
                ]
            )
            let converts = zip(try log.column("cart_if_clicked"), try log.column("pay_if_carted"))
                .map { $0 * $1 }
            let asked = Asked(
                data: data,
                clicks: data.ofTest(clicks),
                converts: data.ofTest(converts)
            )
            for (name, architecture) in models {
                try add(name, architecture, asked, seed: seed, to: &table)
            }
        }
        return table
    }

    /// The data and what is known of the test's rows.
    private struct Asked {
        let data: TruthData
        let clicks: [Float]
        let converts: [Float]
    }

    private func add(
        _ name: String,
        _ architecture: Architecture,
        _ asked: Asked,
        seed: UInt64,
        to table: inout SeedTable
    ) throws {
        let data = asked.data
        let model = try architecture.model(
            features: data.features,
            tasks: [TaskHead(name: "click"), TaskHead(name: "pay", within: "click")],
            towers: TowerSettings(activation: activation)
        )
        let trainer = try Trainer(
            model,
            optimizer: .adam(learningRate: learningRate),
            tasks: ["click": .binary(), "pay": .binary(within: "click")],
            seed: seed
        )
        var predicted: [Float] = []
        let seconds = try ExampleProgram.seconds {
            _ = try trainer.fit(data.train, epochs: epochs, batchSize: 512)
            predicted = try trainer.predict(data.test)["pay"]?.floats ?? []
        }
        let truth = data.truth["pay", default: []]
        let unseen = truth.indices.filter { asked.clicks[$0] == 0 }
        let auc = try AUC.value(
            labels: asked.converts,
            scores: predicted
        )
        table.add(
            name,
            seed: seed,
            [
                "bias": TruthData.mean(predicted) - TruthData.mean(truth),
                "bias, not clicked": TruthData.mean(unseen.map { predicted[$0] })
                    - TruthData.mean(unseen.map { truth[$0] }),
                "AUC": auc,
                "excess loss": TruthData.excessLoss(predicted, truth: truth),
            ],
            parameters: trainer.parameters.elementCount,
            seconds: seconds
        )
    }
}
