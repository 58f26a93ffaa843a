import Synchronization

/// A store in memory alone: what it was told is gone with the process.
public final class MemoryFeatureStore: FeatureStore {
    /// The features there are.
    public let definitions: FeatureDefinitions
    /// The categories of items.
    public let items: ItemTable
    private let state: Mutex<FeatureState>

    /// Creates an empty store.
    ///
    /// - Parameters:
    ///   - definitions: the features.
    ///   - items: the categories of items whose events or requests do not tell them.
    public init(_ definitions: FeatureDefinitions, items: ItemTable = ItemTable()) {
        self.definitions = definitions
        self.items = items
        state = Mutex(FeatureState(FeaturePlan(definitions)))
    }

    /// Takes in events.
    public func apply(_ events: [Event]) -> [EventOutcome] {
        let events = events.map { items.resolved($0) }
        return state.withLock { state in events.map { state.apply($0) } }
    }

    /// The features of a request.
    public func features(_ request: FeatureRequest) -> FeatureTable {
        var table = FeatureTable()
        read(request, into: &table)
        return table
    }

    /// Reads the features of a request into a table, in place of those before.
    package func read(_ request: FeatureRequest, into table: inout FeatureTable) {
        state.withLock { $0.read(request, items, into: &table) }
    }

    /// What is known of a user at a time; nil where nothing is kept of the user, or no profiles are kept.
    public func profile(of user: String, at time: Int64) -> UserProfile? {
        state.withLock { $0.profile(of: user, at: time) }
    }

    /// Removes everything kept for a user; whether there was anything.
    public func forget(user: String) -> Bool { state.withLock { $0.forget(user: user) } }
}
