import MotetData

extension Decision {
    /// What the console shows of an answer of scores: the items with the greatest scores of the first task.
    ///
    /// - Parameters:
    ///   - request: what was asked.
    ///   - scores: for each task of the model a score for each item.
    ///   - model: what answered.
    ///   - scenarios: the scenarios of the items.
    ///   - sourced: how many features came from a source.
    ///   - record: what is known of the answer.
    ///   - id: the identity of the request.
    init(
        _ request: ScoreRequest,
        _ scores: [[ServedModel.Score]],
        by model: ServedModel,
        _ scenarios: ScoreLayout.Rows,
        sourced: Int,
        _ record: ScoreRecord,
        id: String
    ) {
        let names = model.layout.scenarios
        func name(_ scenario: Int?) -> String? { scenario.map { names[$0] } }
        var scenario: String?
        if case .same(let one) = scenarios { scenario = name(one) }
        self.init(
            kind: .score,
            request: id,
            user: request.userID,
            scenario: scenario,
            model: record.model,
            variant: record.variant,
            isDegraded: record.isDegraded,
            count: request.count
        )
        if let first = model.tasks.first, request.count > 1 { notes.append("ordered by \(first)") }
        if case .each(let all) = scenarios {
            notes.append("items of \(Set(all).count) scenarios")
        }
        if sourced > 0 {
            notes.append("\(sourced) of \(model.encoder.columns.count) columns from the store")
        }
        let ids = request.itemIDs
        top = Self.greatest(scores.first ?? [], Self.items).map { row in
            Item(
                id: RequestFields.text(ids[row]),
                scores: zip(model.tasks, scores).map {
                    Score(task: $0, value: $1[row].value)
                },
                reasons: zip(model.tasks, scores).compactMap { task, values in
                    guard case .choice(let name, _) = values[row] else { return nil }
                    return "\(task): \(name)"
                }
            )
        }
    }

    /// The rows with the greatest scores, the greatest first; of equal ones the first.
    private static func greatest(_ scores: [ServedModel.Score], _ count: Int) -> [Int] {
        var best: [Int] = []
        for row in scores.indices {
            let place = best.firstIndex { scores[$0].value < scores[row].value } ?? best.count
            guard place < count else { continue }
            best.insert(row, at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
