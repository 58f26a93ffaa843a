/// When the learning rate is reduced because the watched metric stands still.
struct PlateauRule: Hashable, Sendable {
    /// What the rate is multiplied by.
    let factor: Float
    /// Epochs without improvement that are let pass.
    let patience: Int
    /// The least relative improvement that counts.
    let threshold: Float
    /// The least factor.
    let minimum: Float
    /// Epochs after a reduction that are not counted.
    let cooldown: Int

    /// Records the watched metric, lower being better, after an epoch; NaN is no improvement.
    func observe(_ value: Double, _ state: inout PlateauState) {
        if improves(value, on: state.best) {
            state.best = value
            state.epochsWithoutImprovement = 0
        } else {
            state.epochsWithoutImprovement += 1
        }
        if state.cooldown > 0 {
            state.cooldown -= 1
            state.epochsWithoutImprovement = 0
        }
        if state.epochsWithoutImprovement > patience {
            state.reductions += 1
            state.epochsWithoutImprovement = 0
            state.cooldown = cooldown
        }
    }

    private func improves(_ value: Double, on best: Double?) -> Bool {
        guard let best else { return !value.isNaN }
        return value < best - abs(best) * Double(threshold)
    }
}

/// What a schedule that watches a metric has seen.
public struct PlateauState: Hashable, Sendable, Codable {
    /// The best value so far, nil before the first.
    public var best: Double?
    /// Epochs since the best value.
    public var epochsWithoutImprovement = 0
    /// How often the rate was reduced.
    public var reductions = 0
    /// Epochs to come that are not counted.
    public var cooldown = 0

    /// Nothing seen yet.
    public init() {}
}
