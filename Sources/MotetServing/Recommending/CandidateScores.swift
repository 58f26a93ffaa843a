import HTTPTypes
import MotetCandidates
import MotetCore
import MotetData
import MotetRanking

/// The scores of candidates by a model: of those that no rule removes before.
struct CandidateScores {
    /// For each task the scores of those computed.
    private(set) var scores: [[ServedModel.Score]] = []
    /// For each candidate its place among those computed; nil where a rule removed it.
    private(set) var computed: [Int?]
    /// For each candidate its score by the formula; NaN where it has none.
    private(set) var formula: [Double]
    /// The scenarios of those computed.
    private(set) var scenarios: ScoreLayout.Rows = .same(nil)
    /// Whether features may have been old.
    private(set) var isDegraded = false

    /// Scores candidates; the counts of frequency caps are written into `ranking`.
    init(
        _ rows: CandidateRows,
        _ model: ServedModel,
        _ catalogue: ModelCatalogue,
        _ question: SourceQuestion,
        _ rules: BusinessRules,
        _ ranking: inout [RankingCandidate],
        _ record: inout RecommendRecord
    ) throws {
        computed = [Int?](repeating: nil, count: ranking.count)
        formula = [Double](repeating: .nan, count: ranking.count)
        let allowed = ranking.indices.filter { rules.objection(to: ranking[$0]) == nil }
        guard !allowed.isEmpty else { return }
        var columns = Self.columns(model.encoder.columns, rows, allowed)
        let sourced = try Self.features(
            allowed,
            columns,
            rows,
            model,
            question,
            rules,
            ranking
        )
        isDegraded = sourced.isDegraded
        for (row, candidate) in allowed.enumerated() {
            ranking[candidate].exposures = rules.frequencyCaps.map {
                Self.count(sourced.columns[$0.name], row)
            }
        }
        record.end(.features)
        columns.merge(sourced.columns) { own, _ in own }
        let kept = allowed.indices.filter { rules.objection(to: ranking[allowed[$0]]) == nil }
        let chosen = kept.map { allowed[$0] }
        guard !chosen.isEmpty else { return }
        if kept.count < allowed.count {
            columns = columns.mapValues { column in
                guard case .each(let values) = column else { return column }
                return .each(kept.map { values[$0] })
            }
        }
        let table = RawRows(count: chosen.count, columns: columns)
        let batch = try Self.told(chosen, rows) {
            try model.batch(table) { rows.place(chosen[$0]) }
        }
        record.end(.encode)
        scores = try model.scores(batch)
        record.end(.compute)
        model.sample(scores) { table }
        scenarios = model.layout.scenarios(of: columns)
        record.tally = ScoreTally(scores, scenarios, model.layout)
        for (row, candidate) in chosen.enumerated() { computed[candidate] = row }
        let values = formulaScores(rows, model, catalogue, chosen)
        for (row, candidate) in chosen.enumerated() { formula[candidate] = values[row] }
        for (task, values) in zip(model.tasks, scores) {
            var histogram = Histogram(Histogram.scores)
            for score in values where score.value.isFinite { histogram.add(Double(score.value)) }
            record.scores[task] = histogram
        }
    }

    /// What request and catalogue say of candidates.
    private static func columns(
        _ names: [String],
        _ rows: CandidateRows,
        _ chosen: [Int]
    ) -> [String: RawRows.Column] {
        var columns: [String: RawRows.Column] = [:]
        for name in names { columns[name] = rows.column(name, of: chosen) }
        return columns
    }

    /// What the source of features says of candidates: what the model misses, and what caps count.
    private static func features(
        _ chosen: [Int],
        _ columns: [String: RawRows.Column],
        _ rows: CandidateRows,
        _ model: ServedModel,
        _ question: SourceQuestion,
        _ rules: BusinessRules,
        _ ranking: [RankingCandidate]
    ) throws -> SourcedFeatures {
        var missing = model.encoder.columns.filter { columns[$0] == nil }
        for cap in rules.frequencyCaps where !missing.contains(cap.name) {
            missing.append(cap.name)
        }
        guard !missing.isEmpty else { return SourcedFeatures() }
        var known = columns
        if let online = question.online {
            if known[online.category] == nil {
                known[online.category] =
                    rows.column(online.category, of: chosen)
                    ?? .each(chosen.map { ranking[$0].category.map { .text($0) } ?? .missing })
            }
            if known[online.scenario] == nil {
                known[online.scenario] = rows.column(online.scenario, of: chosen)
            }
        }
        return try question.features.features(
            missing,
            for: FeatureQuery(
                userID: rows.request.userID,
                itemIDs: chosen.map { rows.candidates[$0].item },
                context: rows.request.context,
                columns: known,
                time: rows.request.time
            )
        )
    }

    /// A count of a row; 0 where nothing was counted.
    private static func count(_ column: RawRows.Column?, _ row: Int) -> Int {
        let value: RawValue
        switch column {
        case .same(let shared)?: value = shared
        case .each(let values)?: value = values[row]
        case nil: return 0
        }
        return value.double.map(Catalogue.pieces) ?? 0
    }

    /// Does what encodes candidates; what cannot be encoded is told by its field.
    private static func told<Result: ~Copyable>(
        _ chosen: [Int],
        _ rows: CandidateRows,
        _ body: () throws -> Result
    ) throws -> Result {
        do { return try body() } catch let error as PreparationError {
            throw RequestError(
                .badRequest,
                error.code.rawValue,
                field: rows.field(error.row.map { chosen[$0] }, error.column),
                message: error.description
            )
        }
    }

    /// The formula over the tasks and the numbers of the items.
    private func formulaScores(
        _ rows: CandidateRows,
        _ model: ServedModel,
        _ catalogue: ModelCatalogue,
        _ chosen: [Int]
    ) -> [Double] {
        let columns = catalogue.formula.names.map { name in
            if let task = model.tasks.firstIndex(of: name) {
                return scores[task].map { Double($0.value) }
            }
            return rows.values(name, of: chosen).map { $0.double ?? .nan }
        }
        return catalogue.formula.scores(columns, count: chosen.count)
    }
}
