import MotetDecisions

extension Decision {
    /// What the console shows of a judgement: the decision, what each would cost, and the reasons.
    ///
    /// - Parameters:
    ///   - judgement: what was judged.
    ///   - verdict: what was decided.
    ///   - scored: the items with their scores.
    ///   - model: what scored them.
    ///   - scenarios: the scenarios of the items.
    ///   - record: what is known of the answer.
    ///   - id: the identity of the request.
    init(
        _ judgement: RiskJudgement,
        _ verdict: RiskVerdict,
        _ scored: Scorer.Scored,
        _ model: ServedModel,
        _ scenarios: ScoreLayout.Rows,
        _ record: ScoreRecord,
        id: String
    ) {
        var scenario: String?
        if case .same(let number?) = scenarios { scenario = model.layout.scenarios[number] }
        self.init(
            kind: .risk,
            request: id,
            user: scored.request.userID,
            scenario: scenario,
            model: record.model,
            variant: record.variant,
            isDegraded: record.isDegraded,
            count: scored.request.count
        )
        let costs = RiskDecision.allCases.map {
            "\($0.rawValue) \(RiskText.number(verdict.costs[$0]))"
        }
        notes = [
            "\(verdict.decision.rawValue): the \(judgement.request.kind.rawValue) has a probability of fraud of "
                + RiskText.number(verdict.probability),
            "expected costs: " + costs.joined(separator: ", "),
        ]
        if verdict.decision != verdict.cheapest {
            notes.append("\(verdict.cheapest.rawValue) by costs alone")
        }
        let worst = judgement.worst
        top = [
            Item(
                id: RequestFields.text(scored.request.itemIDs[worst]),
                scores: zip(model.tasks, scored.scores).map {
                    Score(task: $0, value: $1[worst].value)
                },
                value: verdict.probability,
                reasons: judgement.reasons(verdict).map { "\($0.code): \($0.text)" }
            )
        ]
    }
}
