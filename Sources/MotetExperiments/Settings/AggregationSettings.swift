import MotetConfiguration
public import MotetMultiTask

/// A way to combine gradients by its name in configurations, with its settings.
public struct AggregationSettings: Hashable, Sendable {
    /// The names in configurations.
    public static let names = [
        "sum", "mean", "pcgrad", "gradvac", "mgda", "cagrad", "upgrad", "imtl_g", "aligned_mtl",
        "config", "nash_mtl", "fairgrad", "metabalance", "db_mtl", "moco",
        "graddrop",
    ]

    /// The name.
    public let name: String
    /// The aggregation.
    public let aggregation: GradientAggregation
    private let settings: [Setting]

    private struct Setting: Hashable {
        let key: String
        let value: ConfigurationNode
    }

    init(reading reader: ConfigurationReader, name: String) {
        self.name = name
        var settings: [Setting] = []
        func number(_ key: String, default value: Double) -> Double {
            let read = reader.number(key, default: value)
            settings.append(Setting(key: key, value: .number(read)))
            return read
        }
        let rule: GradientAggregation
        switch name {
        case "sum": rule = .sum
        case "pcgrad": rule = .pcgrad
        case "gradvac": rule = .gradvac(beta: number("beta", default: 0.01))
        case "mgda": rule = .mgda
        case "cagrad": rule = .cagrad(c: number("c", default: 0.5))
        case "upgrad": rule = .upgrad
        case "imtl_g": rule = .imtlG
        case "aligned_mtl": rule = .alignedMTL
        case "config": rule = .config
        case "nash_mtl":
            let interval = reader.integer("interval", default: 1, in: .between(1, 1_000_000))
            settings.append(Setting(key: "interval", value: .integer(interval)))
            rule = .nashMTL(interval: interval)
        case "fairgrad": rule = .fairGrad(alpha: number("alpha", default: 1))
        case "metabalance":
            let relax = number("relax", default: 0.7)
            rule = .metaBalance(relax: relax, beta: number("beta", default: 0.9))
        case "db_mtl":
            let beta = number("beta", default: 0.9)
            rule = .dbMTL(beta: beta, exponent: number("exponent", default: 0.5))
        case "moco":
            let beta = number("beta", default: 0.5)
            let gamma = number("gamma", default: 0.1)
            rule = .moco(beta: beta, gamma: gamma, rho: number("rho", default: 0))
        case "graddrop": rule = .gradDrop(leak: number("leak", default: 0))
        default: rule = .mean
        }
        let place: TaskDifferentiation.Place = reader.choice("at", default: rule.place)
        let parts = reader.strings("parts", default: [], count: .atLeast(0))
        settings.append(Setting(key: "at", value: .string(place.rawValue)))
        if !parts.isEmpty { settings.append(Setting(key: "parts", value: .strings(parts))) }
        let hasTables = reader.boolean("include_tables", default: false)
        if hasTables {
            settings.append(Setting(key: "include_tables", value: .boolean(true)))
        }
        let placed = rule.at(place, parts: parts)
        aggregation = hasTables ? placed.includingTables() : placed
        self.settings = settings
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        .map(
            [("name", .string(name))] + settings.map { ($0.key, ConfigurationNode?.some($0.value)) }
        )
    }
}
