import MotetConfiguration
public import MotetMetrics

/// How the probabilities of a task are brought to where they come true, after the training.
public struct CalibrationSettings: Hashable, Sendable {
    /// The form of the calibrator.
    public var kind: Calibrator.Kind
    /// Whether each scenario with enough rows has a calibrator of its own.
    public var byScenario: Bool
    /// The rows with the label 1, and as many with 0, that a scenario needs for one of its own; 1 or more.
    public var minimumOfEach: Int

    /// Creates settings.
    public init(_ kind: Calibrator.Kind, byScenario: Bool = true, minimumOfEach: Int = 100) {
        self.kind = kind
        self.byScenario = byScenario
        self.minimumOfEach = minimumOfEach
    }

    init(reading reader: ConfigurationReader, name: String) {
        self.init(
            Calibrator.Kind(rawValue: name) ?? .platt,
            byScenario: reader.boolean("by_scenario", default: true),
            minimumOfEach: reader.integer("minimum_of_each", default: 100, in: .atLeast(1))
        )
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("name", .string(kind.rawValue)),
            ("by_scenario", .boolean(byScenario)),
            ("minimum_of_each", .integer(minimumOfEach)),
        ])
    }
}
