import MotetCore

/// How the learning rate changes while training.
///
/// The factor of a step is that of the shape after warm-up: during the first `warmUpSteps` steps the rate
/// rises linearly from `1 / warmUpSteps` of it.
public struct LearningRateSchedule: Hashable, Sendable {
    enum Shape: Hashable, Sendable {
        case constant
        case step(every: Int, factor: Float)
        case exponential(every: Int, factor: Float)
        case cosine(steps: Int, minimum: Float)
        case plateau(PlateauRule)
    }

    let shape: Shape
    /// The number of steps over which the rate rises.
    public var warmUpSteps = 0

    /// The optimizer's rate throughout.
    public static let constant = LearningRateSchedule(shape: .constant)

    /// Multiplied by `factor` after every so many steps.
    public static func step(every steps: Int, factor: Float) -> LearningRateSchedule {
        LearningRateSchedule(shape: .step(every: steps, factor: factor))
    }

    /// Multiplied by `factor` over every so many steps, a little in each.
    public static func exponential(every steps: Int, factor: Float) -> LearningRateSchedule {
        LearningRateSchedule(shape: .exponential(every: steps, factor: factor))
    }

    /// Falls along half a cosine to `minimum` times the rate after `steps` steps, and stays there.
    ///
    /// - Source: Loshchilov and Hutter, "SGDR", ICLR 2017, eq. 5, without restarts.
    ///
    /// - Parameters:
    ///   - steps: the steps until the least rate.
    ///   - minimum: the least factor.
    /// - Returns: the schedule.
    public static func cosine(steps: Int, minimum: Float = 0) -> LearningRateSchedule {
        LearningRateSchedule(shape: .cosine(steps: steps, minimum: minimum))
    }

    /// Multiplied by `factor` when the watched metric has not improved for more than `patience` epochs.
    ///
    /// - Parameters:
    ///   - factor: what the rate is multiplied by.
    ///   - patience: epochs without improvement that are let pass.
    ///   - threshold: the least relative improvement that counts.
    ///   - minimum: the least factor.
    ///   - cooldown: epochs after a reduction that are not counted.
    /// - Returns: the schedule.
    public static func reduceOnPlateau(
        factor: Float = 0.1,
        patience: Int = 10,
        threshold: Float = 1e-4,
        minimum: Float = 0,
        cooldown: Int = 0
    ) -> LearningRateSchedule {
        LearningRateSchedule(
            shape: .plateau(
                PlateauRule(
                    factor: factor,
                    patience: patience,
                    threshold: threshold,
                    minimum: minimum,
                    cooldown: cooldown
                )
            )
        )
    }

    /// The same schedule with warm-up.
    public func warmingUp(steps: Int) -> LearningRateSchedule {
        var copy = self
        copy.warmUpSteps = steps
        return copy
    }

    /// What the optimizer's rate is multiplied by.
    ///
    /// - Parameters:
    ///   - step: the number of the step, from 1.
    ///   - plateau: what was seen of the watched metric.
    /// - Returns: the factor.
    public func factor(step: Int, plateau: PlateauState = PlateauState()) -> Float {
        let warmUp = step < warmUpSteps ? Double(step) / Double(warmUpSteps) : 1
        let done = Double(max(step - 1 - warmUpSteps, 0))
        let factor: Double
        switch shape {
        case .constant: factor = 1
        case .step(let every, let ratio):
            factor = power(Double(ratio), (done / Double(max(every, 1))).rounded(.down))
        case .exponential(let every, let ratio):
            factor = power(Double(ratio), done / Double(max(every, 1)))
        case .cosine(let steps, let minimum):
            let progress = min(done / Double(max(steps, 1)), 1)
            let least = Double(minimum)
            factor = least + (1 - least) * (1 + cosineOf(progress)) / 2
        case .plateau(let rule):
            let reduced = power(Double(rule.factor), Double(plateau.reductions))
            factor = max(reduced, Double(rule.minimum))
        }
        return Float(warmUp * factor)
    }

    private func cosineOf(_ progress: Double) -> Double { MotetCore.cosine(Double.pi * progress) }

    /// Records the watched metric after an epoch.
    ///
    /// - Parameters:
    ///   - value: the metric, lower is better.
    ///   - state: what was seen so far; changed.
    public func observe(_ value: Double, _ state: inout PlateauState) {
        guard case .plateau(let rule) = shape else { return }
        rule.observe(value, &state)
    }
}
