/// The order in which the tasks of a model are trained: phases, one after the other.
///
/// ```swift
/// let schedule: TrainingSchedule = [
///     .alternating(["classification", "detection"], switchingEvery: .steps(100), rounds: 50),
///     .joint(epochs: 10),
/// ]
/// ```
///
/// A step of a phase trains some of the tasks; parameters their losses do not reach stay as they are, with
/// the optimizer's states of theirs.
public struct TrainingSchedule: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// The phases in order.
    public var phases: [TrainingPhase]

    /// Creates a schedule.
    public init(_ phases: [TrainingPhase]) { self.phases = phases }

    /// Creates a schedule from its phases.
    public init(arrayLiteral phases: TrainingPhase...) { self.phases = phases }
}

/// A part of the training in which the same rule says which tasks a step trains.
public struct TrainingPhase: Hashable, Sendable {
    /// How long one task is trained before the next one's turn.
    public enum Turn: Hashable, Sendable {
        /// This many batches.
        case steps(Int)
        /// This many times through the task's rows.
        case epochs(Int)
    }

    /// Which task comes before which.
    public enum Order: Hashable, Sendable {
        /// As listed.
        case given([String])
        /// The task whose validation loss falls fastest first.
        case easyToHard
        /// The task whose validation loss falls slowest first.
        case hardToEasy
    }

    /// How probable each task is to be the one a step trains.
    public enum Mixture: Hashable, Sendable {
        /// In proportion to a number for each task; tasks that are not named are never drawn.
        case fixed([String: Double])
        /// In proportion to the mean of each task's recent losses.
        case lossProportional
        /// In proportion to the power `1 / temperature` of each task's labelled rows: 1 draws by size,
        /// large numbers draw evenly.
        case temperature(Double)
    }

    /// What takes turns in Domain Negotiation.
    public enum Domains: String, Hashable, Sendable, CaseIterable {
        /// The rows of each scenario, with all tasks.
        case scenarios
        /// Each task, with all its rows.
        case tasks
    }

    /// The rule of a phase.
    public enum Kind: Hashable, Sendable {
        /// All tasks, or the listed ones, at once.
        case joint([String]?, epochs: Int)
        /// The tasks take turns.
        case alternating([String], Turn, rounds: Int)
        /// One task after the other; with `accumulates`, those before it go on being trained.
        case sequential(Order, epochsEach: Int, accumulates: Bool)
        /// Each step trains one task, drawn at random.
        case mixed(Mixture, epochs: Int)
        /// Each round goes through the domains in random order with some steps in each, and then moves the
        /// parameters only a part of the way, `rate`, it went.
        case domainNegotiation(Domains, stepsPerDomain: Int, rounds: Int, rate: Float)
    }

    /// The rule.
    public var kind: Kind
    /// Names of layers, or starts of names of parameters, that do not change in this phase.
    public var frozen: [String] = []
    /// The learning rate of this phase, before the optimizer's own schedule; nil for the optimizer's.
    public var learningRate: Float?

    /// Creates a phase.
    public init(_ kind: Kind) { self.kind = kind }

    /// All tasks at once, their losses added up.
    public static func joint(epochs: Int) -> TrainingPhase {
        TrainingPhase(.joint(nil, epochs: epochs))
    }

    /// Some of the tasks at once.
    public static func joint(_ tasks: [String], epochs: Int) -> TrainingPhase {
        TrainingPhase(.joint(tasks, epochs: epochs))
    }

    /// One task alone.
    public static func single(_ task: String, epochs: Int = 1) -> TrainingPhase {
        TrainingPhase(.joint([task], epochs: epochs))
    }

    /// Tasks that take turns.
    ///
    /// - Parameters:
    ///   - tasks: the tasks in the order of their turns.
    ///   - turn: how long a turn is.
    ///   - rounds: how often every task has its turn.
    /// - Returns: the phase.
    public static func alternating(
        _ tasks: [String],
        switchingEvery turn: Turn,
        rounds: Int = 1
    ) -> TrainingPhase {
        TrainingPhase(.alternating(tasks, turn, rounds: rounds))
    }

    /// One task after the other, as a curriculum.
    ///
    /// An order that is to be found is measured when the phase begins: each task is trained alone for
    /// `TaskOrderProbe.steps` steps from the same parameters, which are then put back, and the tasks are
    /// sorted by the share by which their loss on the validation rows fell.
    ///
    /// - Parameters:
    ///   - order: the order, given or to be found.
    ///   - epochsEach: epochs of each stage.
    ///   - accumulates: whether the tasks before go on being trained.
    /// - Returns: the phase.
    public static func sequential(
        _ order: Order,
        epochsEach: Int,
        accumulates: Bool = true
    ) -> TrainingPhase {
        TrainingPhase(.sequential(order, epochsEach: epochsEach, accumulates: accumulates))
    }

    /// Each step trains one task, drawn at random.
    public static func mixed(_ mixture: Mixture, epochs: Int) -> TrainingPhase {
        TrainingPhase(.mixed(mixture, epochs: epochs))
    }

    /// Domain Negotiation: `theta <- theta + rate (theta' - theta)`, where theta' is reached from theta by
    /// steps through the domains in random order.
    ///
    /// - Parameters:
    ///   - domains: scenarios or tasks.
    ///   - stepsPerDomain: steps in each domain in a round.
    ///   - rounds: how often all domains are gone through.
    ///   - rate: the part of the way that is kept, above 0; 1 is plain training in that order.
    /// - Returns: the phase.
    /// - Source: Luo et al., "MAMDR: A Model Agnostic Learning Framework for Multi-Domain
    ///   Recommendation", ICDE 2023, algorithm 1.
    public static func domainNegotiation(
        _ domains: Domains,
        stepsPerDomain: Int,
        rounds: Int,
        rate: Float = 0.5
    ) -> TrainingPhase {
        TrainingPhase(
            .domainNegotiation(domains, stepsPerDomain: stepsPerDomain, rounds: rounds, rate: rate)
        )
    }

    /// The same phase with parts of the model left as they are.
    ///
    /// - Parameter names: layers, or starts of names of parameters: `shared_bottom`, `encoder/layer_1`.
    /// - Returns: the phase.
    public func freezing(_ names: String...) -> TrainingPhase {
        var phase = self
        phase.frozen += names
        return phase
    }

    /// The same phase with another learning rate.
    public func learningRate(_ rate: Float) -> TrainingPhase {
        var phase = self
        phase.learningRate = rate
        return phase
    }
}
