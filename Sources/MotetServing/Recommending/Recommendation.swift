import HTTPTypes
import MotetCandidates
import MotetData
import MotetRanking

/// A list for a request, and how it came about.
struct Recommendation {
    let request: RecommendRequest
    let model: ServedModel
    let catalogue: ModelCatalogue
    /// The candidates and what the sources said.
    let sources: SourceQuestion.Answer
    let rows: CandidateRows
    /// For each task the scores of the candidates that were computed.
    private(set) var scores: [[ServedModel.Score]] = []
    /// The scenarios of the candidates that were computed.
    private(set) var scenarios: ScoreLayout.Rows
    /// For each candidate its place among those computed; nil where a rule removed it before.
    private(set) var computed: [Int?] = []
    /// For each candidate its score by the formula; NaN where it has none.
    private(set) var formula: [Double] = []
    /// What became of every candidate.
    private(set) var list: RankedList

    var candidates: [Candidate] { sources.list.candidates }

    /// Makes a list.
    ///
    /// - Parameters:
    ///   - request: what is asked for.
    ///   - model: what scores.
    ///   - catalogue: what it recommends.
    ///   - question: asks the sources.
    ///   - limits: what a request may be.
    ///   - record: what it took.
    /// - Throws: `RequestError` for a value of the request that cannot be encoded, else what the features' source
    ///   throws.
    init(
        _ request: RecommendRequest,
        _ model: ServedModel,
        _ catalogue: ModelCatalogue,
        _ question: SourceQuestion,
        _ limits: ServingSettings.Limits,
        _ record: inout RecommendRecord
    ) throws {
        self.request = request
        self.model = model
        self.catalogue = catalogue
        let sources = question.answer(limit: limits.candidates)
        self.sources = sources
        let rows = CandidateRows(request.scoring, catalogue, sources.list.candidates)
        self.rows = rows
        record.end(.retrieve)
        var rules = catalogue.resources.rules
        rules.blockedItems.formUnion(request.blockedItems)
        rules.blockedCategories.formUnion(request.blockedCategories)
        let (categories, stock) = (rows.categories(), rows.stock())
        var ranking = sources.list.candidates.enumerated().map { index, candidate in
            RankingCandidate(
                candidate.item,
                score: 0,
                category: categories[index],
                stock: stock[index]
            )
        }
        let scored = try CandidateScores(
            rows,
            model,
            catalogue,
            question,
            rules,
            &ranking,
            &record
        )
        scores = scored.scores
        scenarios = scored.scenarios
        computed = scored.computed
        formula = scored.formula
        for index in ranking.indices { ranking[index].score = formula[index] }
        record.isDegraded = sources.isDegraded || scored.isDegraded
        list = Ranker(rules: rules, diversity: catalogue.resources.diversity).list(
            ranking,
            similarity: Self.similarity(ranking, sources.list.candidates, catalogue.resources),
            limit: request.limit
        )
        record.sources = sources.reports
        record.usedFallback = sources.usedFallback
        record.candidates = sources.list.candidates.count
        record.shown = list.shown.count
        for outcome in list.outcomes { record.outcomes[outcome.code, default: 0] += 1 }
        record.end(.rank)
    }

    private static func similarity(
        _ ranking: [RankingCandidate],
        _ candidates: [Candidate],
        _ resources: RecommendResources
    ) -> Similarity? {
        guard resources.settings.diversity != .none else { return nil }
        guard let vectors = resources.likeness else {
            return Similarity(categories: ranking.map(\.category))
        }
        return Similarity(
            vectors: vectors.vectors(of: candidates.map(\.place)),
            dimension: vectors.dimension
        )
    }

    /// What moved a shown candidate from its place by score alone.
    ///
    /// It stands lower where diversity put others before it; it stands higher where one with a better score is left out,
    /// because its category is full or for diversity, or stands behind it.
    func moved(_ candidate: Int) -> [String] {
        guard case .shown(let place, let byScore) = list.outcomes[candidate], place != byScore
        else { return [] }
        var (quota, diversity) = (false, place > byScore)
        for (other, outcome) in list.outcomes.enumerated() where isBetter(other, candidate) {
            switch outcome {
            case .shown(let otherPlace, _): diversity = diversity || otherPlace > place
            case .passedOver: diversity = true
            case .categoryFull: quota = true
            case .removed, .belowList: continue
            }
        }
        return (quota ? ["category_quota"] : []) + (diversity ? ["diversity"] : [])
    }

    /// Whether a candidate stands before another by score alone.
    private func isBetter(_ one: Int, _ other: Int) -> Bool {
        formula[one] == formula[other] ? one < other : formula[one] > formula[other]
    }
}

extension RankedList.Outcome {
    /// What became of a candidate as a name.
    var code: String {
        switch self {
        case .shown: "shown"
        case .removed(let objection): objection.code
        case .categoryFull: "category_full"
        case .passedOver: "passed_over"
        case .belowList: "below_list"
        }
    }
}
