/// What an architecture with weights of its own for each scenario is made of.
public struct ScenarioParts<Settings: ScenarioSettings>: Sendable {
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios, `S`.
    public let scenarios: Int
    /// Sizes and choices.
    public let settings: Settings
    /// Where the features that the settings name stand in the vector of all, such as those of a prior.
    public let columns: [Range<Int>]
    /// The towers.
    public let towers: TowerSettings
    /// The user's name.
    public let name: String?
}

/// An architecture with weights of its own for each scenario, which run on that scenario's rows.
public protocol ScenarioNetwork: MultiTaskLayer {
    /// Its sizes and choices.
    associatedtype Settings: ScenarioSettings
    /// What it is made of.
    var parts: ScenarioParts<Settings> { get }
    /// Creates the architecture from its parts.
    init(_ parts: ScenarioParts<Settings>)
}

extension ScenarioNetwork {
    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - scenarios: the number of scenarios.
    ///   - settings: sizes and choices.
    ///   - columns: where the features that the settings name stand in the vector of all.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        scenarios: Int,
        settings: Settings = Settings(),
        columns: [Range<Int>] = [],
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.init(
            ScenarioParts(
                tasks: tasks,
                scenarios: scenarios,
                settings: settings,
                columns: columns,
                towers: towers,
                name: name
            )
        )
    }

    /// The user's name.
    public var name: String? { parts.name }
    /// The tasks in the order of the outputs.
    public var tasks: [TaskHead] { parts.tasks }
    /// The number of scenarios, `S`.
    public var scenarioCount: Int? { parts.scenarios }

    var scenarios: Int { parts.scenarios }
    var settings: Settings { parts.settings }
    var towers: TowerSettings { parts.towers }
}
