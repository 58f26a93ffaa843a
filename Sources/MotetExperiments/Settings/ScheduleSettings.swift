import MotetConfiguration
public import MotetTraining

/// The phases of a training by their names in configurations.
public struct ScheduleSettings: Hashable, Sendable {
    /// The names of phases.
    public static let names = [
        "joint", "single", "alternating", "sequential", "mixed", "domain_negotiation",
    ]

    /// The schedule.
    public let schedule: TrainingSchedule

    /// `schedule: [ { joint: { epochs: 3 } } ]`, or `epochs: 3` for short.
    init(reading reader: ConfigurationReader) {
        guard let value = reader.value("schedule") else {
            schedule = [.joint(epochs: max(1, reader.integer("epochs", in: .atLeast(1))))]
            return
        }
        if reader.has("epochs") {
            reader.fail("epochs", "`schedule` is given too; expected one of them; received both.")
        }
        let phases = value.list(count: .atLeast(1)) { phase in
            phase.variant(of: Self.names) { TrainingPhase(reading: $1, name: $0) }
        }
        schedule = TrainingSchedule(phases ?? [.joint(epochs: 1)])
    }

    /// The tasks that phases name.
    public var tasks: [String] { schedule.phases.flatMap(\.namedTasks) }

    /// Whether a phase goes through scenarios.
    public var needsScenarios: Bool {
        schedule.phases.contains {
            if case .domainNegotiation(.scenarios, _, _, _) = $0.kind { true } else { false }
        }
    }

    /// Whether a phase finds its order by losses of validation rows.
    public var needsValidation: Bool {
        schedule.phases.contains { phase in
            switch phase.kind {
            case .sequential(.easyToHard, _, _), .sequential(.hardToEasy, _, _): true
            default: false
            }
        }
    }

    /// The phases as a tree that reads back equal.
    var node: ConfigurationNode { .list(schedule.phases.map(\.node)) }
}

extension TrainingPhase {
    init(reading reader: ConfigurationReader, name: String) {
        func epochs(_ key: String = "epochs") -> Int {
            max(1, reader.integer(key, default: 1, in: .atLeast(1)))
        }
        func tasks() -> [String] { reader.strings("tasks", count: .atLeast(1)) }
        let kind: Kind
        switch name {
        case "single": kind = .joint([reader.string("task")], epochs: epochs())
        case "alternating":
            let turn = Turn(reading: reader)
            let rounds = reader.integer("rounds", default: 1, in: .atLeast(1))
            kind = .alternating(tasks(), turn, rounds: rounds)
        case "sequential":
            kind = .sequential(
                Order(reading: reader),
                epochsEach: epochs("epochs_each"),
                accumulates: reader.boolean("accumulates", default: true)
            )
        case "mixed": kind = .mixed(Mixture(reading: reader), epochs: epochs())
        case "domain_negotiation":
            kind = .domainNegotiation(
                reader.choice("over", default: .scenarios),
                stepsPerDomain: reader.integer("steps_per_domain", in: .atLeast(1)),
                rounds: reader.integer("rounds", in: .atLeast(1)),
                rate: Float(reader.number("rate", default: 0.5, in: .between(1e-6, 10)))
            )
        default:
            let listed = reader.has("tasks") ? tasks() : nil
            kind = .joint(listed, epochs: max(1, reader.integer("epochs", in: .atLeast(1))))
        }
        self.init(kind)
        frozen = reader.strings("freeze", default: [], allowsOne: true)
        let rate = reader.number(ifPresent: "learning_rate", in: .atLeast(0))
        learningRate = rate.map { Float($0) }
    }

    /// The tasks the phase names.
    fileprivate var namedTasks: [String] {
        switch kind {
        case .joint(let tasks, _): tasks ?? []
        case .alternating(let tasks, _, _): tasks
        case .sequential(.given(let tasks), _, _): tasks
        case .mixed(.fixed(let probabilities), _): probabilities.keys.sorted()
        default: []
        }
    }
}

extension TrainingPhase.Turn {
    fileprivate init(reading reader: ConfigurationReader) {
        if reader.has("steps") == reader.has("epochs") {
            reader.fail(
                "steps",
                "the length of a turn is not clear; expected one of `steps` and `epochs`; received "
                    + (reader.has("steps") ? "both." : "neither.")
            )
        }
        if let steps = reader.integer(ifPresent: "steps", in: .atLeast(1)) {
            self = .steps(steps)
        } else {
            self = .epochs(reader.integer(ifPresent: "epochs", in: .atLeast(1)) ?? 1)
        }
    }
}

extension TrainingPhase.Order {
    fileprivate init(reading reader: ConfigurationReader) {
        // One word that says how to find the order, or the tasks in their order.
        let names = reader.strings("order", count: .atLeast(1), allowsOne: true)
        switch names {
        case ["easy_to_hard"]: self = .easyToHard
        case ["hard_to_easy"]: self = .hardToEasy
        default: self = .given(names)
        }
    }
}

extension TrainingPhase.Mixture {
    fileprivate init(reading reader: ConfigurationReader) {
        switch reader.choice("by", of: ["loss": 0, "size": 1, "fixed": 2]) {
        case 1:
            let temperature = reader.number("temperature", default: 1, in: .between(1e-3, 1e6))
            self = .temperature(temperature)
        case 2:
            let tasks = reader.strings("tasks", count: .atLeast(1))
            let numbers = reader.numbers("probabilities", default: [], in: .atLeast(0))
            if numbers.count != tasks.count || !numbers.contains(where: { $0 > 0 }) {
                reader.fail(
                    "probabilities",
                    "expected a number for each of the \(tasks.count) tasks, one of them above 0; "
                        + "received \(numbers)."
                )
            }
            self = .fixed(Dictionary(zip(tasks, numbers)) { first, _ in first })
        default: self = .lossProportional
        }
    }
}
