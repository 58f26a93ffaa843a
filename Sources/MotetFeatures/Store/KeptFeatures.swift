/// The state of all features, for stores in other targets.
///
/// A value: a copy is a snapshot that goes its own way.
package struct KeptFeatures: Sendable {
    private var state: FeatureState

    init(_ state: FeatureState) { self.state = state }

    /// The state before any event.
    package init(_ definitions: FeatureDefinitions) {
        state = FeatureState(FeaturePlan(definitions))
    }

    /// Takes in what a log entry says; what became of its events.
    @discardableResult
    package mutating func apply(_ entry: StoreEntry) -> [EventOutcome] {
        switch entry {
        case .events(let events): return events.map { state.apply($0) }
        case .forget(let user):
            return [state.forget(user: user) ? .applied : .duplicate]
        }
    }

    /// Reads the features of a request into a table, in place of those before.
    package func read(
        _ request: FeatureRequest,
        _ items: ItemTable,
        into table: inout FeatureTable
    ) {
        state.read(request, items, into: &table)
    }

    /// The profile of a user.
    package func profile(of user: String, at time: Int64) -> UserProfile? {
        state.profile(of: user, at: time)
    }

    /// The state as it is now.
    package func snapshot() -> StateSnapshot { StateSnapshot(state.stored) }
}
