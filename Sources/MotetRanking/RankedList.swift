/// What became of every candidate.
public struct RankedList: Hashable, Sendable {
    /// What became of one candidate.
    public enum Outcome: Hashable, Sendable {
        /// It stands at a place of the list, from 0; by score alone it would stand at another.
        case shown(place: Int, placeByScore: Int)
        /// A rule speaks against it.
        case removed(BusinessRules.Objection)
        /// Its category has as many items in the list as it may.
        case categoryFull(String, maximum: Int)
        /// Its score is greater than that of an item shown, which adds more that is new.
        case passedOver
        /// Its score is too low.
        case belowList
    }

    /// The places of the shown among the candidates, in the order of the list.
    public let shown: [Int]
    /// What became of each candidate, in their order.
    public let outcomes: [Outcome]

    init(
        _ candidates: [RankingCandidate],
        objections: [BusinessRules.Objection?],
        chosen: [Int],
        rules: BusinessRules
    ) {
        shown = chosen
        let order = candidates.byScore(candidates.indices.filter { objections[$0] == nil })
        var placeByScore = [Int](repeating: 0, count: candidates.count)
        for (place, candidate) in order.enumerated() { placeByScore[candidate] = place }
        var placeInList: [Int: Int] = [:]
        for (place, candidate) in chosen.enumerated() { placeInList[candidate] = place }
        var shownOf: [String: Int] = [:]
        for candidate in chosen {
            if let category = candidates[candidate].category { shownOf[category, default: 0] += 1 }
        }
        let last = chosen.map { placeByScore[$0] }.max() ?? -1
        outcomes = candidates.indices.map { place in
            if let objection = objections[place] { return .removed(objection) }
            if let shown = placeInList[place] {
                return .shown(place: shown, placeByScore: placeByScore[place])
            }
            if let category = candidates[place].category {
                let maximum = rules.maximum(of: category)
                if shownOf[category, default: 0] >= maximum {
                    return .categoryFull(category, maximum: maximum)
                }
            }
            return placeByScore[place] < last ? .passedOver : .belowList
        }
    }
}
