import Foundation
import HTTPTypes
import Logging
import MotetCore
import MotetFeatures
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

    /// The route of events.
    var eventRoutes: [Route] {
        [Route(.post, "/v1/events", name: "events", Self.events) { try await take($0) }]
    }

    /// The route of profiles, where the store keeps what they need.
    var profileRoutes: [Route] {
        guard online.store.definitions.profile != nil else { return [] }
        let documentation = users.documented(Self.profile)
        return [
            Route(.get, "/v1/users/{id}/profile", name: "profile", documentation) {
                try users.check($0)
                return try await profile($0)
            }
        ]
    }

    private var store: StoreAccess { StoreAccess(metrics: metrics, limits: limits, logger: logger) }

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
        let features = online.store
        let outcomes = try await store.asked(request.id) {
            try await metrics.timed(.apply) { try await features.apply(events) }
        }
        let counts = EventCounts(outcomes)
        metrics.applied(counts)
        let applied = zip(events, outcomes).filter { $1 == .applied }.map(\.0)
        metrics.outcomes?.happened(applied)
        if let demand = metrics.demand { demand.outcomes.happened(applied, demand) }
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
        let user = try identities.user(of: request)
        let time = try Self.time(of: request) ?? online.now()
        let features = online.store
        let profile = try await store.asked(request.id) {
            try await metrics.timed(.profile) { try await features.profile(of: user, at: time) }
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
