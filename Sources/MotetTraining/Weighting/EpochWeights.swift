import MotetCore
import MotetGraph
import MotetMetrics

/// A rule that makes the factors of losses anew after each epoch.
enum EpochRule: Hashable {
    case dynamicAverage(temperature: Double)
    case prioritised(gamma: Double, smoothing: Double)
    case decaying([String: Double])

    /// The factors of the next epoch.
    ///
    /// All that is needed is in the epochs so far, so that a resumed fit needs nothing else.
    ///
    /// - Parameters:
    ///   - tasks: the tasks.
    ///   - epochs: the epochs so far.
    /// - Returns: for each task its factor.
    func factors(_ tasks: [NamedTask], after epochs: [EpochRecord]) -> [Double] {
        switch self {
        case .dynamicAverage(let temperature):
            let ratios = tasks.indices.map { Self.ratio($0, epochs) / temperature }
            return StepRule.softmax(ratios, of: Array(tasks.indices))
                .map { Double(tasks.count) * $0 }
        case .prioritised(let gamma, let smoothing):
            return tasks.map { task in
                let average = epochs.reduce(nil as Double?) { average, epoch in
                    guard let value = Self.value(of: task, epoch) else { return average }
                    return average.map { $0 + smoothing * (value - $0) } ?? value
                }
                guard let average else { return 1 }
                let quality = min(max(average, 1e-6), 1)
                return -power(1 - quality, gamma) * logarithm(quality)
            }
        case .decaying(let rates):
            return tasks.map { power(rates[$0.name] ?? 1, Double(epochs.count)) }
        }
    }

    /// How much of a task's loss the last epoch left.
    private static func ratio(_ task: Int, _ epochs: [EpochRecord]) -> Double {
        guard epochs.count > 1, let last = epochs[epochs.count - 1].losses[task].value,
            let before = epochs[epochs.count - 2].losses[task].value, last > 0, before > 0
        else { return 1 }
        return last / before
    }

    /// The metric a task is judged by: its first one where higher is better, which lies between 0 and 1.
    static func metric(of task: NamedTask) -> Metric? {
        task.objective.metrics.first { $0.goal == .higher }
    }

    private static func value(of task: NamedTask, _ epoch: EpochRecord) -> Double? {
        guard let metric = metric(of: task) else { return nil }
        return epoch.validation?.value(MetricSelector(metric, task: task.name)).value
    }
}

extension Trainer {
    /// Puts the factors of the next epoch in place, where a rule makes them from those before.
    func weighLosses(after epochs: [EpochRecord]) {
        guard case .epoch(let rule) = weighting.kind else { return }
        for (task, factor) in zip(tasks.tasks, rule.factors(tasks.tasks, after: epochs)) {
            states.set(LossSum.stateName(task.name), Tensor([Float(factor)], shape: []))
        }
    }

    /// Checks that a weighting has what it needs: settings in range, suitable losses, metrics to judge by.
    func checkWeighting(hasValidation: Bool) throws {
        for problem in weighting.problems(tasks.tasks) {
            throw TrainingError(.weightingInvalid, problem)
        }
        if case .epoch(.prioritised) = weighting.kind, !hasValidation {
            throw TrainingError(
                .weightingInvalid,
                "weighting: priorities follow metrics of validation rows; expected validation data; received none."
            )
        }
    }
}
