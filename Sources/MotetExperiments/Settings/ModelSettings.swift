import MotetConfiguration
import MotetNN
public import MotetRecommenders

/// What the tasks of an experiment share, and their towers.
public struct ModelSettings: Hashable, Sendable {
    /// What tasks share.
    public var architecture: Architecture
    /// Widths of the hidden layers of each task's tower.
    public var towerUnits: [Int]
    /// The name of the function after each hidden layer.
    public var activation: String
    /// The share of hidden elements dropped while training.
    public var dropout: Float
    /// Whether each scenario has towers of its own, which run on its rows only.
    public var scenarioTowers: Bool
    /// The width of a vector for each scenario that is one more feature; 0 for none.
    public var scenarioFeature: Int
    /// How features are combined before the architecture reads them.
    public var interactions: [Interaction]

    /// Whether the model reads which scenario a row is of.
    public var groupsByScenario: Bool {
        scenarioTowers || scenarioFeature > 0 || type(of: architecture.settings).needsScenarios
    }

    init(reading reader: ConfigurationReader) {
        architecture = Self.architecture(reader)
        towerUnits = reader.integers("tower_units", default: [64], in: .atLeast(1))
        activation =
            reader.value("activation")?
            .choice(of: LayerActivation.named.map { ($0.name, $0.name) }) ?? "relu"
        dropout = Float(reader.number("dropout", default: 0, in: .from(0, below: 1)))
        scenarioTowers = reader.boolean("scenario_towers", default: false)
        scenarioFeature = reader.integer("scenario_feature", default: 0, in: .atLeast(0))
        interactions =
            reader.list(ifPresent: "interactions") { value in
                value.variant(of: Interaction.names) { Interaction(reading: $1, name: $0) }
            } ?? []
    }

    private static func architecture(_ reader: ConfigurationReader) -> Architecture {
        let names = Architecture.names.map { "`\($0)`" }.joined(separator: ", ")
        guard let value = reader.value("architecture") else {
            reader.fail("architecture", "missing; expected one of \(names).", code: .missingKey)
            return Architecture(SharedBottom.Settings())
        }
        guard let name = value.choice(of: Architecture.names.map { ($0, $0) }),
            let kind = Architecture.all.first(where: { $0.name == name })
        else {
            // The name is a problem already; its settings are not called unknown on top of it.
            for key in Architecture.all.flatMap({ $0.keyNames }) { _ = reader.has(key) }
            return Architecture(SharedBottom.Settings())
        }
        return Architecture(kind.init(reading: reader))
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        let head: [(String, ConfigurationNode?)] = [("architecture", .string(architecture.name))]
        let towers: [(String, ConfigurationNode?)] = [
            ("tower_units", .integers(towerUnits)),
            ("activation", .string(activation)),
            ("dropout", .float(dropout)),
            ("scenario_towers", .boolean(scenarioTowers)),
            ("scenario_feature", .integer(scenarioFeature)),
            ("interactions", interactions.isEmpty ? nil : .list(interactions.map(\.node))),
        ]
        return .map(head + architecture.settings.entries + towers)
    }
}
