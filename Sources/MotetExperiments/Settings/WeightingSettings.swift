import MotetConfiguration
import MotetMultiTask
public import MotetTraining

/// A weighting of losses by its name in configurations, with its settings.
public struct WeightingSettings: Hashable, Sendable {
    /// The names in configurations.
    public static let names = [
        "fixed", "uncertainty", "imtl_l", "gls", "rlw", "stch", "dwa", "dtp", "decay", "gradnorm",
        "famo",
    ]

    /// The name.
    public let name: String
    /// The weighting.
    public let weighting: LossWeighting
    private let settings: [Setting]

    private struct Setting: Hashable {
        let key: String
        let value: ConfigurationNode
    }

    /// The weights of the tasks, as they are.
    static let fixed = WeightingSettings(name: "fixed", weighting: .fixed, settings: [])

    private init(name: String, weighting: LossWeighting, settings: [Setting]) {
        self.name = name
        self.weighting = weighting
        self.settings = settings
    }

    init(reading reader: ConfigurationReader, name: String) {
        self.name = name
        var settings: [Setting] = []
        func number(_ key: String, default value: Double) -> Double {
            let read = reader.number(key, default: value)
            settings.append(Setting(key: key, value: .number(read)))
            return read
        }
        switch name {
        case "uncertainty": weighting = .uncertainty
        case "imtl_l": weighting = .impartial
        case "gls": weighting = .geometricMean
        case "rlw": weighting = .random
        case "stch":
            let mu = reader.number("mu")
            settings.append(Setting(key: "mu", value: .number(mu)))
            weighting = .smoothMaximum(mu: mu)
        case "dwa": weighting = .dynamicAverage(temperature: number("temperature", default: 2))
        case "dtp":
            let gamma = number("gamma", default: 1)
            weighting = .prioritised(gamma: gamma, smoothing: number("smoothing", default: 1))
        case "famo":
            let rate = number("rate", default: 0.025)
            weighting = .famo(rate: rate, decay: number("decay", default: 0.001))
        case "gradnorm":
            let alpha = number("alpha", default: 1.5)
            let rate = number("rate", default: 0.025)
            let place: TaskDifferentiation.Place = reader.choice("at", default: .representation)
            let parts = reader.strings("parts", default: [], count: .atLeast(0))
            settings.append(Setting(key: "at", value: .string(place.rawValue)))
            if !parts.isEmpty { settings.append(Setting(key: "parts", value: .strings(parts))) }
            weighting = .gradNorm(alpha: alpha, rate: rate, at: place, parts: parts)
        case "decay":
            let tasks = reader.strings("tasks", count: .atLeast(1))
            let rates = reader.numbers("rates", default: [], in: .above(0))
            if rates.count != tasks.count {
                reader.fail(
                    "rates",
                    "expected a number for each of the \(tasks.count) tasks; received \(rates)."
                )
            }
            settings.append(Setting(key: "tasks", value: .strings(tasks)))
            settings.append(Setting(key: "rates", value: .list(rates.map { .number($0) })))
            weighting = .decaying(Dictionary(zip(tasks, rates)) { first, _ in first })
        default: weighting = .fixed
        }
        self.settings = settings
    }

    /// The weighting as a tree that reads back equal.
    var node: ConfigurationNode {
        guard !settings.isEmpty else { return .string(name) }
        return .map(
            [("name", .string(name))] + settings.map { ($0.key, ConfigurationNode?.some($0.value)) }
        )
    }
}
