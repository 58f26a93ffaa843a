import MotetCandidates
import MotetData
import MotetRanking

extension Decision {
    /// What the console shows of a list: its items in their order, where they came from and what moved them.
    ///
    /// - Parameters:
    ///   - recommendation: the list, and how it came about.
    ///   - record: what is known of the answer.
    ///   - id: the identity of the request.
    init(_ recommendation: Recommendation, _ record: RecommendRecord, id: String) {
        let request = recommendation.request.scoring
        var scenario: String?
        if case .same(let number?) = recommendation.scenarios {
            scenario = recommendation.model.layout.scenarios[number]
        }
        self.init(
            kind: .recommend,
            request: id,
            user: request.userID,
            scenario: scenario,
            model: record.model,
            variant: record.variant,
            isDegraded: record.isDegraded,
            count: record.candidates
        )
        notes = ["ordered by \(recommendation.catalogue.formula.description)"]
        for source in record.sources {
            notes.append(
                source.outcome == .failed
                    ? "\(source.name) failed" : "\(source.candidates) from \(source.name)"
            )
        }
        if record.usedFallback { notes.append("the source of last resort was asked") }
        for code in RecommendMetrics.rules {
            guard let count = record.outcomes[code], count > 0 else { continue }
            notes.append("\(count) removed: \(code.replacing("_", with: " "))")
        }
        top = recommendation.list.shown.prefix(Self.items).map {
            Item(recommendation, candidate: $0)
        }
    }
}

extension Decision.Item {
    fileprivate init(_ recommendation: Recommendation, candidate: Int) {
        let found = recommendation.candidates[candidate]
        self.init(id: found.item, value: recommendation.formula[candidate])
        if let row = recommendation.computed[candidate] {
            scores = zip(recommendation.model.tasks, recommendation.scores).map {
                Decision.Score(task: $0, value: $1[row].value)
            }
        }
        sources = found.origins.map { recommendation.name(of: $0.source) }
        reasons = recommendation.moved(candidate).map { $0.replacing("_", with: " ") }
        if case .shown(let place, let byScore) = recommendation.list.outcomes[candidate],
            place != byScore
        {
            reasons.append("place \(byScore + 1) by score alone")
        }
    }
}
