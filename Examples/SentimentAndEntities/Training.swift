import ExampleSupport
import Motet

/// How long a model learns: tags alone at first, then all of its tasks together.
struct Epochs {
    var tags = 10
    var all = 8
}

extension Variant {
    /// The model made ready to learn.
    func trainer(
        _ tasks: [TaggingTask],
        _ vocabularies: Vocabularies,
        optimizer: Optimizer = .adam(learningRate: 2e-3),
        seed: UInt64
    ) throws -> Trainer {
        let objectives = tasks.map { task in
            // Of equal weight, the loss of the sentence would drown those of the tags.
            guard task.tags != nil else {
                return NamedTask(task.name, .binary(weight: 0.5, metrics: [task.metric]))
            }
            // The loss of a chain is that of a whole sentence, not of a token.
            let weight: Float = isChain ? 0.1 : 1
            return NamedTask(task.name, .multiclass(weight: weight, metrics: [task.metric]))
        }
        return try Trainer(
            model(tasks, vocabularies),
            optimizer: optimizer,
            tasks: objectives,
            seed: seed,
            backend: OneDNNBackend()
        )
    }
}

extension SentimentAndEntities {
    /// Fits a model and keeps its best epoch, by the mean of its tasks' metrics on the validation rows.
    ///
    /// Sentiment is learnt in few epochs and then learnt by heart. It joins the tags late, so that one
    /// epoch is good for all tasks.
    ///
    /// - Returns: what each epoch was like.
    @discardableResult
    static func fit(
        _ trainer: Trainer,
        _ tasks: [TaggingTask],
        _ data: Corpora.Parts,
        _ epochs: Epochs = Epochs()
    ) throws -> History {
        let tagged = tasks.filter { $0.tags != nil }.map(\.name)
        let first: [TrainingPhase] = tagged.isEmpty ? [] : [.joint(tagged, epochs: epochs.tags)]
        var options = FitOptions(epochs: 1, batchSize: 32, validation: data.validation)
        options.schedule = TrainingSchedule(first + [.joint(epochs: epochs.all)])
        // Short sentences do not pay for long ones: all columns but the sentence's label have steps.
        options.lengthBuckets = LengthBuckets(
            [12, 20, 30, Corpora.length],
            columns: data.train.columns.map(\.name).filter { $0 != "label/sentiment" }
        )
        var best = (score: -Double.infinity, parameters: trainer.parameters)
        options.onEpoch = { record in
            guard let report = record.validation else { return }
            let score = values(report, tasks).values.reduce(0, +)
            if score > best.score { best = (score, trainer.parameters) }
        }
        let history = try trainer.fit(data.train, options: options)
        trainer.parameters = best.parameters
        return history
    }

    /// The tasks' metrics by the names of their columns.
    static func values(_ report: MetricReport, _ tasks: [TaggingTask]) -> [String: Double] {
        var values: [String: Double] = [:]
        for task in tasks {
            let selector = MetricSelector(task.metric, task: task.name)
            values[task.column] = report.value(selector).value
        }
        return values
    }
}
