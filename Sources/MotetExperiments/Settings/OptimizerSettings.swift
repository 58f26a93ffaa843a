import MotetConfiguration
public import MotetOptimizers

/// An optimizer by its name in configurations, with its settings.
public struct OptimizerSettings: Hashable, Sendable {
    /// The names in configurations.
    public static let names = ["adam", "adamw", "adagrad", "sgd"]

    /// The optimizer.
    public let optimizer: Optimizer
    /// The settings as a tree that reads back equal.
    let node: ConfigurationNode

    init(reading reader: ConfigurationReader, name: String) {
        var written: [(String, ConfigurationNode?)] = [("name", .string(name))]
        func number(_ key: String, _ fallback: Double, in bounds: Bounds<Double>) -> Float {
            let value = Float(reader.number(key, default: fallback, in: bounds))
            written.append((key, .float(value)))
            return value
        }
        func limit(_ key: String) -> Float? {
            let value = reader.number(ifPresent: key, in: .above(0)).map { Float($0) }
            written.append((key, value.map(ConfigurationNode.float)))
            return value
        }
        let rate = Float(reader.number("learning_rate", in: .above(0)))
        written.append(("learning_rate", .float(rate)))
        var made: Optimizer
        switch name {
        case "sgd":
            let nesterov = reader.boolean("nesterov", default: false)
            written.append(("nesterov", .boolean(nesterov)))
            made = .sgd(
                learningRate: rate,
                momentum: number("momentum", 0, in: .from(0, below: 1)),
                nesterov: nesterov
            )
        case "adagrad":
            made = .adagrad(learningRate: rate, epsilon: number("epsilon", 1e-10, in: .above(0)))
        default:
            let first = number("beta1", 0.9, in: .from(0, below: 1))
            let second = number("beta2", 0.999, in: .from(0, below: 1))
            let epsilon = number("epsilon", 1e-8, in: .above(0))
            made =
                name == "adamw"
                ? .adamW(
                    learningRate: rate,
                    weightDecay: number("weight_decay", 0.01, in: .atLeast(0)),
                    beta1: first,
                    beta2: second,
                    epsilon: epsilon
                )
                : .adam(learningRate: rate, beta1: first, beta2: second, epsilon: epsilon)
        }
        let modes: KeyValuePairs<String, Optimizer.TableMode> = [
            "touched_rows": .touchedRows, "row_wise_adagrad": .rowWiseAdagrad(epsilon: 1e-10),
            "dense": .dense,
        ]
        made.tables = reader.choice("tables", of: modes, default: .touchedRows)
        let mode = modes.first { $0.value == made.tables }?.key ?? "touched_rows"
        written.append(("tables", .string(mode)))
        made.l2 = number("l2", 0, in: .atLeast(0))
        made.clipsNorm = limit("clip_norm")
        made.clipsValue = limit("clip_value")
        if let schedule = reader.variant(
            ifPresent: "schedule",
            of: LearningRateSchedule.names,
            { LearningRateSchedule.read($1, name: $0) }
        ) {
            made.schedule = schedule.schedule
            written.append(("schedule", schedule.node))
        }
        optimizer = made
        node = .map(written)
    }

    /// Whether two settings make the same optimizer.
    public static func == (left: OptimizerSettings, right: OptimizerSettings) -> Bool {
        left.optimizer == right.optimizer
    }

    /// Hashes the optimizer.
    public func hash(into hasher: inout Hasher) { hasher.combine(optimizer) }
}

extension LearningRateSchedule {
    /// The names in configurations.
    static let names = ["constant", "step", "exponential", "cosine", "reduce_on_plateau"]

    /// Reads a schedule, and gives the tree that reads back equal.
    static func read(
        _ reader: ConfigurationReader,
        name: String
    ) -> (schedule: LearningRateSchedule, node: ConfigurationNode) {
        var written: [(String, ConfigurationNode?)] = [("name", .string(name))]
        func steps(_ key: String) -> Int {
            let value = reader.integer(key, in: .atLeast(1))
            written.append((key, .integer(value)))
            return value
        }
        func number(_ key: String, _ fallback: Double, in bounds: Bounds<Double>) -> Float {
            let value = Float(reader.number(key, default: fallback, in: bounds))
            written.append((key, .float(value)))
            return value
        }
        var schedule: LearningRateSchedule
        switch name {
        case "step":
            schedule = .step(every: steps("every"), factor: number("factor", 0.1, in: .above(0)))
        case "exponential":
            schedule = .exponential(
                every: steps("every"),
                factor: number("factor", 0.9, in: .above(0))
            )
        case "cosine":
            schedule = .cosine(
                steps: steps("steps"),
                minimum: number("minimum", 0, in: .between(0, 1))
            )
        case "reduce_on_plateau":
            let patience = reader.integer("patience", default: 10, in: .atLeast(0))
            written.append(("patience", .integer(patience)))
            let cooldown = reader.integer("cooldown", default: 0, in: .atLeast(0))
            written.append(("cooldown", .integer(cooldown)))
            schedule = .reduceOnPlateau(
                factor: number("factor", 0.1, in: .strictlyBetween(0, 1)),
                patience: patience,
                threshold: number("threshold", 1e-4, in: .atLeast(0)),
                minimum: number("minimum", 0, in: .between(0, 1)),
                cooldown: cooldown
            )
        default: schedule = .constant
        }
        let warmUp = reader.integer("warm_up_steps", default: 0, in: .atLeast(0))
        written.append(("warm_up_steps", .integer(warmUp)))
        schedule = schedule.warmingUp(steps: warmUp)
        return (schedule, .map(written))
    }
}
