import MotetConfiguration
public import MotetMetrics
public import MotetTraining

/// How the model of an experiment learns.
public struct TrainingSettings: Hashable, Sendable {
    /// How kernels of matrix products are chosen.
    public enum Kernels: String, Hashable, Sendable, CaseIterable {
        /// By a rule: every run of an experiment gives the same bits.
        case fixed
        /// By measuring, once a run; the choice is recorded in the run directory and replayed.
        case measured
    }

    /// How parameters follow their gradients.
    public var optimizer: OptimizerSettings
    /// How the losses of tasks become one number.
    public var weighting: WeightingSettings
    /// How the gradients of tasks become one direction; nil where they are added up.
    public var aggregation: AggregationSettings?
    /// The rows of a batch.
    public var batchSize: Int
    /// The phases of the training, in order.
    public var schedule: ScheduleSettings
    /// When to stop early, and which epoch is the best; nil runs all epochs and keeps the last.
    public var earlyStopping: EarlyStoppingSettings?
    /// How many threads compute; nil takes those the machine offers.
    public var threads: Int?
    /// How kernels of matrix products are chosen.
    public var kernels: Kernels
    /// Whether event files for TensorBoard are written.
    public var writesEvents: Bool
    /// What is looked at on the way.
    public var diagnostics: DiagnosticsSettings

    init(reading reader: ConfigurationReader) {
        optimizer = reader.variant("optimizer", of: OptimizerSettings.names) {
            OptimizerSettings(reading: $1, name: $0)
        }
        weighting =
            reader.variant(ifPresent: "weighting", of: WeightingSettings.names) {
                WeightingSettings(reading: $1, name: $0)
            } ?? .fixed
        aggregation = reader.variant(ifPresent: "aggregation", of: AggregationSettings.names) {
            AggregationSettings(reading: $1, name: $0)
        }
        batchSize = reader.integer("batch_size", default: 1024, in: .between(1, 1 << 24))
        schedule = ScheduleSettings(reading: reader)
        earlyStopping = reader.section(ifPresent: "early_stopping") {
            EarlyStoppingSettings(reading: $0)
        }
        threads = reader.integer(ifPresent: "threads", in: .between(1, 1024))
        kernels = reader.choice("kernels", default: .fixed)
        writesEvents = reader.boolean("tensorboard", default: false)
        diagnostics = reader.section(orEmpty: "diagnostics") { DiagnosticsSettings(reading: $0) }
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("optimizer", optimizer.node),
            ("weighting", weighting.node),
            ("aggregation", aggregation?.node),
            ("batch_size", .integer(batchSize)),
            ("schedule", schedule.node),
            ("early_stopping", earlyStopping?.node),
            ("threads", threads.map(ConfigurationNode.integer)),
            ("kernels", .string(kernels.rawValue)),
            ("tensorboard", writesEvents ? .boolean(true) : nil),
            ("diagnostics", diagnostics.node),
        ])
    }
}

/// Which number of the validation report is watched.
public struct EarlyStoppingSettings: Hashable, Sendable {
    /// Stands for the mean over scenarios where a scenario's name is expected.
    public static let meanOfScenarios = "mean"

    /// The metric; nil for each task's first one, where each keeps its own epoch.
    public var metric: Metric?
    /// Whether each task keeps the parameters of its own best epoch.
    public var isOfEachTask: Bool
    /// The task, or nil for the mean over tasks that have the metric.
    public var task: String?
    /// The scenario, ``meanOfScenarios``, or nil for all rows.
    public var scenario: String?
    /// Epochs without a better value that are let pass; nil never stops early.
    public var patience: Int?

    init(reading reader: ConfigurationReader) {
        metric = reader.parsed(ifPresent: "metric") { try Metric.named($0) }
        isOfEachTask = reader.boolean("each_task", default: false)
        if !isOfEachTask, !reader.has("metric") {
            reader.fail(
                "metric",
                "missing; expected the name of a metric such as `auc`.",
                code: .missingKey
            )
        }
        task = reader.string(ifPresent: "task")
        scenario = reader.string(ifPresent: "scenario")
        patience = reader.integer(ifPresent: "patience", in: .atLeast(0))
        if isOfEachTask, task != nil {
            reader.fail("task", "does not go with `each_task: true`, which watches every task.")
        }
    }

    /// The rule for a fit.
    ///
    /// Of each task `metric` is watched where the task measures it, and else its first metric.
    ///
    /// - Parameter tasks: the tasks of the experiment.
    /// - Returns: the rule.
    public func rule(_ tasks: [TaskSettings]) -> EarlyStopping {
        guard isOfEachTask else {
            return EarlyStopping(selector(metric ?? .auc, task: task), patience: patience)
        }
        var selectors: [String: MetricSelector] = [:]
        for task in tasks {
            let own = task.metrics.first { $0 == metric } ?? task.metrics.first
            selectors[task.name] = own.map { selector($0, task: task.name) }
        }
        return .eachTask(selectors, patience: patience)
    }

    private func selector(_ metric: Metric, task: String?) -> MetricSelector {
        let rows: MetricSelector.Scenario =
            switch scenario {
            case nil: .allRows
            case Self.meanOfScenarios: .mean
            case .some(let name): .named(name)
            }
        return MetricSelector(metric, task: task, scenario: rows)
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("metric", metric.map { .string($0.name) }),
            ("each_task", isOfEachTask ? .boolean(true) : nil),
            ("task", task.map(ConfigurationNode.string)),
            ("scenario", scenario.map(ConfigurationNode.string)),
            ("patience", patience.map(ConfigurationNode.integer)),
        ])
    }
}

/// How a trained model is measured.
public struct EvaluationSettings: Hashable, Sendable {
    /// Resamples of the bootstrap behind intervals; 0 for no intervals.
    public var resamples: Int
    /// What is resampled: rows, or groups of rows such as a user's.
    public var unit: Bootstrap.Unit

    init(reading reader: ConfigurationReader) {
        resamples = reader.integer("resamples", default: 200, in: .between(0, 100_000))
        if resamples == 1 {
            reader.fail("resamples", "one says nothing; expected 0 or at least 2; received 1.")
        }
        unit = reader.choice("unit", default: .rows)
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        ["resamples": .integer(resamples), "unit": .string(unit.rawValue)]
    }
}
