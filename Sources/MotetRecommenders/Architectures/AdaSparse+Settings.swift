extension AdaSparse {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = AdaSparse
        /// `adasparse`.
        public static let name = "adasparse"
        /// Widths of the layers all scenarios share.
        public var networkUnits = [128]
        /// The width of the vector a scenario is known by.
        public var scenarioDimension = 8
        /// What factors are.
        public var form = Form.fusion
        /// The factor up to which a unit is pruned.
        public var epsilon: Float = 0.25
        /// The greatest factor, for `scaling` and `fusion`.
        public var beta: Float = 2
        /// How steep factors are at first, for `binary` and `fusion`.
        public var alpha: Float = 1
        /// What each training step adds to it.
        public var alphaGrowth: Float = 1e-4
        /// Where it stops.
        public var alphaLimit: Float = 5
        /// The weight of the loss on sparsity at first.
        public var sparsity: Float = 0.01
        /// What each training step adds to it.
        public var sparsityGrowth: Float = 1e-4
        /// The least share of a layer that is to be pruned.
        public var leastSparsity: Float = 0.15
        /// The greatest.
        public var greatestSparsity: Float = 0.25

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("network_units", \.networkUnits),
                .count("scenario_dimension", \.scenarioDimension), .choice("form", \.form),
                .number("epsilon", \.epsilon, in: .atLeast(0)),
                .number("beta", \.beta, in: .above(0)), .number("alpha", \.alpha, in: .above(0)),
                .number("alpha_growth", \.alphaGrowth, in: .atLeast(0)),
                .number("alpha_limit", \.alphaLimit, in: .above(0)),
                .number("sparsity", \.sparsity, in: .atLeast(0)),
                .number("sparsity_growth", \.sparsityGrowth, in: .atLeast(0)),
                .number("least_sparsity", \.leastSparsity, in: .between(0, 1)),
                .number("greatest_sparsity", \.greatestSparsity, in: .between(0, 1)),
            ]
        }

        /// What is wrong with ranges, as half a sentence.
        var rangeProblem: String? {
            if leastSparsity > greatestSparsity {
                return
                    "'least_sparsity' is above 'greatest_sparsity'; expected at most \(greatestSparsity); "
                    + "received \(leastSparsity)."
            }
            let most = form == .binary ? 1 : beta
            if epsilon >= most {
                return
                    "'epsilon' prunes every unit; expected less than \(most), the greatest factor; "
                    + "received \(epsilon)."
            }
            if alpha > alphaLimit {
                return
                    "'alpha' starts above 'alpha_limit'; expected at most \(alphaLimit); received \(alpha)."
            }
            return nil
        }

        /// Says where ranges contradict each other.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            rangeProblem.map { ["`adasparse`: \($0)"] } ?? []
        }
    }
}

extension Architecture {
    /// One network whose units each scenario prunes for itself.
    public static func adaSparse(
        _ change: (inout AdaSparse.Settings) -> Void = { _ in }
    ) -> Architecture {
        changed(change)
    }
}
