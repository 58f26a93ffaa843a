import HTTPTypes
import Logging
import MotetFeatures
import MotetLedger

/// The route that forgets a user, in everything that keeps some.
struct ForgetRoute: Sendable {
    /// The store of features; nil without one.
    let online: OnlineFeatures?
    /// Who was shown which ads; nil without ads.
    let ledger: AdLedger?
    /// What users are called in everything that is kept.
    let identities: UserIdentities
    /// How the route is reached.
    let users: UserAccess
    let metrics: ServerMetrics
    let limits: ServingSettings.Limits
    let logger: Logger

    private static let consequence =
        "The user may be forgotten in part: send the request again later."

    /// The route; none where nothing keeps users.
    var routes: [Route] {
        guard online != nil || ledger != nil else { return [] }
        return [
            Route(
                .delete,
                "/v1/users/{id}",
                name: "forget",
                users.documented(FeatureRoutes.forgetting)
            ) {
                try users.check($0)
                return try await forget($0)
            }
        ]
    }

    private func forget(_ request: IncomingRequest) async throws -> Answer {
        let user = try identities.user(of: request)
        if let store = online?.store {
            let access = StoreAccess(metrics: metrics, limits: limits, logger: logger)
            _ = try await access.asked(request.id, failed: Self.consequence) {
                try await metrics.timed(.forget) { try await store.forget(user: user) }
            }
        }
        metrics.outcomes?.forget(user)
        try await forgetShowings(of: user, request.id)
        return Answer(status: .noContent, body: [])
    }

    /// Forgets how often ads were shown to a user.
    private func forgetShowings(of user: String, _ id: String) async throws {
        do { try await ledger?.forget(user: user) } catch {
            logger.error(
                "ledger failed",
                metadata: ["request_id": .string(id), "error": .string("\(error)")]
            )
            throw RequestError(
                .serviceUnavailable,
                "ledger",
                message:
                    "server: the ledger of ads cannot be used; expected one that can be written. "
                    + Self.consequence,
                retryAfterSeconds: limits.retryAfterSeconds
            )
        }
    }
}

extension UserIdentities {
    /// The user a path names, as everything that keeps users calls it.
    ///
    /// - Throws: `RequestError` where it is too long or empty.
    func user(of request: IncomingRequest) throws(RequestError) -> String {
        let user = request.parameters["id"] ?? ""
        guard (1...EventLimits.nameBytes).contains(user.utf8.count) else {
            throw RequestError(
                .badRequest,
                "out_of_range",
                field: "id",
                message:
                    "id: the identity has a wrong length; expected 1 to \(EventLimits.nameBytes) "
                    + "bytes of UTF-8; received \(user.utf8.count)."
            )
        }
        return kept(user)
    }
}
