import ExampleSupport
import Motet

/// Weights chosen on validation rows, then every variant with every seed on test rows.
///
/// Each model goes as often through the rows that have a label of its tasks, while the learning rate falls
/// to 0, so that all have seen each label equally often.
struct Comparison {
    private static let measured: KeyValuePairs<String, MetricGoal> = [
        "class accuracy": .higher, "polarity AUC": .higher, "match AUC": .higher,
    ]
    private let data: ProductData
    private let epochs: Int
    /// The weights that were tried, on validation rows, with one seed.
    private(set) var grid = SeedTable(Comparison.measured)
    /// Test rows.
    private(set) var table = SeedTable(Comparison.measured)
    /// The best weights of the grid by the mean of the three numbers.
    private(set) var best: [String: Float] = [:]
    /// What the weights that are learnt became with the first seed.
    private(set) var learned = ""

    /// The weights of class, polarity and match that are tried.
    static let weights: [(Float, Float, Float)] = [
        (1, 1, 1), (3, 1, 1), (1, 0.3, 1), (1, 1, 3),
    ]

    init(
        _ data: ProductData,
        seeds: [UInt64],
        epochs: Int = 20,
        weights: [(Float, Float, Float)] = Comparison.weights
    ) throws {
        self.data = data
        self.epochs = epochs
        try sweep(weights, seed: seeds.first ?? 0)
        for seed in seeds {
            for (text, branch) in [("words", data.words), ("encoder", data.vectors)] {
                let all = MultimodalProduct.tasks
                try add("\(text), best of grid", all, branch, weights: best, seed: seed)
                let run = try add(
                    "\(text), learnt weights",
                    all,
                    branch,
                    weighting: .uncertainty,
                    seed: seed
                )
                if seed == seeds.first {
                    let weights = run.lossWeights.map {
                        "\($0.task) \(NumberText.fixed(Double($0.weight), digits: 2))"
                    }
                    learned += "weights learnt with \(text): \(weights.joined(separator: ", "))\n"
                }
                for task in ["polarity", "match"] {
                    try add("\(text), single tasks", [task], branch, seed: seed)
                }
            }
            // The model of classes reads no text: it is one of both branches' single models.
            let (trainer, seconds) = try train(["class"], data.words, seed: seed)
            for text in ["words", "encoder"] {
                table.add(
                    "\(text), single tasks",
                    seed: seed,
                    try measure(trainer, data.rows(.test, tasks: ["class"])),
                    parameters: trainer.parameters.elementCount,
                    seconds: seconds
                )
            }
        }
    }

    private mutating func sweep(_ weights: [(Float, Float, Float)], seed: UInt64) throws {
        var greatest = -Double.infinity
        for (first, second, third) in weights {
            let factors = ["class": first, "polarity": second, "match": third]
            let (trainer, seconds) = try train(
                MultimodalProduct.tasks,
                data.words,
                weights: factors,
                seed: seed
            )
            let values = try measure(trainer, data.rows(.validation))
            let mean = values.values.reduce(0, +) / Double(max(values.count, 1))
            if mean > greatest { (greatest, best) = (mean, factors) }
            grid.add(
                "\(first) : \(second) : \(third)",
                seed: seed,
                values,
                parameters: trainer.parameters.elementCount,
                seconds: seconds
            )
        }
    }

    private func train(
        _ tasks: [String],
        _ text: MultimodalProduct.TextBranch,
        weights: [String: Float] = [:],
        weighting: LossWeighting = .fixed,
        seed: UInt64
    ) throws -> (Trainer, seconds: Double) {
        let own = try data.rows(.train, tasks: tasks)
        let batchSize = 64
        var optimizer = Optimizer.adam(learningRate: 2e-3)
        optimizer.schedule = .cosine(steps: epochs * ((own.rowCount + batchSize - 1) / batchSize))
        let model = try MultimodalProduct.makeModel(
            tasks,
            text,
            products: data.classCount,
            sizes: MultimodalProduct.Sizes(side: data.products.side)
        )
        let trainer = try MultimodalProduct.makeTrainer(
            model,
            weights: weights,
            weighting: weighting,
            optimizer: optimizer,
            seed: seed
        )
        let side = data.products.side
        let rows = try own.augmented(
            ImageAugmentation(
                "image",
                height: side,
                width: side,
                channels: 3,
                flipProbability: 0.5,
                maximumShift: 3,
                seed: seed
            )
        )
        let seconds = try Stopwatch.seconds {
            _ = try trainer.fit(rows, epochs: epochs, batchSize: batchSize)
        }
        return (trainer, seconds)
    }

    @discardableResult
    private mutating func add(
        _ variant: String,
        _ tasks: [String],
        _ text: MultimodalProduct.TextBranch,
        weights: [String: Float] = [:],
        weighting: LossWeighting = .fixed,
        seed: UInt64
    ) throws -> Trainer {
        let (trainer, seconds) = try train(
            tasks,
            text,
            weights: weights,
            weighting: weighting,
            seed: seed
        )
        table.add(
            variant,
            seed: seed,
            try measure(trainer, data.rows(.test, tasks: tasks)),
            parameters: trainer.parameters.elementCount,
            seconds: seconds
        )
        return trainer
    }

    private func measure(_ trainer: Trainer, _ rows: PreparedDataset) throws -> [String: Double] {
        let report = MetricReport(evaluating: try trainer.evaluate(rows, batchSize: 256))
        var values: [String: Double] = [:]
        for name in Self.measured.map(\.key) {
            let task = String(name.prefix { $0 != " " })
            let metric = task == "class" ? Metric.accuracy : .auc
            values[name] = report.estimate(task: task, metric: metric)?.value.value
        }
        return values
    }

    /// The tables and what they say.
    var text: String {
        func against(_ variant: String, _ other: String) -> [String] {
            ["\(variant) against \(other):", table.verdict(variant, against: other), ""]
        }
        let parts =
            [
                "weights of class : polarity : match, words, validation rows:", grid.plain(),
                learned, "test rows:", table.plain(),
            ]
            + against("words, best of grid", "words, single tasks")
            + against("words, learnt weights", "words, best of grid")
            + against("encoder, best of grid", "encoder, single tasks")
            + against("encoder, best of grid", "words, best of grid")
        return parts.joined(separator: "\n")
    }
}
