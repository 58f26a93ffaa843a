import HTTPTypes
import Logging
import MotetCore
import MotetData
import MotetDecisions
import NIOCore

/// Answers `POST /v1/risk`, on the thread it is called on.
struct RiskJudge: Sendable {
    /// Scores what is judged.
    let scorer: Scorer
    let store: RiskStore
    /// The time now, in milliseconds since 1970.
    let now: @Sendable () -> Int64
    let logger: Logger

    /// Judges a body.
    ///
    /// - Parameters:
    ///   - body: the bytes of the request.
    ///   - start: when it was handed to the threads.
    /// - Returns: the answer, and what it took.
    /// - Throws: `RequestError` for what is wrong with the request, else what the features' source throws.
    func answer(
        _ body: ByteBuffer,
        since start: ContinuousClock.Instant
    ) throws -> (Answer, RiskReport) {
        var report = RiskReport(scores: ScoreRecord(since: start))
        report.scores.end(.queue)
        let value = try scorer.parsed(body)
        let request = try RiskRequest(
            value,
            store.settings,
            now: now(),
            takesTime: scorer.online != nil,
            limits: scorer.limits
        )
        report.kind = request.kind
        let identity = store.identity(request.kind, RequestFields.text(request.id))
        let fingerprint = store.fingerprint(request.canonical)
        // An answer that is known needs no model.
        if let known = try known(identity, fingerprint) {
            return (try answer(known, request, &report), report)
        }
        let user = ScoreRequest.user(of: value).map { scorer.identities.kept($0) }
        guard let (model, variant) = scorer.rollout.model(for: user) else {
            throw RequestError.notReady(scorer.limits)
        }
        report.scores.model = model.version
        report.scores.variant = variant
        let scored = try scorer.scores(request.scoring, model, &report.scores)
        guard let subject = store.settings[request.kind],
            let task = model.tasks.firstIndex(of: subject.task.text)
        else { throw RequestError.notReady(scorer.limits) }
        let scenarios = model.layout.scenarios(of: scored.request.columns)
        report.scores.scores = scorer.histograms(scored.scores, model)
        report.scores.tally = ScoreTally(scored.scores, scenarios, model.layout)
        var tokens: [RiskDimension: UInt64] = [:]
        for (dimension, text) in request.contacts {
            tokens[dimension] = store.token(dimension, text)
        }
        if let account = scored.request.userID { tokens[.account] = store.token(.account, account) }
        let judgement = RiskJudgement(
            request: request,
            policy: subject.policy,
            scores: scored.scores[task].map { Double($0.value) },
            facts: RiskFacts(
                amount: request.amount,
                email: request.email,
                phone: request.contacts[.phone],
                numbers: scored.numbers(of: subject.policy.columns)
            ),
            order: RiskOrder(
                id: identity,
                time: request.time,
                amount: request.amount,
                tokens: tokens
            ),
            sourced: scored.sourced.columns.count
        )
        let outcome = try decide(judgement, fingerprint, &report)
        if let decisions = scorer.decisions, decisions.isDue, let verdict = report.verdict {
            report.scores.decision = Decision(
                judgement,
                verdict,
                scored,
                model,
                scenarios,
                report.scores,
                id: scorer.requestID
            )
        }
        return (try answer(outcome, request, &report), report)
    }

    private func known(
        _ identity: RiskIdentity,
        _ fingerprint: UInt64
    ) throws(RequestError) -> RiskLedger.Outcome? {
        do throws(DecisionError) {
            return try store.ledger.answer(to: identity, fingerprint: fingerprint)
        } catch { throw unkept(error) }
    }

    /// What is answered where an answer cannot be kept.
    private func unkept(_ error: DecisionError) -> RequestError {
        logger.error("risk store failed", metadata: ["error": .string(error.description)])
        let message =
            error.code == .riskUnsure
            ? "server: the answer did not come to the disk; expected a disk that takes what is written. It may have been "
                + "decided; send the same request again once the server was started again."
            : "server: the answer cannot be kept; expected a store that can be written. Nothing was decided; "
                + "try again later."
        return RequestError(
            .serviceUnavailable,
            error.code.rawValue,
            message: message,
            retryAfterSeconds: scorer.limits.retryAfterSeconds
        )
    }

