import HTTPTypes
import Logging
import MotetData
import MotetCore
import NIOCore

/// What the routes of the public port do.
struct ServingRoutes: Sendable {
    let rollout: Rollout
    let pool: WorkerPool
    /// Computes small requests of scores together where several wait.
    let batcher: MicroBatcher
    let features: any FeatureSource
    /// The store of features, if there is one.
    let online: OnlineFeatures?
    /// What users are called in everything that is kept.
    var identities = UserIdentities.plain
    /// How the routes of users are reached.
    var users = UserAccess.open
    let metrics: ServerMetrics
    /// The numbers that weights are multiplied by.
    var precision = ProductPrecision.float32
    let limits: ServingSettings.Limits
    let logger: Logger
    /// Keeps some answers for the console; nil without one.
    var decisions: DecisionLog?
    /// Whether there is a catalogue to recommend from.
    var recommends = false
    /// Judges orders and reviews; nil where nothing is judged.
    var risk: RiskRoute?
    /// Chooses prices; nil where none are chosen.
    var prices: PriceRoute?
    /// What sells ads; nil without them.
    var sales: AdSales?
    /// Forecasts demand; nil where nothing is forecast.
    var forecasts: ForecastRoute?

    /// The routes.
    var routes: [Route] {
        [
            Route(.get, "/healthz", name: "healthz", Self.aliveness) { _ in
                Answer { writer in
                    writer.key("status")
                    writer.text("alive")
                }
            },
            Route(.get, "/readyz", name: "readyz", Self.readiness) { _ in readiness() },
            Route(.post, "/v1/score", name: "score", Self.scoring) { try await score($0) },
            Route(.get, "/metrics", name: "metrics", Self.measuring) { _ in
                Answer(
                    contentType: MetricsText.contentType,
                    body: metrics.text(
                        pool,
                        rollout.models,
                        sales?.figures ?? [],
                        caches: online?.caches() ?? []
                    )
                )
            },
        ] + (recommends ? [recommendation] : []) + (risk.map { [$0.route(self)] } ?? [])
            + (prices.map { [$0.route(self)] } ?? [])
            + (adRoutes?.routes ?? [])
            + (forecasts.map { [$0.route(self), SalesRoute(store: $0.store).route(self)] } ?? [])
            + (featureRoutes?.eventRoutes ?? [])
            + (users.isPublic ? userRoutes : [])
    }

    /// The routes of users for the port of admin routes, where they are only there.
    var adminRoutes: [Route] { users.isPublic ? [] : userRoutes }

    private var userRoutes: [Route] {
        ForgetRoute(
            online: online,
            ledger: sales?.ledger,
            identities: identities,
            users: users,
            metrics: metrics,
            limits: limits,
            logger: logger
        ).routes + (featureRoutes?.profileRoutes ?? [])
    }

    private var adRoutes: AdRoutes? {
        sales.map { sales in
            AdRoutes(
                sales: sales,
                scorer: { [rollout, features, online, identities, limits] id in
                    Scorer(
                        rollout: rollout,
                        features: features,
                        online: online?.fields,
                        identities: identities,
                        limits: limits,
                        requestID: id,
                        beside: AdRequest.fields
                    )
                },
                rollout: rollout,
                pool: pool,
                metrics: metrics,
                limits: limits,
                logger: logger,
                decisions: decisions
            )
        }
    }

    private var featureRoutes: FeatureRoutes? {
        online.map { online in
            FeatureRoutes(
                online: online,
                identities: identities,
                users: users,
                pool: pool,
                metrics: metrics,
                limits: limits,
                logger: logger
            )
        }
    }

    private var recommendation: Route {
        Route(.post, "/v1/recommend", name: "recommend", Self.recommending) {
            try await recommend($0)
        }
    }

    private static let recommending = RouteDocumentation(
        summary: "The items that suit a user best: candidates, scores, rules, a diverse list.",
        request: { RecommendSchemas.request($0) },
        success: { RecommendSchemas.answer($0) },
        failures: RouteDocumentation.bodyFailures + RouteDocumentation.computingFailures
    )

    private func recommend(_ request: IncomingRequest) async throws -> Answer {
        guard rollout.isWarm else { throw RequestError.notReady(limits) }
        let recommender = Recommender(
            rollout: rollout,
            features: features,
            online: online?.fields,
            identities: identities,
            limits: limits,
            decisions: decisions,
            outcomes: metrics.outcomes,
            requestID: request.id,
            logger: logger
        )
        let start = ContinuousClock.now
        let (answer, record) = try await pool.run {
            try recommender.answer(request.body, since: start)
        }
        metrics.recommended(record)
        if var decision = record.decision {
            decision.seconds = (ContinuousClock.now - start) / .seconds(1)
            decisions?.add(decision)
        }
        return answer
    }

    private static let measuring = RouteDocumentation(
        summary: "What the server counts and times, in the text format of Prometheus.",
        success: { _ in ["type": "string"] },
        successType: MetricsText.contentType
    )

    private static let aliveness = RouteDocumentation(
        summary: "Whether the process answers at all.",
        success: { _ in
            [
                "type": "object", "required": ["status"], "additionalProperties": false,
                "properties": ["status": ["const": "alive"]],
            ]
        }
    )

    private static func readinessSchema(_ status: JSONValue, _ model: JSONValue) -> JSONValue {
        [
            "type": "object", "required": ["status", "model", "precision"],
            "additionalProperties": false,
            "properties": [
                "status": ["const": status], "model": ["type": model],
                "features": ["enum": ["available", "away"]],
                "precision": [
                    "enum": .array(ProductPrecision.allCases.map { .text($0.rawValue) })
                ],
            ],
        ]
    }

    private static let readiness = RouteDocumentation(
        summary: "Whether the model is warm.",
        success: { _ in readinessSchema("ready", "string") },
        failures: [
            RouteDocumentation.Reply(
                status: 503,
                description: "Not yet.",
                schema: readinessSchema("warming", "null")
            )
        ]
    )

    private static let scoring = RouteDocumentation(
        summary: "Every task's score for each item of a request.",
        request: { ScoreSchemas.request($0) },
        success: { ScoreSchemas.answer($0) },
        failures: RouteDocumentation.bodyFailures + RouteDocumentation.computingFailures
    )

    private func readiness() -> Answer {
        let model = rollout.isWarm ? rollout.models.current : nil
        return Answer(status: model == nil ? .serviceUnavailable : .ok) { writer in
            writer.key("status")
            writer.text(model == nil ? "warming" : "ready")
            writer.key("model")
            if let model { writer.text(model.version) } else { writer.null() }
            writer.key("precision")
            writer.text(precision.rawValue)
            if online != nil {
                writer.key("features")
                writer.text(metrics.isStoreAway ? "away" : "available")
            }
        }
    }

    private func score(_ request: IncomingRequest) async throws -> Answer {
        guard rollout.isWarm else { throw RequestError.notReady(limits) }
        let scorer = Scorer(
            rollout: rollout,
            features: features,
            online: online?.fields,
            identities: identities,
            limits: limits,
            decisions: decisions,
            outcomes: metrics.outcomes,
            requestID: request.id
        )
        let start = ContinuousClock.now
        let (answer, record) = try await pool.run { done in
            batcher.answer(scorer, request.body, since: start, done)
        }
        metrics.scored(record)
        if var decision = record.decision {
            decision.seconds = (ContinuousClock.now - start) / .seconds(1)
            decisions?.add(decision)
        }
        if let shadow = record.shadow {
            Shadow(scorer: scorer, pool: pool, metrics: metrics, logger: logger)
                .ask(shadow, request.body, record)
        }
        return answer
    }
}
