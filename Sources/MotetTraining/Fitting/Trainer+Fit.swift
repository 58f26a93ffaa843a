public import MotetData
import MotetCore
import MotetGraph
import MotetNN

extension Trainer {
    /// Fits the parameters to data.
    ///
    /// With a rule that watches validation data the best epoch's parameters are in place afterwards. A loss
    /// that is not finite ends the fit before it reaches the parameters.
    ///
    /// - Parameters:
    ///   - train: prepared rows with labels.
    ///   - options: how long, and what happens on the way.
    /// - Returns: what each epoch was like, those before a resumed checkpoint included.
    /// - Throws: `TrainingError` when data do not fit the model, a loss is not finite, or a checkpoint
    ///   cannot be read or written.
    public func fit(_ train: PreparedDataset, options: FitOptions) throws -> History {
        try fit([TrainingSource(train, validation: options.validation)], options: options)
    }

    /// Fits the parameters to data of several sources, each with the labels of some tasks.
    ///
    /// - Parameters:
    ///   - sources: rows to learn from and to measure on; `options.validation` is not used.
    ///   - options: how long, in which order, and what happens on the way.
    /// - Returns: what each epoch was like, those before a resumed checkpoint included.
    /// - Throws: `TrainingError` as the other form, and when the schedule names what is not there.
    public func fit(_ sources: [TrainingSource], options: FitOptions) throws -> History {
        for source in sources {
            try checkTasksHaveRows(
                source.training,
                try tasks.positions(source.tasks),
                mayBeEmpty: options.allowsTasksWithoutRows
            )
        }
        try checkEveryTaskHasASource(sources)
        try checkWeighting(hasValidation: sources.contains { $0.validation != nil })
        if let buckets = options.lengthBuckets { try check(buckets, sources) }
        let schedule = options.schedule ?? [.joint(epochs: options.epochs)]
        let runner = try ScheduleRunner(
            self,
            schedule,
            sources,
            batchSize: options.batchSize,
            scenarioCount: options.scenarios.count,
            lengthBuckets: options.lengthBuckets
        )
        return try Fitting(self, runner, options).run()
    }

    /// Fits the parameters to data in an order of tasks.
    ///
    /// - Parameters:
    ///   - train: prepared rows with labels.
    ///   - schedule: the order in which tasks are trained.
    ///   - batchSize: the rows of a batch.
    ///   - validation: what is measured after each epoch.
    /// - Returns: what each epoch, or part of a phase, was like.
    /// - Throws: as `fit(_:options:)`.
    public func fit(
        _ train: PreparedDataset,
        schedule: TrainingSchedule,
        batchSize: Int,
        validation: PreparedDataset? = nil
    ) throws -> History {
        var options = FitOptions(epochs: 1, batchSize: batchSize, validation: validation)
        options.schedule = schedule
        return try fit(train, options: options)
    }

    /// Checks that length buckets name columns the sources have, and an input among them.
    private func check(_ buckets: LengthBuckets, _ sources: [TrainingSource]) throws {
        let known = sources.flatMap { $0.training.columns.map(\.name) }
        for column in buckets.columns where !known.contains(column) {
            throw TrainingError(
                .dataMismatch,
                "length buckets: there is no column \"\(column)\"; the data has \(known.joined(separator: ", "))."
                    + Suggestion.sentence(for: column, in: known)
            )
        }
        guard model.inputs.contains(where: { buckets.columns.contains($0.name) }) else {
            throw TrainingError(
                .dataMismatch,
                "length buckets: 'columns' names no input of the model; expected one of \(model.inputs.map(\.name).joined(separator: ", ")); received \(buckets.columns)."
            )
        }
    }

    private func checkEveryTaskHasASource(_ sources: [TrainingSource]) throws {
        let known = try Set(sources.flatMap { try tasks.positions($0.tasks) })
        for (index, task) in tasks.tasks.enumerated() where !known.contains(index) {
            throw TrainingError(
                .nothingToLearn,
                "task \"\(task.name)\": no source has its labels; expected 1 of \(sources.count) sources to name it."
            )
        }
    }

    /// Fits the parameters to data.
    ///
    /// - Parameters:
    ///   - train: prepared rows with labels.
    ///   - epochs: how often the rows are gone through.
    ///   - batchSize: the rows of a batch.
    ///   - validation: what is measured after each epoch.
    /// - Returns: what each epoch was like.
    /// - Throws: as `fit(_:options:)`.
    public func fit(
        _ train: PreparedDataset,
        epochs: Int,
        batchSize: Int,
        validation: PreparedDataset? = nil
    ) throws -> History {
        try fit(
            train,
            options: FitOptions(epochs: epochs, batchSize: batchSize, validation: validation)
        )
    }

    /// The classes or tags a task's labels are numbers of; 0 where they are no such numbers.
    private func classCount(_ task: NamedTask) -> Int {
        let loss = task.objective.loss
        if loss.isBinary { return 2 }
        let output = model.outputs.first { $0.name == task.name }
        return loss.isCategorical ? output?.type.shape.last.fixedSize ?? 0 : 0
    }

    /// Checks that every task has rows to learn from, labels in their range, and binary ones positive rows.
    private func checkTasksHaveRows(
        _ data: PreparedDataset,
        _ positions: [Int],
        mayBeEmpty: Bool
    ) throws {
        for task in positions.map({ tasks.tasks[$0] }) {
            let column = task.objective.column(of: task.name)
            guard data.columns.contains(where: { $0.name == column }) else { continue }
            var (positives, others, outside) = (0, 0, Float?.none)
            let classes = classCount(task)
            let parents = tasks.ancestors(of: task.name)
                .compactMap { name in tasks[name]?.column(of: name) }
            let masks = try parents.map { parent in
                try data.withFloats(parent) { Array($0) }
            }
            try data.withFloats(column) { labels in
                let width = max(1, labels.count / max(1, data.rowCount))
                for row in labels.indices where !labels[row].isNaN {
                    guard masks.allSatisfy({ $0[row / width] == 1 }) else { continue }
                    if labels[row] == 1 { positives += 1 } else { others += 1 }
                    let isClass = labels[row] >= 0 && labels[row] < Float(classes)
                    if !isClass || labels[row] != labels[row].rounded() { outside = labels[row] }
                }
            }
            guard positives + others > 0 || mayBeEmpty else {
                throw TrainingError(
                    .nothingToLearn,
                    "task \"\(task.name)\": no training row has a label; expected at least 1 among \(data.rowCount) rows."
                )
            }
            if classes > 1, let outside {
                let expected =
                    classes == 2 ? "0 or 1" : "a whole number from 0 to \(classes - 1)"
                let missing =
                    task.objective.loss.isBinary ? "" : ", NaN where there is none"
                throw TrainingError(
                    .dataMismatch,
                    "task \"\(task.name)\": a label is out of range; expected \(expected)\(missing); received \(outside)."
                )
            }
            guard task.objective.loss.isBinary else { continue }
            guard positives > 0 || mayBeEmpty else {
                throw TrainingError(
                    .nothingToLearn,
                    "task \"\(task.name)\": no training row is positive; expected at least 1 label of 1 among \(others) rows. Check the label column or its rule."
                )
            }
        }
    }
}
