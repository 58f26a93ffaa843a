import Testing

@testable import MotetRanking

@Suite("Ranker") struct RankerTests {
    private func candidates(
        _ scores: [Double],
        _ categories: [String?]? = nil
    ) -> [RankingCandidate] {
        scores.enumerated().map { place, score in
            RankingCandidate("i\(place)", score: score, category: categories?[place])
        }
    }

    @Test(arguments: 0..<8)
    func listsAreThoseOfTheDefinitions(place: Int) throws {
        let golden = try RankingGolden.read().lists[place]
        let all = candidates(golden.scores, golden.categories.map { "\($0)" })
        let similarity = Similarity(vectors: golden.vectors, dimension: golden.dimension)
        let rules = try BusinessRules(maximumPerCategory: golden.maximum)
        let marginal = Ranker(
            rules: rules,
            diversity: try .maximalMarginalRelevance(relevance: golden.weight)
        )
        let determinantal = Ranker(
            rules: rules,
            diversity: try .determinantal(relevance: golden.weight)
        )
        let first = marginal.list(all, similarity: similarity, limit: golden.limit).shown
        #expect(first == golden.marginalRelevance)
        let second = determinantal.list(all, similarity: similarity, limit: golden.limit).shown
        #expect(second == golden.determinantal)
    }

    @Test func aListByScoreIsSortedAndStable() throws {
        let list = Ranker(rules: try BusinessRules()).list(candidates([1, 3, 2, 3]), limit: 3)
        #expect(list.shown == [1, 3, 2])
        #expect(list.outcomes[0] == .belowList)
        #expect(list.outcomes[3] == .shown(place: 1, placeByScore: 1))
    }

    @Test func fullRelevanceIsTheOrderOfScores() throws {
        let golden = try RankingGolden.read().lists[0]
        let all = candidates(golden.scores)
        let similarity = Similarity(vectors: golden.vectors, dimension: golden.dimension)
        let plain = Ranker(rules: try BusinessRules()).list(all, limit: 40).shown
        let marginal = Ranker(
            rules: try BusinessRules(),
            diversity: try .maximalMarginalRelevance(relevance: 1)
        )
        #expect(marginal.list(all, similarity: similarity, limit: 40).shown == plain)
    }

    @Test func aScaleAndAShiftOfScoresChangeNothing() throws {
        let golden = try RankingGolden.read().lists[2]
        let similarity = Similarity(vectors: golden.vectors, dimension: golden.dimension)
        for diversity in [
            try Diversity.maximalMarginalRelevance(relevance: 0.7),
            try .determinantal(relevance: 0.7),
        ] {
            let ranker = Ranker(rules: try BusinessRules(), diversity: diversity)
            let before = ranker.list(candidates(golden.scores), similarity: similarity, limit: 10)
            let moved = candidates(golden.scores.map { 1e6 * $0 - 7 })
            #expect(ranker.list(moved, similarity: similarity, limit: 10).shown == before.shown)
        }
    }

    @Test func duplicatesComeLast() throws {
        let all = candidates([5, 4.9, 4.8, 1])
        let similarity = Similarity(vectors: [1, 0, 1, 0, 1, 0, 0, 1], dimension: 2)
        let dpp = Ranker(rules: try BusinessRules(), diversity: try .determinantal(relevance: 0.5))
        let list = dpp.list(all, similarity: similarity, limit: 3)
        // After two directions nothing adds volume, and the rest is filled by score.
        #expect(list.shown == [0, 3, 1])
        #expect(list.outcomes[2] == .passedOver)
        #expect(list.outcomes[3] == .shown(place: 1, placeByScore: 3))
    }

