import ExampleSupport
import Motet

/// Models of behaviour, returns and fraud: apart, and sharing in three ways.
struct RiskModels {
    let shop: RiskShop
    let epochs: Int
    let seed: UInt64

    /// The model whose probabilities are judged by: all tasks share experts.
    static let judged = "MMoE"
    static let shared = ["Shared-Bottom", judged, "PLE"]

    /// The models; each has layers of 32 units, and towers of 16.
    private static let architectures: [(name: String, Architecture)] = [
        ("single tasks", .singleTask(units: [32])), ("Shared-Bottom", .sharedBottom(units: [32])),
        ("MMoE", .mmoe(experts: 4, expertUnits: [32])),
        ("PLE", .ple(levels: 1, sharedExperts: 2, taskExperts: 1, expertUnits: [32])),
    ]

    /// Trains every model.
    ///
    /// - Parameter table: takes in what each reaches on the last rows.
    /// - Returns: the probability of fraud of every order by the model that judges.
    /// - Throws: where a model cannot be made or trained.
    func train(into table: inout SeedTable) throws -> [Float] {
        let train = try shop.dataset(Array(0..<shop.validationStart))
        let validation = try shop.dataset(Array(shop.validationStart..<shop.testStart))
        let test = try shop.dataset(Array(shop.testStart..<shop.rows))
        let orders = try shop.dataset(shop.orders)
        var judged: [Float] = []
        for (name, architecture) in Self.architectures {
            let model = try architecture.model(
                features: try shop.features(),
                tasks: RiskShop.tasks.map { TaskHead(name: $0) },
                towers: TowerSettings(units: [16])
            )
            let trainer = try Trainer(
                model,
                optimizer: .adam(learningRate: 2e-3),
                tasks: [
                    "click": .binary(), "cart": .binary(), "pay": .binary(), "return": .binary(),
                    "fraud": .binary(),
                ],
                seed: seed
            )
            var options = FitOptions(epochs: epochs, batchSize: 512, validation: validation)
            options.monitor =
                name == "single tasks"
                ? .eachTask(
                    Dictionary(
                        uniqueKeysWithValues: RiskShop.tasks.map {
                            ($0, MetricSelector(.logLoss, task: $0))
                        }
                    ),
                    patience: 2
                )
                : EarlyStopping(MetricSelector(.logLoss), patience: 2)
            options.gradientProbes = 0
            let seconds = try ExampleProgram.seconds {
                _ = try trainer.fit(train, options: options)
            }
            table.add(
                name,
                seed: seed,
                try values(try trainer.predict(test)),
                parameters: trainer.parameters.elementCount,
                seconds: seconds
            )
            if name == Self.judged {
                judged = try trainer.predict(orders)["fraud"]?.floats ?? []
            }
        }
        return judged
    }

    /// The AUC of behaviour and returns against what happened, and the PR-AUC of fraud against who cheated.
    private func values(_ predicted: [String: Tensor]) throws -> [String: Double] {
        var values: [String: Double] = [:]
        for (task, labels) in zip(RiskShop.tasks, shop.labels) {
            var own = Array(labels[shop.testStart...])
            if task == "fraud" {
                for place in own.indices where own[place].isFinite {
                    own[place] = shop.isFake[shop.testStart + place] ? 1 : 0
                }
            }
            let observations = try Observations(
                labels: own,
                predictions: predicted[task]?.floats ?? []
            )
            let metric = task == "fraud" ? Metric.prAUC : .auc
            values[task == "fraud" ? "fraud PR-AUC" : "\(task) AUC"] =
                metric.evaluate(observations).value
        }
        return values
    }
}
