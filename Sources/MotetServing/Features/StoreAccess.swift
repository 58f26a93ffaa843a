import HTTPTypes
import Logging
import MotetCore
import MotetFeatures

/// Calls of the store of features by routes.
struct StoreAccess: Sendable {
    let metrics: ServerMetrics
    let limits: ServingSettings.Limits
    let logger: Logger

    /// Asks the store; what keeps it from answering is logged and told.
    ///
    /// - Parameters:
    ///   - id: the identity of the request.
    ///   - consequence: what a failure of the store leaves behind.
    ///   - body: asks it.
    /// - Returns: what it answers.
    /// - Throws: `RequestError` with the status 429 or 503.
    func asked<Result: Sendable>(
        _ id: String,
        failed consequence: String =
            "Nothing was acknowledged; try again later: no event counts twice.",
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        do { return try await body() } catch let error as FeatureError {
            if error.code == .featureStoreFull {
                throw RequestError(
                    .tooManyRequests,
                    error.code.rawValue,
                    message:
                        "server: too many events wait to be stored; expected fewer at once. Send "
                        + "them again later.",
                    retryAfterSeconds: limits.retryAfterSeconds
                )
            }
            metrics.storeFailed()
            logger.error(
                "feature store failed",
                metadata: ["request_id": .string(id), "error": .string(error.description)]
            )
            throw RequestError(
                .serviceUnavailable,
                error.code.rawValue,
                message:
                    "server: the store of features cannot be used; expected one that can be read and "
                    + "written. " + consequence,
                retryAfterSeconds: limits.retryAfterSeconds
            )
        }
    }
}
