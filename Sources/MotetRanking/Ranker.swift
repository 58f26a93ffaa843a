/// Makes a list from scored candidates: rules, then diversity within the rules' quotas.
public struct Ranker: Hashable, Sendable {
    /// What may be shown, and how much of one kind.
    public var rules: BusinessRules
    /// How a list is kept diverse.
    public var diversity: Diversity

    /// Creates a ranker.
    public init(rules: BusinessRules, diversity: Diversity = .none) {
        self.rules = rules
        self.diversity = diversity
    }

    /// Ranks candidates.
    ///
    /// The list has `limit` places, or fewer where rules and quotas leave no more: they are never broken to fill it.
    ///
    /// - Parameters:
    ///   - candidates: in any order; equal ones keep theirs.
    ///   - similarity: how alike they are, by their places; nil if none is known, and then diversity is by score.
    ///   - limit: the length of the list.
    /// - Returns: the list, and what became of every candidate.
    public func list(
        _ candidates: [RankingCandidate],
        similarity: Similarity? = nil,
        limit: Int
    ) -> RankedList {
        precondition(
            similarity.map { $0.count == candidates.count } ?? true,
            "similarity of \(candidates.count) candidates expected"
        )
        let objections = candidates.map(rules.objection)
        var selection = ListSelection(
            candidates,
            admitted: objections.map { $0 == nil },
            rules: rules
        )
        selection.fill(
            similarity == nil ? .none : diversity,
            similarity,
            upTo: max(limit, 0)
        )
        return RankedList(
            candidates,
            objections: objections,
            chosen: selection.chosen,
            rules: rules
        )
    }
}
