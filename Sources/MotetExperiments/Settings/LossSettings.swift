import MotetConfiguration
public import MotetMetrics
public import MotetNN

/// A loss by its name in configurations, with its settings.
public struct LossSettings: Hashable, Sendable {
    /// The names in configurations.
    public static let names = [
        "binary_cross_entropy", "focal", "categorical_cross_entropy", "mean_squared_error",
        "mean_absolute_error", "huber", "poisson", "quantile", "fake_negative_weighted",
    ]

    /// The name.
    public let name: String
    /// The loss.
    public let loss: Loss
    /// For each class of the task how much its rows count; empty where all count alike.
    public let classWeights: [Float]
    private let settings: [String: Float]

    init(reading reader: ConfigurationReader, name: String) {
        self.name = name
        var settings: [String: Float] = [:]
        var weights: [Float] = []
        switch name {
        case "focal":
            settings["gamma"] = Float(reader.number("gamma", default: 2, in: .atLeast(0)))
            settings["alpha"] = reader.number(ifPresent: "alpha", in: .between(0, 1)).map(
                Float.init
            )
            loss = .focal(gamma: settings["gamma"] ?? 2, alpha: settings["alpha"])
        case "categorical_cross_entropy":
            if let share = reader.number(ifPresent: "label_smoothing", in: .between(0, 0.99)) {
                settings["label_smoothing"] = Float(share)
            }
            weights =
                reader.list(ifPresent: "class_weights", count: .atLeast(2)) {
                    $0.number(in: .atLeast(0)).map(Float.init)
                } ?? []
            loss = .categoricalCrossEntropy(
                labelSmoothing: settings["label_smoothing"] ?? 0,
                classWeights: weights
            )
        case "mean_squared_error": loss = .squaredError
        case "mean_absolute_error": loss = .absoluteError
        case "huber":
            settings["delta"] = Float(reader.number("delta", default: 1, in: .above(0)))
            loss = .huber(delta: settings["delta"] ?? 1)
        case "poisson": loss = .poisson
        case "fake_negative_weighted": loss = .fakeNegativeWeighted
        case "quantile":
            settings["level"] = Float(reader.number("level", in: .strictlyBetween(0, 1)))
            loss = .quantile(settings["level"] ?? 0.5)
        default: loss = .binaryCrossEntropy
        }
        self.settings = settings
        classWeights = weights
    }

    /// Whether labels are 0 or 1.
    public var isBinary: Bool { loss.isBinary }

    /// What is measured where a task names no metrics.
    public var usualMetrics: [Metric] {
        if isBinary { return [.auc, .logLoss] }
        return loss.isCategorical ? [.accuracy] : [.rmse, .mae]
    }

    /// Whether a metric has a meaning for predictions of this loss.
    public func suits(_ metric: Metric) -> Bool {
        let ofNumbers: Set<Metric> = [.rmse, .mae, .wape]
        if isBinary { return metric.rows.contains(.numbers) }
        if loss.isCategorical { return metric.rows.contains(.classes) }
        return ofNumbers.contains(metric) || metric == .calibration
    }

    /// The loss as a tree that reads back equal.
    var node: ConfigurationNode {
        guard !(settings.isEmpty && classWeights.isEmpty) else { return .string(name) }
        let weights: ConfigurationNode? =
            classWeights.isEmpty ? nil : .list(classWeights.map(ConfigurationNode.float))
        let numbers = settings.sorted { $0.key < $1.key }
            .map { ($0.key, ConfigurationNode?.some(.float($0.value))) }
        return .map([("name", .string(name))] + numbers + [("class_weights", weights)])
    }
}
