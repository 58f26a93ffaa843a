import MotetCore
public import MotetGraph
public import MotetNN

/// Entire Space Counterfactual Multi-task Model: ESMM with a conversion loss that is corrected for who clicks.
///
/// For a task within another with propensity `o_hat = p(click)`, clicked rows `o`, and
/// `delta = BCE(purchase, p(purchase | click))`:
///
/// - inverse propensity scores: `R = sum(o delta / o_hat) / sum(o / o_hat)`
/// - doubly robust: `R = mean(delta_hat) + sum(o e / o_hat) / sum(o / o_hat) + sum(o e^2 / o_hat) / sum(o / o_hat)`
///   with `e = delta - delta_hat`, where an imputation tower gives `delta_hat = softplus(...)`, or a label `r = sigmoid(...)`
///   for each row, with which `delta_hat = BCE(r, p(purchase | click))`
///
/// The task's loss is `counterfactualWeight * R + globalWeight * BCE(click and purchase, p(click) p(purchase | click))`.
///
/// - Shapes: as `ESMM`
/// - Cost: as `ESMM`; doubly robust estimates have one more network for each task within another, which
///   programs that answer leave out.
/// - Source: Wang et al., "ESCM2: Entire Space Counterfactual
///   Multi-Task Model for Post-Click Conversion Rate Estimation", SIGIR 2022.
///   <https://doi.org/10.1145/3477495.3531972>
/// - Departures: the estimates are self-normalised (divided by the sum of `o / o_hat` instead of the number
///   of rows), which bounds them; propensities are cut off below at `propensityFloor`, and no gradient goes
///   through them, so that the click tower cannot make the estimate small by making its weights small. The
///   squared error teaches the imputation only: with a gradient for the prediction, as the paper's sum has it,
///   stationary predictions lie between the true probability and a half. Imputed labels are not in the paper but in
///   doubly robust joint learning: Wang et al., "Doubly Robust Joint Learning for Recommendation on Data Missing Not
///   at Random", ICML 2019.
public final class ESCM2: MultiTaskLayer {
    /// How the conversion loss is corrected.
    public enum Estimator: String, CaseIterable, Sendable {
        /// Inverse propensity scores.
        case ips
        /// Doubly robust: with a tower that imputes losses of rows that were not clicked.
        case dr
    }

    /// What the tower of a doubly robust estimate gives for each row.
    public enum Imputation: String, CaseIterable, Sendable {
        /// The loss of the prediction, as in the paper.
        case loss
        /// A label, which the prediction is held against where there is none.
        case label
    }

    /// `escm2`.
    public static let kind = "escm2"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let settings: Settings
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs; at least one lies within another.
    ///   - settings: widths and weights.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        settings: Settings,
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.settings = settings
        self.towers = towers
        self.name = name
    }

    /// Runs the networks, and defines the losses of tasks within others.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let within = tasks.filter { $0.within != nil }
        let imputed =
            settings.estimator == .dr
            ? within.map { TaskHead(name: "\($0.name)_imputation") } : []
        let made = try ownNetworks(
            tasks + imputed,
            settings.networkUnits,
            towers,
            inputs,
            in: &context
        )
        for (index, task) in within.enumerated() {
            let space = try EntireSpace(of: task, in: tasks)
            let loss = CounterfactualLoss(
                names: space.names,
                imputation: imputed.isEmpty ? nil : made[tasks.count + index],
                settings: settings
            )
            context.setLoss(of: task.name, reading: space.names) {
                (rows, objective, graph) throws(GraphError) in
                try loss.append(rows, objective, to: &graph)
            }
        }
        return Array(made[..<tasks.count])
    }
}

extension ESCM2 {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `escm2`.
        public static let name = "escm2"
        /// Widths of each task's layers below its tower.
        public var networkUnits = [128]
        /// How the conversion loss is corrected.
        public var estimator = Estimator.dr
        /// What the tower of a doubly robust estimate gives.
        public var imputation = Imputation.loss
        /// The factor of the corrected loss.
        public var counterfactualWeight: Float = 1
        /// The factor of the loss of the product.
        public var globalWeight: Float = 1
        /// The least propensity that divides.
        public var propensityFloor: Float = 0.05

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("network_units", \.networkUnits), .choice("estimator", \.estimator),
                .choice("imputation", \.imputation),
                .number("counterfactual_weight", \.counterfactualWeight, in: .above(0)),
                .number("global_weight", \.globalWeight, in: .atLeast(0)),
                .number("propensity_floor", \.propensityFloor, in: .between(1e-6, 1)),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> ESCM2 {
            ESCM2(tasks: tasks, settings: self, towers: towers, name: "escm2")
        }

        /// Says where nothing lies within anything.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            var problems = experiment.chainProblems(Self.name)
            if estimator == .ips, imputation == .label {
                problems.append(
                    "`escm2` imputes nothing with `estimator: ips`; expected `estimator: dr` beside "
                        + "`imputation: label`; received `ips`."
                )
            }
            return problems
        }
    }
}

extension Architecture {
    /// Conversions learnt with a loss corrected for who clicks.
    public static func escm2(
        networkUnits: [Int],
        estimator: ESCM2.Estimator = .dr,
        imputation: ESCM2.Imputation = .loss,
        counterfactualWeight: Float = 1,
        globalWeight: Float = 1,
        propensityFloor: Float = 0.05
    ) -> Architecture {
        var settings = ESCM2.Settings()
        settings.networkUnits = networkUnits
        settings.estimator = estimator
        settings.imputation = imputation
        settings.counterfactualWeight = counterfactualWeight
        settings.globalWeight = globalWeight
        settings.propensityFloor = propensityFloor
        return Architecture(settings)
    }
}
