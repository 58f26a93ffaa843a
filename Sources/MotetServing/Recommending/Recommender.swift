import HTTPTypes
import Logging
import MotetCandidates
import MotetRanking
import NIOCore

/// Answers `POST /v1/recommend`, on the thread it is called on.
struct Recommender: Sendable {
    let rollout: Rollout
    let features: any FeatureSource
    /// What tells a store which features are asked for; nil without a store.
    var online: OnlineFields?
    /// What users are called in all that is kept.
    var identities = UserIdentities.plain
    let limits: ServingSettings.Limits
    /// Keeps answers for the console; nil where nobody looks.
    var decisions: DecisionLog?
    /// Holds what is answered against what then happens.
    var outcomes: OutcomeWatch?
    /// The identity of the request.
    let requestID: String
    let logger: Logger

    /// Recommends items by the model of a body's user.
    ///
    /// - Parameters:
    ///   - body: the bytes of the request.
    ///   - start: when it was handed to the threads.
    /// - Returns: the answer, and what it took.
    /// - Throws: `RequestError` for what is wrong with the request, else what the features' source throws.
    func answer(
        _ body: ByteBuffer,
        since start: ContinuousClock.Instant
    ) throws -> (Answer, RecommendRecord) {
        var record = RecommendRecord(since: start)
        record.end(.queue)
        let value = try body.withUnsafeReadableBytes { bytes in
            try bytes.withMemoryRebound(to: UInt8.self) {
                try JSONParser.parse($0, maximumDepth: limits.jsonDepth)
            }
        }
        let user = ScoreRequest.user(of: value).map { identities.kept($0) }
        guard let (model, variant) = rollout.model(for: user), let catalogue = model.catalogue
        else { throw RequestError.notReady(limits) }
        record.model = model.version
        record.variant = variant
        let request = try RecommendRequest(
            value,
            catalogue,
            online: online,
            identities: identities,
            limits: limits
        )
        try model.knownValues?.check(request.scoring, .init(table: .catalogue))
        record.end(.parse)
        let recommendation = try Recommendation(
            request,
            model,
            catalogue,
            SourceQuestion(
                request: request,
                catalogue: catalogue,
                features: features,
                online: online
            ),
            limits,
            &record
        )
        log(record)
        if let decisions, decisions.isDue {
            record.decision = Decision(recommendation, record, id: requestID)
        }
        outcomes?.answered(
            request.scoring.userID,
            recommendation.list.shown.compactMap { candidate in
                recommendation.computed[candidate].map { row in
                    (recommendation.candidates[candidate].item, row)
                }
            },
            recommendation.scores,
            recommendation.scenarios,
            model
        )
        var answer = recommendation.answer(requestID, record)
        answer.notes = [
            "model": model.version, "variant": variant, "candidates": "\(record.candidates)",
            "items": "\(record.shown)",
        ]
        record.end(.write)
        return (answer, record)
    }

    /// Tells of sources that failed.
    private func log(_ record: RecommendRecord) {
        for source in record.sources where source.outcome == .failed {
            logger.warning(
                "source of candidates failed",
                metadata: [
                    "request_id": .string(requestID), "source": .string(source.name),
                    "error": .string(source.error ?? ""),
                ]
            )
        }
    }
}
