import HTTPTypes
import Logging
import MotetLedger

/// The route that chooses prices.
struct PriceRoute: Sendable {
    let store: PriceStore

    /// The route, on the threads and with the models of the others.
    func route(_ routes: ServingRoutes) -> Route {
        let settings = store.settings
        let documentation = RouteDocumentation(
            summary: "The prices of items for a period, with the probability each was chosen with.",
            request: { PriceSchemas.request($0, settings) },
            success: { _ in PriceSchemas.answer(settings) },
            failures: RouteDocumentation.bodyFailures + RouteDocumentation.computingFailures
        )
        return Route(.post, "/v1/price", name: "price", documentation) { request in
            try await price(request, routes)
        }
    }

    private func price(_ request: IncomingRequest, _ routes: ServingRoutes) async throws -> Answer {
        guard routes.rollout.isWarm else { throw RequestError.notReady(routes.limits) }
        let desk = PriceDesk(
            store: store,
            scorer: Scorer(
                rollout: routes.rollout,
                features: routes.features,
                online: routes.online?.fields,
                identities: routes.identities,
                limits: routes.limits,
                requestID: request.id,
                beside: PriceRequest.fields
            )
        )
        let start = ContinuousClock.now
        var decided = try await routes.pool.run { try desk.decide(request.body, since: start) }
        let chosen = decided.toBeKept
        let keeping = ContinuousClock.now
        try await kept(request.id, routes) { [appending = decided.appending] in
            try await store.keep(chosen, appending)
        }
        let keepSeconds = (ContinuousClock.now - keeping) / .seconds(1)
        var answer = Answer(body: decided.body)
        decided.record.end(.write)
        answer.notes = [
            "model": decided.record.model, "variant": decided.record.variant,
            "items": "\(decided.ids.count)", "chosen": "\(chosen.count)",
        ]
        routes.metrics.priced(decided, keepSeconds: keepSeconds, known: store.count)
        if let decisions = routes.decisions, decisions.isDue {
            var decision = Decision(decided, currency: store.settings.currency, id: request.id)
            decision.seconds = (ContinuousClock.now - start) / .seconds(1)
            decisions.add(decision)
        }
        return answer
    }

    /// Keeps prices; what hinders it is logged and told.
    private func kept(
        _ id: String,
        _ routes: ServingRoutes,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        do { try await body() } catch let error as LedgerError {
            routes.metrics.priceFailed()
            if error.code == .ledgerFull {
                throw RequestError(
                    .tooManyRequests,
                    "price_journal_full",
                    message:
                        "server: too much waits for the journal of prices; expected fewer at once. Send it again later.",
                    retryAfterSeconds: routes.limits.retryAfterSeconds
                )
            }
            routes.logger.error(
                "price journal failed",
                metadata: ["request_id": .string(id), "error": .string(error.description)]
            )
            throw RequestError(
                .serviceUnavailable,
                "price_journal",
                message:
                    "server: the prices cannot be kept; expected a journal that can be written. None was chosen; send it "
                    + "again later: it will be the same.",
                retryAfterSeconds: routes.limits.retryAfterSeconds
            )
        }
    }
}
