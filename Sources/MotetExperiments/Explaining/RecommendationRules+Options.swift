import MotetConfiguration
import MotetMetrics
import MotetRecommenders
import MotetTraining

/// Changes that several rules propose.
extension RecommendationRules {
    /// An integer of a section of the configuration.
    func integer(_ section: String, _ key: String) -> Int? {
        guard case .integer(let value)? = experiment.node[section]?[key]?.content else {
            return nil
        }
        return value
    }

    /// More experts, or layers, of the tasks' own.
    func sharingLess() -> [[Recommendation.Change]] {
        typealias Change = Recommendation.Change
        if let own = integer("model", "task_experts") {
            return [[Change("model.task_experts", own + 1)]]
        }
        switch experiment.model.architecture.name {
        case "shared_bottom":
            guard let units = experiment.node["model"]?["bottom_units"] else { return [] }
            let text = ConfigurationWriter.yaml(units).split(separator: "\n").joined(separator: " ")
            return [
                [
                    Change("model.architecture", "cgc"), Change("model.bottom_units", nil),
                    Change("model.shared_experts", 1), Change("model.task_experts", 1),
                    Change("model.expert_units", text),
                ]
            ]
        case "mmoe", "omoe":
            let experts = integer("model", "experts") ?? 2
            return [
                [
                    Change("model.architecture", "cgc"), Change("model.experts", nil),
                    Change("model.shared_experts", max(1, experts / 2)),
                    Change("model.task_experts", 1),
                ]
            ]
        default: return []
        }
    }

    /// Gradients of tasks combined by a rule, where they are only added up.
    func aggregating(_ rule: String) -> [[Recommendation.Change]] {
        guard experiment.training.aggregation == nil,
            experiment.training.weighting.name != "gradnorm"
        else { return [] }
        return [[Recommendation.Change("training.aggregation", rule)]]
    }

    /// A part of each scenario's own.
    func ofScenarios() -> [[Recommendation.Change]] {
        guard experiment.data.scenario != nil else { return [] }
        var options: [[Recommendation.Change]] = []
        if experiment.model.scenarioFeature == 0 {
            options.append([Recommendation.Change("model.scenario_feature", 4)])
        }
        if !experiment.model.scenarioTowers {
            options.append([Recommendation.Change("model.scenario_towers", "true")])
        }
        return options
    }

    /// A loss whose predictions are probabilities, or an epoch chosen by how true they are.
    func recalibrating(_ task: TaskSettings) -> [[Recommendation.Change]] {
        typealias Change = Recommendation.Change
        if task.loss.name != "binary_cross_entropy" {
            return [[Change("tasks.\(task.name).loss", "binary_cross_entropy")]]
        }
        guard experiment.training.earlyStopping == nil else { return [] }
        let stopping = Change(
            "training.early_stopping",
            "{ metric: log_loss, task: \(task.name), patience: 2 }"
        )
        guard !task.metrics.contains(.logLoss) else { return [[stopping]] }
        let metrics = (task.metrics + [.logLoss]).map(\.name).joined(separator: ", ")
        return [[Change("tasks.\(task.name).metrics", "[\(metrics)]"), stopping]]
    }
}
