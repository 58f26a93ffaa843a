import MotetCore
public import MotetGraph
public import MotetNN

/// A network of its own for each scenario, on its rows only; scenarios share nothing but the tables.
///
/// `f_k(x) = tower_{s,k}(bottom_s(x))` for a row of scenario *s*: the baseline that shows what scenarios gain from
/// each other.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `bottom/dense_i/weight` `[S, I, U]`; `towers/<task>/dense_i/weight` `[S, I, U]`
/// - Cost: one network for each row.
/// - Source: the "separate models" of Sheng et al., CIKM 2021.
/// - Departures: separate models have tables of their own as well; train one experiment for each scenario for those.
public final class PerScenario: ScenarioNetwork {
    /// `per_scenario`.
    public static let kind = "per_scenario"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// Runs each scenario's layers on its rows.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("bottomUnits", settings.bottomUnits)
        let layers = settings.bottomUnits.enumerated().map {
            ScenarioDense(
                $1,
                scenarios: scenarios,
                activation: towers.activation,
                name: "dense_\($0 + 1)"
            )
        }
        let value = try context.perceptron(layers, inputs[0], inputs[1], dropout: towers.dropout)
        var own = towers
        own.scenarios = scenarios
        return try context.call(own.towers(tasks, sharesInput: true), [value, inputs[1]])
    }
}

extension PerScenario {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = PerScenario
        /// `per_scenario`.
        public static let name = "per_scenario"
        /// Widths of the layers below the towers.
        public var bottomUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [.widths("bottom_units", \.bottomUnits)]
        }
    }
}

extension Architecture {
    /// A network of its own for each scenario.
    public static func perScenario(units: [Int]) -> Architecture {
        var settings = PerScenario.Settings()
        settings.bottomUnits = units
        return Architecture(settings)
    }
}
