import Foundation
import HTTPTypes
import Logging
import MotetCore
import MotetFeatures
import MotetLedger
import NIOCore

/// What the routes do that feed the store of features, and tell what it knows.
struct FeatureRoutes: Sendable {
    let online: OnlineFeatures
    /// What users are called in everything that is kept.
    var identities = UserIdentities.plain
    /// How the routes of users are reached.
    var users = UserAccess.open
    let pool: WorkerPool
    let metrics: ServerMetrics
    let limits: ServingSettings.Limits
    let logger: Logger
    /// Forgets users too; nil without one.
    var ledger: AdLedger?

    /// The route of events.
    var eventRoutes: [Route] {
        [Route(.post, "/v1/events", name: "events", Self.events) { try await take($0) }]
    }

    /// The routes of single users; that of profiles where the store keeps what they need.
    var userRoutes: [Route] {
        let forgetting = users.documented(Self.forgetting)
        var routes = [
            Route(.delete, "/v1/users/{id}", name: "forget", forgetting) {
                try users.check($0)
                return try await forget($0)
            }
        ]
        if online.store.definitions.profile != nil {
            let documentation = users.documented(Self.profile)
            routes.append(
                Route(.get, "/v1/users/{id}/profile", name: "profile", documentation) {
                    try users.check($0)
                    return try await profile($0)
                }
            )
        }
        return routes
    }

    /// Takes in events; it returns when they are durable.
    private func take(_ request: IncomingRequest) async throws -> Answer {
        let decoder = EventDecoder(maximumEvents: limits.events)
        let identities = identities
        let latest = online.now() + online.aheadMilliseconds
        let body = request.body
        let events: [Event]
        do {
            events = try await pool.run {
                guard String(validating: body.readableBytesView, as: UTF8.self) != nil else {
                    throw RequestError(
                        .badRequest,
                        "invalid_utf8",
                        message: "body: no UTF-8; expected JSON in UTF-8."
                    )
                }
                return identities.kept(
                    try decoder.events(in: Data(body.readableBytesView), latest: latest)
                )
            }
        } catch let error as EventError {
            throw RequestError(error)
        }
        let store = online.store
        let outcomes = try await asked(request.id) {
            try await metrics.timed(.apply) { try await store.apply(events) }
        }
        let counts = EventCounts(outcomes)
        metrics.applied(counts)
        return Answer { writer in
            writer.key("applied")
            writer.integer(counts.applied)
            writer.key("duplicate")
            writer.integer(counts.duplicate)
            writer.key("late")
            writer.integer(counts.late)
        }
    }

    private func profile(_ request: IncomingRequest) async throws -> Answer {
        let user = try user(of: request)
        let time = try Self.time(of: request) ?? online.now()
        let store = online.store
        let profile = try await asked(request.id) {
            try await metrics.timed(.profile) { try await store.profile(of: user, at: time) }
        }
        guard let profile else {
            throw RequestError(
                .notFound,
                "unknown_user",
                field: "id",
                message: "id: nothing is known of the user; expected one with events."
            )
        }
        if profile.isDegraded { metrics.degraded() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Answer(body: Array(try encoder.encode(profile)))
    }

    private func forget(_ request: IncomingRequest) async throws -> Answer {
        let user = try user(of: request)
        let store = online.store
        _ = try await asked(
            request.id,
            failed: "The user may be forgotten in part: send the request again later."
        ) {
            try await metrics.timed(.forget) { try await store.forget(user: user) }
        }
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
                    "server: the ledger of ads cannot be used; expected one that can be written. The user "
                    + "may be forgotten in part: send the request again later.",
                retryAfterSeconds: limits.retryAfterSeconds
            )
        }
    }

    /// The user a path names, as the store calls it.
    private func user(of request: IncomingRequest) throws(RequestError) -> String {
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
        return identities.kept(user)
    }

    /// The time a query asks for; nil where it does not.
    private static func time(of request: IncomingRequest) throws(RequestError) -> Int64? {
        let values = try request.query("time")
        guard let text = values.first else { return nil }
        guard values.count == 1 else {
            throw RequestError(
                .badRequest,
                "duplicate_field",
                field: "time",
                message: "time: the query has it \(values.count) times; expected it once."
            )
        }
        guard let time = Int64(text), text.first != "+" else {
            throw RequestError(
                .badRequest,
                "wrong_type",
                field: "time",
                message: "time: no whole number; expected milliseconds since 1970; received "
                    + "`\(text.shortened)`."
            )
        }
        try ScoreRequest.check(time: time)
        return time
    }

    /// Asks the store; what keeps it from answering is logged and told.
    ///
    /// - Parameters:
    ///   - id: the identity of the request.
    ///   - consequence: what a failure of the store leaves behind.
    ///   - body: asks it.
    /// - Returns: what it answers.
    /// - Throws: `RequestError` with the status 429 or 503.
    private func asked<Result: Sendable>(
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

extension RequestError {
    /// An event that cannot be taken.
    init(_ error: EventError) {
        var field = error.field
        if let index = error.index {
            field = "events[\(index)]" + (error.field.map { ".\($0)" } ?? "")
        }
        self.init(
            .badRequest,
            error.code.rawValue,
            field: field?.shortened,
            message: error.description
        )
    }
}
