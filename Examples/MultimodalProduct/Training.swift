import ExampleSupport
import Motet

/// How models are trained and measured: the same for one task and for all.
///
/// Each model goes equally often through the rows that have a label of its tasks. The rate rises over the
/// first tenth of the steps, then falls to 0; with full steps from the start, and nothing normalised, most
/// rectified units of the photo are soon off for good.
struct Training {
    let data: ProductData
    var sizes = MultimodalProduct.Sizes()
    var epochs = 7
    var batchSize = 64

    /// A model that was trained with a seed, and what it reached.
    struct Run {
        let seed: UInt64
        let validation, test: [String: Double]
        let parameters: Int
        let seconds: Double
        /// For each task the factor of its loss at the end.
        let lossWeights: [(task: String, weight: Float)]
    }

    /// What is measured of tasks.
    static let measured: KeyValuePairs<String, MetricGoal> = [
        "class accuracy": .higher, "polarity AUC": .higher, "match AUC": .higher,
    ]

    /// Trains a model and measures it on validation and on test rows.
    ///
    /// - Parameters:
    ///   - tasks: what it learns.
    ///   - text: what its text branch reads.
    ///   - weights: the factors of the losses, 1 unless given.
    ///   - weighting: whether they are learnt.
    ///   - seed: the seed of the model and of the order of rows.
    /// - Returns: what it reached.
    /// - Throws: `TrainingError` when the rows do not fit.
    func run(
        _ tasks: [String],
        _ text: MultimodalProduct.TextBranch,
        weights: [String: Float] = [:],
        weighting: LossWeighting = .fixed,
        seed: UInt64
    ) throws -> Run {
        let side = data.products.side
        var sizes = sizes
        sizes.side = side
        // Photos and sentences make batches of their own: in a common batch the few sentences would be stepped in
        // each, five times as often as by a model of them alone, and learnt by heart.
        let sources = try [tasks.filter { $0 != "polarity" }, tasks.filter { $0 == "polarity" }]
            .filter { !$0.isEmpty }
            .map { own in
                let rows = try data.rows(.train, tasks: own).augmented(
                    ImageAugmentation(
                        "image",
                        height: side,
                        width: side,
                        channels: 3,
                        flipProbability: 0.5,
                        maximumShift: side / 10,
                        seed: seed
                    )
                )
                return TrainingSource(rows, tasks: own)
            }
        let steps = sources.reduce(0) { sum, source in
            sum + epochs * ((source.training.rowCount + batchSize - 1) / batchSize)
        }
        var optimizer = Optimizer.adam(learningRate: 3e-3)
        optimizer.schedule = .cosine(steps: steps - steps / 10).warmingUp(steps: steps / 10)
        optimizer.clipsNorm = 1
        let trainer = try MultimodalProduct.makeTrainer(
            MultimodalProduct.makeModel(
                tasks,
                text,
                products: data.classCount,
                sizes: sizes
            ),
            weights: weights,
            weighting: weighting,
            optimizer: optimizer,
            seed: seed
        )
        let seconds = try Stopwatch.seconds {
            let options = FitOptions(epochs: epochs, batchSize: batchSize)
            _ = try trainer.fit(sources, options: options)
        }
        return Run(
            seed: seed,
            validation: try measure(trainer, data.rows(.validation, tasks: tasks)),
            test: try measure(trainer, data.rows(.test, tasks: tasks)),
            parameters: trainer.parameters.elementCount,
            seconds: seconds,
            lossWeights: trainer.lossWeights
        )
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
}
