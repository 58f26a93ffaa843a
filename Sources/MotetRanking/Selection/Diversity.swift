/// How a list is kept from showing the same thing ten times.
public struct Diversity: Hashable, Sendable {
    enum Method: Hashable, Sendable {
        case none
        case maximalMarginalRelevance(Double)
        case determinantal(Double)
    }

    let method: Method

    /// The candidates with the greatest scores.
    public static let none = Diversity(method: .none)

    /// Maximal marginal relevance: each place goes to the candidate with the greatest
    /// `relevance * r_i - (1 - relevance) * max over chosen j of s_ij`.
    ///
    /// `r` are the scores brought to [0, 1] over the candidates; `s` the similarity. With `relevance` 1 it is
    /// the order of scores.
    ///
    /// - Parameter relevance: its weight, from 0 to 1.
    /// - Returns: the rule.
    /// - Throws: ``RankingError`` (`ranking_settings`) if it is out of range.
    /// - Source: Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and
    ///   Producing Summaries", SIGIR 1998. <https://doi.org/10.1145/290941.291025>
    /// - Departures: relevance is scaled, because scores of a formula have no scale of their own.
    public static func maximalMarginalRelevance(
        relevance: Double
    ) throws(RankingError) -> Diversity {
        guard relevance >= 0, relevance <= 1 else {
            throw RankingError(
                .rankingSettings,
                "diversity \"mmr\", relevance: out of range; expected from 0 to 1; received \(relevance)."
            )
        }
        return Diversity(method: .maximalMarginalRelevance(relevance))
    }

    /// A determinantal point process: the list for which `det L` is greatest, as far as choosing one place after the
    /// other finds it, with `L_ij = q_i s_ij q_j` and `q_i = exp(theta / (2 (1 - theta)) * r_i)`.
    ///
    /// The determinant is the square of the volume that the candidates span: long vectors are relevant, right angles
    /// diverse.
    ///
    /// - Parameter relevance: its weight `theta`, from 0 (diversity alone) to less than 1.
    /// - Returns: the rule.
    /// - Throws: ``RankingError`` (`ranking_settings`) if it is out of range.
    /// - Complexity: O(N K^2 + N K D) for K places, N candidates and vectors of D numbers.
    /// - Source: Chen, Zhang and Zhou, "Fast Greedy MAP Inference for Determinantal Point Process to Improve
    ///   Recommendation Diversity", NeurIPS 2018. <https://arxiv.org/abs/1709.05135>
    /// - Departures: relevance is scaled to [0, 1]; where no candidate is left that adds volume, the rest of the list is
    ///   filled by score.
    public static func determinantal(relevance: Double) throws(RankingError) -> Diversity {
        guard relevance >= 0, relevance < 1 else {
            throw RankingError(
                .rankingSettings,
                "diversity \"dpp\", relevance: out of range; expected at least 0 and less than 1; received \(relevance)."
            )
        }
        return Diversity(method: .determinantal(relevance))
    }
}
