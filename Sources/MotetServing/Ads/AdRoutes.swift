import HTTPTypes
import Logging
import MotetCore
import MotetDecisions
import MotetFeatures
import MotetLedger
import NIOCore

/// The routes that sell ads, and charge what happens to them.
struct AdRoutes: Sendable {
    let sales: AdSales
    let scorer: @Sendable (_ requestID: String) -> Scorer
    let rollout: Rollout
    let pool: WorkerPool
    let metrics: ServerMetrics
    let limits: ServingSettings.Limits
    let logger: Logger
    var decisions: DecisionLog?

    /// The routes.
    var routes: [Route] {
        [
            Route(.post, "/v1/ads", name: "ads", Self.selling) { try await sell($0) },
            Route(.post, "/v1/ads/events", name: "ad_events", Self.charging) {
                try await charge($0)
            },
        ]
    }

    private static let selling = RouteDocumentation(
        summary: "The ads that are shown, by an auction, and what they pay.",
        request: { AdSchemas.request($0) },
        success: { AdSchemas.answer($0) },
        failures: RouteDocumentation.bodyFailures + RouteDocumentation.computingFailures
    )

    private static let charging = RouteDocumentation(
        summary: "Clicks and conversions of ads that were sold: each is charged once.",
        request: { AdSchemas.events($0) },
        success: { _ in AdSchemas.charges },
        failures: RouteDocumentation.bodyFailures + RouteDocumentation.computingFailures
    )

    private func sell(_ request: IncomingRequest) async throws -> Answer {
        guard rollout.isWarm else { throw RequestError.notReady(limits) }
        let seller = AdSeller(sales: sales, scorer: scorer(request.id))
        let start = ContinuousClock.now
        var decided = try await asked(request.id) {
            try await pool.run { try seller.decide(request.body, since: start) }
        }
        if decided.isToBeKept {
            let decision = decided.decision
            decided.decision = try await asked(request.id) {
                try await sales.ledger.keep(decision)
            }
        }
        var answer = decided.answer(request.id, sales.settings.currency)
        decided.record.end(.write)
        answer.notes = [
            "model": decided.record.model, "variant": decided.record.variant,
            "candidates": "\(decided.request.candidates.count)",
            "ads": "\(decided.decision.sold.count)",
        ]
        metrics.soldAds(decided)
        if let decisions, decisions.isDue {
            var decision = Decision(decided, currency: sales.settings.currency, id: request.id)
            decision.seconds = (ContinuousClock.now - start) / .seconds(1)
            decisions.add(decision)
        }
        return answer
    }

    private func charge(_ request: IncomingRequest) async throws -> Answer {
        let time = sales.now()
        let body = request.body
        let reader = AdEventReader(
            fields: AdFields(sales: sales, limits: limits),
            latest: time + Int64(1000 * sales.settings.aheadSeconds)
        )
        let depth = limits.jsonDepth
        let events = try await pool.run {
            let value = try body.withUnsafeReadableBytes { bytes in
                try bytes.withMemoryRebound(to: UInt8.self) {
                    try JSONParser.parse($0, maximumDepth: depth)
                }
            }
            return try reader.events(value)
        }
        let charges = try await asked(request.id) {
            try await sales.ledger.charge(events, at: time)
        }
        metrics.chargedAds(charges)
        return Answer { writer in
            writer.key("currency")
            writer.text(sales.settings.currency)
            writer.key("events")
            writer.array { writer in
                for charge in charges {
                    writer.object { writer in
                        writer.key("outcome")
                        writer.text(charge.outcome.rawValue)
                        writer.key("campaign")
                        writer.optional(charge.campaign)
                        writer.key("amount")
                        writer.number(charge.amount.units)
                    }
                }
            }
        }
    }