    @Test func everyRuleRemovesWhatItNames() throws {
        let rules = try BusinessRules(
            blockedItems: ["i0"],
            blockedCategories: ["tobacco"],
            requiresStock: true,
            frequencyCaps: [.init("seen_7d", maximum: 3)]
        )
        var all = candidates([9, 8, 7, 6, .nan, 4, 3], [nil, "tobacco", nil, nil, nil, nil, nil])
        all[2].stock = 0
        all[3].exposures = [3]
        all[5].stock = 1
        all[5].exposures = [2]
        let list = Ranker(rules: rules).list(all, limit: 10)
        #expect(list.shown == [5, 6])
        #expect(
            list.outcomes.prefix(5) == [
                .removed(.blockedItem), .removed(.blockedCategory("tobacco")),
                .removed(.outOfStock), .removed(.frequencyCap("seen_7d", count: 3)),
                .removed(.noScore),
            ]
        )
        let codes = list.outcomes.prefix(5).compactMap { outcome in
            if case .removed(let objection) = outcome { objection.code } else { nil }
        }
        #expect(
            codes
                == [
                    "blocked_item", "blocked_category", "out_of_stock", "frequency_cap", "no_score",
                ]
        )
    }

    @Test(arguments: [
        Diversity.none, try Diversity.maximalMarginalRelevance(relevance: 0.5),
        try Diversity.determinantal(relevance: 0.5),
    ])
    func quotasAreNeverBroken(diversity: Diversity) throws {
        let categories: [String?] = (0..<30).map { ["a", "b", nil][$0 % 3] }
        let all = candidates((0..<30).map { Double(30 - $0) }, categories)
        let rules = try BusinessRules(maximumPerCategory: 2, categoryMaxima: ["b": 0])
        let list = Ranker(rules: rules, diversity: diversity)
            .list(all, similarity: Similarity(categories: categories), limit: 30)
        #expect(list.shown.count { categories[$0] == "a" } == 2)
        #expect(list.shown.count { categories[$0] == "b" } == 0)
        // What has no category is not counted; the list is shorter than asked for.
        #expect(list.shown.count { categories[$0] == nil } == 10)
        #expect(list.outcomes[1] == .categoryFull("b", maximum: 0))
        #expect(Set(list.shown).count == 12)
    }

    @Test func aScoreThatIsNotFiniteRemovesItsCandidate() throws {
        let ranker = Ranker(
            rules: try BusinessRules(),
            diversity: try .maximalMarginalRelevance(relevance: 0.5)
        )
        let all = candidates([1, .infinity, 2, -.infinity, .nan])
        let similarity = Similarity(categories: [nil, nil, nil, nil, nil])
        let list = ranker.list(all, similarity: similarity, limit: 5)
        #expect(list.shown == [2, 0])
        #expect([1, 3, 4].allSatisfy { list.outcomes[$0] == .removed(.noScore) })
    }

    @Test func noCandidatesAndNoPlacesGiveAnEmptyList() throws {
        let ranker = Ranker(rules: try BusinessRules(), diversity: try .determinantal(relevance: 0))
        #expect(ranker.list([], similarity: Similarity(categories: []), limit: 5).shown == [])
        #expect(ranker.list(candidates([1]), limit: 0).outcomes == [.belowList])
        #expect(ranker.list(candidates([.nan]), limit: 5).shown == [])
    }

    @Test func settingsOutOfRangeAreErrors() {
        #expect(
            throws: RankingError(
                .rankingSettings,
                "diversity \"mmr\", relevance: out of range; expected from 0 to 1; received 1.5."
            )
        ) { try Diversity.maximalMarginalRelevance(relevance: 1.5) }
        #expect(throws: RankingError.self) {
            try Diversity.maximalMarginalRelevance(relevance: .nan)
        }
        #expect(throws: RankingError.self) { try Diversity.determinantal(relevance: 1) }
        #expect(throws: RankingError.self) { try BusinessRules(maximumPerCategory: 0) }
        #expect(throws: RankingError.self) { try BusinessRules(categoryMaxima: ["a": -1]) }
        #expect(
            throws: RankingError(
                .rankingSettings,
                "rules, frequency cap \"seen_7d\": out of range; expected at least 1; received 0."
            )
        ) { try BusinessRules(frequencyCaps: [.init("seen_7d", maximum: 0)]) }
    }
}
