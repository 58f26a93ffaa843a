import MotetTraining

/// How much of the training a task is: its loss, its weight, its gradient in what tasks share.
public struct TaskBalance: Codable, Hashable, Sendable {
    /// The task.
    public var task: String
    /// The factor of its loss in the sum: its weight, or what became of it by the last epoch.
    public var weight: Double
    /// Its mean training loss in the first epoch that trained it.
    public var firstLoss: Double?
    /// The same in the last epoch that trained it.
    public var lastLoss: Double?
    /// The share of its weighted loss in the sum over tasks, in the last epochs.
    public var lossShare: Double?
    /// The mean length of its gradient, weight included, over all shared dense parameters.
    public var norm: Double?
    /// That length over the shortest task's.
    public var normRatio: Double?

    private enum CodingKeys: String, CodingKey {
        case task, weight, norm
        case firstLoss = "first_loss"
        case lastLoss = "last_loss"
        case lossShare = "loss_share"
        case normRatio = "norm_ratio"
    }

    /// Reads the balance of tasks off the epochs of a training and the gradients that were looked at.
    ///
    /// - Parameters:
    ///   - tasks: the tasks with their own weights.
    ///   - epochs: the epochs.
    ///   - norms: for each task the length of its gradient; empty where none was looked at.
    /// - Returns: a balance for each task.
    static func all(
        _ tasks: [(name: String, weight: Double)],
        _ epochs: [EpochRecord],
        norms: [Double?]
    ) -> [TaskBalance] {
        var balances = tasks.enumerated().map { place, task in
            let trained = epochs.compactMap { epoch in
                epoch.losses.first { $0.task == task.name && $0.value != nil }
            }
            return TaskBalance(
                task: task.name,
                weight: trained.last?.weight.map(Double.init) ?? task.weight,
                firstLoss: trained.first?.value,
                lastLoss: trained.last?.value,
                norm: place < norms.count ? norms[place] : nil
            )
        }
        // Losses of counts may be below 0, and have no share then.
        let weighted = balances.map { ($0.lastLoss ?? 0) * $0.weight }
        let sum = weighted.reduce(0, +)
        let hasShares = weighted.allSatisfy { $0 >= 0 } && sum > 0
        let shortest = balances.compactMap(\.norm).filter { $0 > 0 }.min()
        for place in balances.indices {
            if hasShares, balances[place].lastLoss != nil {
                balances[place].lossShare = weighted[place] / sum
            }
            if let shortest, let norm = balances[place].norm, norm > 0 {
                balances[place].normRatio = norm / shortest
            }
        }
        return balances
    }
}
