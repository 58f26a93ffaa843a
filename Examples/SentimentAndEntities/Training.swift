import Motet

/// How often a model goes through the rows of what it learns.
struct Epochs {
    /// Tags, by a model of one task or of all.
    var tags = 18
    /// The label of a sentence, by a model of its own.
    var sentiment = 8
    /// The same where the tags are learnt already, and only what it has for itself is left to learn.
    var rest = 16
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
            guard let tags = task.tags else {
                return NamedTask(task.name, .binary(metrics: [task.metric]))
            }
            // The loss of a chain is that of a whole sentence, not of a token.
            guard !isChain else {
                return NamedTask(task.name, .multiclass(weight: 0.1, metrics: [task.metric]))
            }
            // Nearly all tokens are `O`; decided one by one, too many would be without this.
            let loss: Loss = .categoricalCrossEntropy(
                classWeights: tags.tags.map { $0 == "O" ? outsideWeight : 1 }
            )
            return NamedTask(task.name, TaskObjective(loss: loss, metrics: [task.metric]))
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

extension Corpora {
    /// What a model of some tasks learns from: rows with tags, and rows with a label of the sentence.
    func sources(_ tasks: [TaggingTask], _ states: TokenStates?) throws -> [TrainingSource] {
        try [tasks.filter { $0.tags != nil }, tasks.filter { $0.tags == nil }]
            .filter { !$0.isEmpty }
            .map { TrainingSource(try parts($0, states).train, tasks: $0.map(\.name)) }
    }
}

extension SentimentAndEntities {
    /// Fits a model: its tags at first, together, and then the sentiment.
    ///
    /// Sentiment is learnt in few epochs, and then learnt by heart; tags need many. So a model of all tasks leaves
    /// what they share as the tags made it, and learns only what sentiment has for itself. What is kept is the mean of
    /// the parameters after each epoch of the second half: no epoch is chosen. `onEpoch` is told of the parameters after
    /// each.
    static func fit(
        _ trainer: Trainer,
        _ sources: [TrainingSource],
        _ epochs: Epochs = Epochs(),
        onEpoch: @escaping (ParameterStore) -> Void = { _ in }
    ) throws {
        for (stage, source) in sources.enumerated() {
            let tasks = source.tasks ?? []
            let count =
                tasks != [TaggingTask.sentiment.name]
                ? epochs.tags : stage > 0 ? epochs.rest : epochs.sentiment
            var phase = TrainingPhase.joint(tasks, epochs: count)
            if stage > 0 {
                phase.frozen = trainer.model.parameters.map(\.name).filter {
                    !$0.hasPrefix(TaggingTask.sentiment.name)
                }
            }
            var options = FitOptions(epochs: count, batchSize: 32)
            options.schedule = [phase]
            // Short sentences do not pay for long ones: all columns but the sentence's label have steps.
            options.lengthBuckets = LengthBuckets(
                [12, 20, 30, Corpora.length],
                columns: source.training.columns.map(\.name).filter { $0 != "label/sentiment" }
            )
            var (done, mean) = (0, ParameterMean())
            options.onEpoch = { _ in
                done += 1
                onEpoch(trainer.parameters)
                if 2 * done > count { mean.add(trainer.parameters) }
            }
            _ = try trainer.fit(sources, options: options)
            trainer.parameters = mean.parameters
        }
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

/// The mean of parameters, as they come.
struct ParameterMean {
    private(set) var parameters = ParameterStore()
    private var count = 0

    /// Takes parameters in: all of one model.
    mutating func add(_ next: ParameterStore) {
        count += 1
        let share = 1 / Float(count)
        for name in next.names {
            guard let new = next[name] else { continue }
            let old = parameters[name] ?? new
            parameters[name] = Tensor(
                zip(old.floats, new.floats).map { $0 + ($1 - $0) * share },
                shape: new.shape
            )
        }
    }
}
