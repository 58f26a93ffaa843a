/// Keeps what events taught, and answers with features.
///
/// A store may be used by any number of tasks at once. What is kept for a key can be written as bytes and is
/// changed as a whole, so that a store in another process can hold it too.
public protocol FeatureStore: Sendable {
    /// The features there are.
    var definitions: FeatureDefinitions { get }

    /// Takes in events; when it returns, they count, and a durable store has them on its disk.
    ///
    /// - Parameter events: checked events, in any order; those that were taken in before do nothing.
    /// - Returns: what became of each, in their order.
    /// - Throws: ``FeatureError`` when they cannot be stored; nothing changed then.
    func apply(_ events: [Event]) async throws -> [EventOutcome]

    /// The features of a request, of the events applied so far.
    func features(_ request: FeatureRequest) async throws -> FeatureTable

    /// What is known of a user at a time, in milliseconds since 1970.
    ///
    /// - Returns: the profile; nil where nothing is kept of the user, or no profiles are kept.
    func profile(of user: String, at time: Int64) async throws -> UserProfile?

    /// Removes everything kept for a user.
    ///
    /// - Returns: whether there was anything.
    func forget(user: String) async throws -> Bool
}
