import MotetConfiguration
import MotetCore
import MotetData
import MotetMetrics
import MotetMultiTask
import MotetNN
import MotetRecommenders
import MotetTraining

extension Experiment {
    /// Records what is wrong between sections, which no section can see alone.
    func check(_ reader: ConfigurationReader) {
        for problem in schema.problems() { reader.fail(nil, problem) }
        checkWithin(reader)
        checkDemand(reader)
        checkTaskFiles(reader)
        checkMetrics(reader)
        checkCalibration(reader)
        checkMonitor(reader)
        checkSchedule(reader)
        checkWeighting(reader)
        checkArchitecture(reader)
        checkScenarios(reader)
        checkInteractions(reader)
        if evaluation.unit == .groups, data.group == nil {
            reader.fail(
                "evaluation",
                "`unit: groups` resamples groups of rows; expected `data.group`; received none."
            )
        }
    }

    private func checkScenarios(_ reader: ConfigurationReader) {
        let needsScenarios = type(of: model.architecture.settings).needsScenarios
        if data.scenario == nil {
            let reasons = [
                (model.scenarioTowers, "`scenario_towers` needs"),
                (model.scenarioFeature > 0, "`scenario_feature` needs"),
                (needsScenarios, "`architecture: \(model.architecture.name)` needs"),
            ]
            for (_, reason) in reasons.filter(\.0) {
                reader.fail(
                    "model",
                    "\(reason) scenarios; expected `data.scenario`; received none."
                )
            }
        }
        if needsScenarios, model.scenarioTowers {
            reader.fail(
                "model",
                "`architecture: \(model.architecture.name)` says itself what scenarios own; "
                    + "expected no `scenario_towers`; received true."
            )
        }
    }

    private func checkArchitecture(_ reader: ConfigurationReader) {
        let experiment = ArchitectureExperiment(
            tasks: tasks.map { task in
                ArchitectureExperiment.Task(
                    name: task.name,
                    isBinary: task.labelKind == .binary,
                    isCrossEntropy: task.loss.loss == .binaryCrossEntropy,
                    within: task.within,
                    hasDemand: task.demand != nil
                )
            },
            features: features.filter(\.hasVector).map(\.name),
            identifiers: features.filter(\.isIdentifier).map(\.name),
            numericFeatures: features.filter(\.isFloat).map(\.name),
            interactions: model.interactions.map(\.name),
            scenarioParts: (model.scenarioTowers ? ["scenario_towers"] : [])
                + (model.scenarioFeature > 0 ? ["scenario_feature"] : []),
            hasScenarios: data.scenario != nil
        )
        for problem in model.architecture.settings.problems(experiment) {
            reader.fail("model", problem)
        }
    }

    private func checkWithin(_ reader: ConfigurationReader) {
        let names = tasks.map(\.name)
        for task in tasks {
            guard let parent = task.within else { continue }
            guard let other = tasks.first(where: { $0.name == parent }), parent != task.name else {
                reader.fail(
                    "tasks",
                    "task \"\(task.name)\": `within` names no other task; expected one of "
                        + "\(names.filter { $0 != task.name }); received `\(parent)`."
                        + Suggestion.sentence(for: parent, in: names)
                )
                continue
            }
            if other.labelKind != .binary {
                reader.fail(
                    "tasks",
                    "task \"\(task.name)\": `within` needs a task of yes or no; expected a binary "
                        + "task; received `\(parent)` with the loss `\(other.loss.name)`."
                )
            }
            var seen: Set<String> = [task.name]
            var next = task.within
            while let current = next, seen.insert(current).inserted {
                next = tasks.first { $0.name == current }?.within
            }
            if next == task.name {
                reader.fail("tasks", "task \"\(task.name)\": `within` leads in a circle.")
            }
        }
    }

    private func checkMetrics(_ reader: ConfigurationReader) {
        for task in tasks {
            for metric in task.metrics where metric.needsGroups && data.group == nil {
                reader.fail(
                    "tasks",
                    "task \"\(task.name)\": the metric `\(metric.name)` needs groups of rows; "
                        + "expected `data.group` with a column such as the user; received none."
                )
            }
        }
    }

    private func checkCalibration(_ reader: ConfigurationReader) {
        for task in tasks where task.calibration != nil && !data.hasValidation {
            reader.fail(
                "tasks",
                "task \"\(task.name)\": `calibration` is learnt from validation rows; expected "
                    + "`data.validation` or a split that makes them; received none."
            )
        }
    }