    /// Asks the ledger; what keeps it from answering is logged and told.
    private func asked<Result: Sendable>(
        _ id: String,
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        do { return try await body() } catch let error as LedgerError {
            if error.code == .ledgerFull {
                throw RequestError(
                    .tooManyRequests,
                    error.code.rawValue,
                    message:
                        "server: too much waits for the ledger; expected fewer at once. Send it again "
                        + "later.",
                    retryAfterSeconds: limits.retryAfterSeconds
                )
            }
            logger.error(
                "ledger failed",
                metadata: ["request_id": .string(id), "error": .string(error.description)]
            )
            throw RequestError(
                .serviceUnavailable,
                error.code.rawValue,
                message:
                    "server: the ledger of ads cannot be used; expected one that can be read and "
                    + "written. Nothing was charged; send it again later: nothing counts twice.",
                retryAfterSeconds: limits.retryAfterSeconds
            )
        }
    }
}

/// Reads bodies of `POST /v1/ads/events`.
struct AdEventReader: Sendable {
    let fields: AdFields
    /// The latest time an event may have.
    let latest: Int64

    private static let known = ["sale", "ad", "type", "time"]

    /// The events of a body.
    ///
    /// - Parameter body: the value of the body.
    /// - Returns: the events in their order.
    /// - Throws: `RequestError` with the field that is wrong.
    func events(_ body: JSONValue) throws(RequestError) -> [AdEvent] {
        guard case .object(let members) = body else {
            throw .wrongType("body", expected: "an object", body)
        }
        if let other = members.first(where: { $0.key != "events" }) {
            throw Self.unknown(other.key, ["events"])
        }
        guard let list = members.first?.value else {
            throw .missing("events", "a list of events")
        }
        guard case .array(let values) = list else {
            throw .wrongType("events", expected: "a list of events", list)
        }
        guard !values.isEmpty, values.count <= fields.limits.events else {
            throw .outOfRange(
                "events",
                "from 1 to \(fields.limits.events) events",
                "\(values.count)"
            )
        }
        var events: [AdEvent] = []
        for (index, value) in values.enumerated() {
            events.append(try event(value, "events[\(index)]"))
        }
        return events
    }

    private static func unknown(_ field: String, _ expected: [String]) -> RequestError {
        RequestError(
            .badRequest,
            "unknown_field",
            field: field.shortened,
            message: "\(field.shortened): there is no such field; expected "
                + expected.map { "`\($0)`" }.joined(separator: ", ") + "."
        )
    }

    private func event(_ value: JSONValue, _ place: String) throws(RequestError) -> AdEvent {
        guard case .object(let members) = value else {
            throw .wrongType(place, expected: "an object", value)
        }
        if let other = members.first(where: { !Self.known.contains($0.key) }) {
            throw Self.unknown("\(place).\(other.key)", Self.known)
        }
        func member(_ key: String, _ expected: String) throws(RequestError) -> JSONValue {
            guard let value = members.first(where: { $0.key == key })?.value else {
                throw .missing("\(place).\(key)", expected)
            }
            return value
        }
        let type = try member("type", "`click` or `conversion`")
        guard case .text(let text) = type, let kind = AdEvent.Kind(rawValue: text) else {
            throw RequestError(
                .badRequest,
                "unknown_value",
                field: "\(place).type",
                message:
                    "\(place).type: there is no such event; expected `click` or `conversion`; received "
                    + "\(RequestFields.text(type).shortened)."
            )
        }
        try checkTime(members.first { $0.key == "time" }?.value, "\(place).time")
        return AdEvent(
            kind,
            of: try fields.name(try member("ad", "the ad"), "\(place).ad"),
            in: try fields.name(try member("sale", "the sale of the ad"), "\(place).sale")
        )
    }

    private func checkTime(_ value: JSONValue?, _ field: String) throws(RequestError) {
        guard let value, value != .null else { return }
        guard case .integer(let time) = value else {
            throw .wrongType(field, expected: "milliseconds since 1970", value)
        }
        guard EventLimits.times.contains(time) else {
            throw .outOfRange(field, "milliseconds since 1970", "\(time)")
        }
        guard time <= latest else {
            throw .outOfRange(
                field,
                "at most \(latest), for it has happened",
                "\(time)"
            )
        }
    }
}
