import MotetData

/// A second run that gets a share of the traffic, the same users always.
struct Arm: Sendable {
    /// Its models.
    let models: ModelStore
    /// The share of users, from 0 to 1.
    let share: Double
    /// What makes its users other ones than those of another experiment.
    let salt: String

    /// Whether an identity belongs to the share.
    ///
    /// The identity is hashed with the salt to a number in `[0, 1)`, spread evenly, and belongs to the share
    /// if the number is below it. So a greater share keeps the users of a smaller one.
    func takes(_ identity: String) -> Bool {
        let hash = ValueHash.hash(of: salt + "/" + identity)
        return Double(hash >> 11) * 0x1p-53 < share
    }
}

/// Which model answers whom.
struct Rollout: Sendable {
    /// The server's own run.
    let models: ModelStore
    /// A run that answers a share of the users.
    let experiment: Arm?
    /// A run that is asked beside, and whose answers nobody gets.
    let shadow: Arm?

    /// Whether every model is warm.
    var isWarm: Bool {
        ([models] + [experiment?.models, shadow?.models].compactMap { $0 })
            .allSatisfy { $0.current != nil }
    }

    /// The model for a user, and the name of its part of the experiment; nil before it is warm.
    ///
    /// Requests that name no user are answered by the server's own run.
    func model(for user: String?) -> (model: ServedModel, variant: String)? {
        if let experiment, let user, experiment.takes(user) {
            return experiment.models.current.map { ($0, "experiment") }
        }
        return models.current.map { ($0, "control") }
    }

    /// The model that is asked beside for a user, if any; a request that names no user goes by its own
    /// identity.
    func shadowModel(for user: String?, request: String) -> ServedModel? {
        guard let shadow, shadow.takes(user ?? request) else { return nil }
        return shadow.models.current
    }
}
