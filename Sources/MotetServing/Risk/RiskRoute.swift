import HTTPTypes
import Logging

/// The route that judges orders and reviews.
struct RiskRoute: Sendable {
    let store: RiskStore
    /// The time now, in milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// The route, on the threads and with the models of the others.
    func route(_ routes: ServingRoutes) -> Route {
        let settings = store.settings
        let documentation = RouteDocumentation(
            summary:
                "Whether an order or a review is to be allowed, looked at or refused, and why.",
            request: { RiskSchemas.request($0, settings) },
            success: { _ in RiskSchemas.answer(settings) },
            failures: RouteDocumentation.bodyFailures
                + [
                    RouteDocumentation.failure(
                        .conflict,
                        "Another order of the same id was judged."
                    )
                ]
                + RouteDocumentation.computingFailures
        )
        return Route(.post, "/v1/risk", name: "risk", documentation) { request in
            try await judge(request, routes)
        }
    }

    private func judge(_ request: IncomingRequest, _ routes: ServingRoutes) async throws -> Answer {
        guard routes.rollout.isWarm else { throw RequestError.notReady(routes.limits) }
        let judge = RiskJudge(
            scorer: Scorer(
                rollout: routes.rollout,
                features: routes.features,
                online: routes.online?.fields,
                identities: routes.identities,
                limits: routes.limits,
                decisions: routes.decisions,
                requestID: request.id,
                beside: RiskRequest.fields
            ),
            store: store,
            now: now,
            logger: routes.logger
        )
        let start = ContinuousClock.now
        let (answer, report) = try await routes.pool.run {
            try judge.answer(request.body, since: start)
        }
        routes.metrics.judged(report)
        if var decision = report.scores.decision {
            decision.seconds = (ContinuousClock.now - start) / .seconds(1)
            routes.decisions?.add(decision)
        }
        return answer
    }
}