    private func checkWeighting(_ reader: ConfigurationReader) {
        if let aggregation = training.aggregation {
            for problem in aggregation.aggregation.problems {
                reader.fail("training", "`aggregation: \(aggregation.name)`: \(problem)")
            }
            if training.weighting.name == "gradnorm" {
                reader.fail(
                    "training",
                    "`weighting: gradnorm` weighs losses by their gradients itself; expected no `aggregation`; received `\(aggregation.name)`."
                )
            }
            if tasks.count < 2 {
                reader.fail(
                    "training",
                    "`aggregation: \(aggregation.name)` combines the gradients of tasks; expected at least 2 tasks; received 1."
                )
            }
        }
        let weighting = training.weighting
        for problem in weighting.weighting.problems(namedTasks) { reader.fail("training", problem) }
        if weighting.name == "dtp", !data.hasValidation {
            reader.fail(
                "training",
                "`weighting: dtp` judges tasks by metrics of validation rows; expected "
                    + "`data.validation` or a split that makes them; received none."
            )
        }
    }

    private func checkSchedule(_ reader: ConfigurationReader) {
        let schedule = training.schedule
        let names = tasks.map(\.name)
        var seen = Set<String>()
        for name in schedule.tasks where !names.contains(name) && seen.insert(name).inserted {
            reader.fail(
                "training",
                "`schedule` trains a task there is not; expected one of \(names); received "
                    + "`\(name)`." + Suggestion.sentence(for: name, in: names)
            )
        }
        if schedule.needsScenarios, data.scenario == nil {
            reader.fail(
                "training",
                "`domain_negotiation` goes through scenarios; expected `data.scenario`; received "
                    + "none. `over: tasks` goes through tasks."
            )
        }
        if schedule.needsValidation, !data.hasValidation {
            reader.fail(
                "training",
                "`sequential` finds its order by losses of validation rows; expected "
                    + "`data.validation` or a split that makes them; received none."
            )
        }
    }

    private func checkMonitor(_ reader: ConfigurationReader) {
        guard let monitor = training.earlyStopping else { return }
        let place = "training"
        if !data.hasValidation {
            reader.fail(
                place,
                "`early_stopping` needs validation rows; expected `data.validation` or a split "
                    + "that makes them; received none."
            )
        }
        if let name = monitor.task, !tasks.contains(where: { $0.name == name }) {
            let names = tasks.map(\.name)
            reader.fail(
                place,
                "`early_stopping` watches a task there is not; expected one of \(names); received "
                    + "`\(name)`." + Suggestion.sentence(for: name, in: names)
            )
        } else if let metric = monitor.metric,
            !tasks.contains(where: {
                (monitor.task == nil || $0.name == monitor.task) && $0.metrics.contains(metric)
            })
        {
            reader.fail(
                place,
                "`early_stopping` watches `\(metric.name)`, which "
                    + (monitor.task.map { "task \"\($0)\" does not measure" } ?? "no task measures")
                    + ". Add it to the task's `metrics`."
            )
        }
        checkEachTask(monitor, reader)
        checkMonitorScenario(monitor, reader)
    }

    private func checkEachTask(_ monitor: EarlyStoppingSettings, _ reader: ConfigurationReader) {
        guard monitor.isOfEachTask else { return }
        if model.architecture.name != "single_task" {
            reader.fail(
                "training",
                "`early_stopping` keeps an epoch for each task, which needs tasks that share no "
                    + "parameter; expected the architecture `single_task`; received "
                    + "`\(model.architecture.name)`. Name a `metric` to watch one number instead."
            )
        }
        for task in tasks where task.metrics.isEmpty {
            reader.fail(
                "training",
                "`early_stopping` watches each task; expected `metrics` of task \"\(task.name)\"; "
                    + "received none."
            )
        }
    }

    private func checkMonitorScenario(
        _ monitor: EarlyStoppingSettings,
        _ reader: ConfigurationReader
    ) {
        guard monitor.scenario != nil else { return }
        guard let scenario = data.scenario else {
            reader.fail(
                "training",
                "`early_stopping` watches a scenario; expected `data.scenario`; received none."
            )
            return
        }
        guard let name = monitor.scenario, name != EarlyStoppingSettings.meanOfScenarios,
            let values = scenario.values, !values.contains(name)
        else { return }
        let known = values + [EarlyStoppingSettings.meanOfScenarios]
        reader.fail(
            "training",
            "`early_stopping` watches a scenario there is not; expected one of \(known); received "
                + "`\(name)`." + Suggestion.sentence(for: name, in: known)
        )
    }
}
