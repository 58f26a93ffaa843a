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

    init(reading reader: ConfigurationReader) {
        architecture = Self.architecture(reader)
        towerUnits = reader.integers("tower_units", default: [64], in: .atLeast(1))
        activation =
            reader.value("activation")?
            .choice(of: LayerActivation.named.map { ($0.name, $0.name) }) ?? "relu"
        dropout = Float(reader.number("dropout", default: 0, in: .from(0, below: 1)))
        scenarioTowers = reader.boolean("scenario_towers", default: false)
    }

    private static func architecture(_ reader: ConfigurationReader) -> Architecture {
        let names = Architecture.names.map { "`\($0)`" }.joined(separator: ", ")
        guard let value = reader.value("architecture") else {
            reader.fail("architecture", "missing; expected one of \(names).", code: .missingKey)
            return .sharedBottom(units: [])
        }
        func units(_ key: String) -> [Int] {
            reader.integers(key, default: [128], count: .atLeast(1), in: .atLeast(1))
        }
        func count(_ key: String, _ fallback: Int) -> Int {
            reader.integer(key, default: fallback, in: .atLeast(1))
        }
        switch value.choice(of: Architecture.names.map { ($0, $0) }) {
        case "single_task": return .singleTask(units: units("bottom_units"))
        case "shared_bottom": return .sharedBottom(units: units("bottom_units"))
        case "mmoe": return .mmoe(experts: count("experts", 4), expertUnits: units("expert_units"))
        case "cgc":
            return .cgc(
                sharedExperts: count("shared_experts", 1),
                taskExperts: count("task_experts", 1),
                expertUnits: units("expert_units")
            )
        case "ple":
            return .ple(
                levels: count("levels", 2),
                sharedExperts: count("shared_experts", 1),
                taskExperts: count("task_experts", 1),
                expertUnits: units("expert_units")
            )
        default:
            // The name is a problem already; its settings are not called unknown on top of it.
            for key in settingNames { _ = reader.has(key) }
            return .sharedBottom(units: [])
        }
    }

    private static let settingNames = [
        "bottom_units", "experts", "expert_units", "shared_experts", "task_experts", "levels",
    ]

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        .map(
            architecture.entries + [
                ("tower_units", .integers(towerUnits)),
                ("activation", .string(activation)),
                ("dropout", .float(dropout)),
                ("scenario_towers", .boolean(scenarioTowers)),
            ]
        )
    }
}

extension Architecture {
    /// The name in configurations.
    public var name: String {
        switch self {
        case .singleTask: "single_task"
        case .sharedBottom: "shared_bottom"
        case .mmoe: "mmoe"
        case .cgc: "cgc"
        case .ple: "ple"
        }
    }

    fileprivate var entries: [(String, ConfigurationNode?)] {
        let settings: [(String, ConfigurationNode?)] =
            switch self {
            case .singleTask(let units), .sharedBottom(let units):
                [("bottom_units", .integers(units))]
            case .mmoe(let experts, let units):
                [("experts", .integer(experts)), ("expert_units", .integers(units))]
            case .cgc(let shared, let own, let units):
                [
                    ("shared_experts", .integer(shared)), ("task_experts", .integer(own)),
                    ("expert_units", .integers(units)),
                ]
            case .ple(let levels, let shared, let own, let units):
                [
                    ("levels", .integer(levels)), ("shared_experts", .integer(shared)),
                    ("task_experts", .integer(own)), ("expert_units", .integers(units)),
                ]
            }
        return [("architecture", .string(name))] + settings
    }
}
