import MotetConfiguration
import MotetTraining

extension TrainingPhase {
    /// The phase as a tree that reads back equal.
    var node: ConfigurationNode {
        var (name, entries) = named
        if !frozen.isEmpty { entries.append(("freeze", Self.list(frozen))) }
        if let learningRate { entries.append(("learning_rate", .float(learningRate))) }
        return .map([(name, .map(entries))])
    }

    private static func list(_ names: [String]) -> ConfigurationNode {
        .list(names.map { .string($0) })
    }

    private var named: (String, [(String, ConfigurationNode?)]) {
        switch kind {
        case .joint(let tasks, let epochs):
            return ("joint", [("tasks", tasks.map(Self.list)), ("epochs", .integer(epochs))])
        case .alternating(let tasks, let turn, let rounds):
            let length: (String, ConfigurationNode?) =
                switch turn {
                case .steps(let steps): ("steps", .integer(steps))
                case .epochs(let epochs): ("epochs", .integer(epochs))
                }
            return (
                "alternating", [("tasks", Self.list(tasks)), length, ("rounds", .integer(rounds))]
            )
        case .sequential(let order, let epochs, let accumulates):
            let written: ConfigurationNode =
                switch order {
                case .given(let tasks): Self.list(tasks)
                case .easyToHard: "easy_to_hard"
                case .hardToEasy: "hard_to_easy"
                }
            return (
                "sequential",
                [
                    ("order", written), ("epochs_each", .integer(epochs)),
                    ("accumulates", .boolean(accumulates)),
                ]
            )
        case .mixed(let mixture, let epochs):
            return ("mixed", Self.entries(mixture) + [("epochs", .integer(epochs))])
        case .domainNegotiation(let domains, let steps, let rounds, let rate):
            return (
                "domain_negotiation",
                [
                    ("over", .string(domains.rawValue)), ("steps_per_domain", .integer(steps)),
                    ("rounds", .integer(rounds)), ("rate", .float(rate)),
                ]
            )
        }
    }

    private static func entries(_ mixture: Mixture) -> [(String, ConfigurationNode?)] {
        switch mixture {
        case .lossProportional: return [("by", "loss")]
        case .temperature(let temperature):
            return [("by", "size"), ("temperature", .number(temperature))]
        case .fixed(let probabilities):
            let tasks = probabilities.keys.sorted()
            return [
                ("by", "fixed"), ("tasks", list(tasks)),
                ("probabilities", .list(tasks.map { .number(probabilities[$0] ?? 0) })),
            ]
        }
    }
}
