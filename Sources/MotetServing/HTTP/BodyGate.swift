import HTTPTypes
import Synchronization

/// How many requests with a body may be read and answered at once.
///
/// A connection of HTTP/1.1 has one request at a time, so connections bound their memory; one of HTTP/2 has a
/// hundred.
final class BodyGate: Sendable {
    private let limits: ServingSettings.Limits
    private let count = Atomic<Int>(0)

    /// Lets as many in as there may be connections.
    init(limits: ServingSettings.Limits) { self.limits = limits }

    /// Reads and answers one.
    ///
    /// - Parameter work: reads and answers it.
    /// - Returns: the answer.
    /// - Throws: `RequestError` (429) where as many are inside as may be, else what `work` throws.
    func inside<Value>(_ work: () async throws -> Value) async throws -> Value {
        defer { count.wrappingSubtract(1, ordering: .relaxed) }
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= limits.connections else {
            throw RequestError(
                .tooManyRequests,
                "queue_full",
                message:
                    "server: as many bodies are read and answered as may be at once; expected at most "
                    + "\(limits.connections). Try again later.",
                retryAfterSeconds: limits.retryAfterSeconds
            )
        }
        return try await work()
    }
}