    private func decide(
        _ judgement: RiskJudgement,
        _ fingerprint: UInt64,
        _ report: inout RiskReport
    ) throws(RequestError) -> RiskLedger.Outcome {
        let start = ContinuousClock.now
        let scores = report.scores
        var verdict: RiskVerdict?
        let outcome: RiskLedger.Outcome
        do throws(DecisionError) {
            outcome = try store.ledger.decide(judgement.order, fingerprint: fingerprint) { memory in
                let counts = memory.counts(
                    for: judgement.policy.lookbacks,
                    of: judgement.order
                )
                let made = judgement.verdict(counts)
                verdict = made
                return judgement.kept(made, counts, scores)
            }
        } catch { throw unkept(error) }
        if case .decided = outcome, let verdict {
            report.verdict = verdict
            report.codes = verdict.hits.map { judgement.policy.rules[$0.rule].code }
        }
        report.decideSeconds = (ContinuousClock.now - start) / .seconds(1)
        return outcome
    }

    private func answer(
        _ outcome: RiskLedger.Outcome,
        _ request: RiskRequest,
        _ report: inout RiskReport
    ) throws(RequestError) -> Answer {
        report.orders = store.ledger.orders
        let (bytes, isRepeated): ([UInt8], Bool)
        switch outcome {
        case .decided(let kept): (bytes, isRepeated) = (kept, false)
        case .repeated(let kept): (bytes, isRepeated) = (kept, true)
        case .conflict:
            throw RequestError(
                .conflict,
                "order_changed",
                field: "id",
                message:
                    "id: another \(request.kind.rawValue) of this identity was judged; expected the same request, or "
                    + "another identity; received one that differs."
            )
        }
        guard let kept = KeptJudgement(bytes) else {
            throw RequestError(
                .internalServerError,
                "internal",
                message:
                    "server: the kept answer does not read; expected one that this version wrote."
            )
        }
        let requestID = scorer.requestID
        var answer = Answer { writer in
            writer.key("request_id")
            writer.text(requestID)
            writer.key("id")
            writer.value(request.id)
            writer.key("kind")
            writer.text(request.kind.rawValue)
            writer.key("repeated")
            writer.boolean(isRepeated)
            writer.members(kept.main)
            if request.explains {
                writer.key("explain")
                writer.object { $0.members(kept.explanation) }
            }
        }
        answer.notes = [
            "kind": request.kind.rawValue, "decision": kept.decision.rawValue,
            "repeated": "\(isRepeated)",
        ]
        if !isRepeated {
            answer.notes["model"] = report.scores.model
            answer.notes["variant"] = report.scores.variant
        }
        report.scores.end(.write)
        return answer
    }
}

extension RiskPolicy {
    /// The columns that rules look at.
    var columns: [String] {
        rules.compactMap { if case .number(let name, _) = $0.condition { name } else { nil } }
    }
}

extension Scorer.Scored {
    /// The numbers of columns, of every item or of all; what is no number is left out.
    func numbers(of columns: [String]) -> [String: [Double]] {
        guard !columns.isEmpty else { return [:] }
        let rows = request.rows(with: sourced.columns, items)
        var numbers: [String: [Double]] = [:]
        for name in columns {
            switch rows.columns[name] ?? items.column(name) {
            case .same(let value)?: numbers[name] = value.double.map { [$0] }
            case .each(let values)?: numbers[name] = values.compactMap(\.double)
            case nil: continue
            }
        }
        return numbers
    }
}

extension RawValue {
    /// The number; nil for what is none.
    fileprivate var double: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .boolean(let isTrue): isTrue ? 1 : 0
        case .missing, .text, .list: nil
        }
    }
}
