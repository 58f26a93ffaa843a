/// An item that may be shown, with what rules and diversity ask of it.
public struct RankingCandidate: Hashable, Sendable {
    /// The item.
    public var item: String
    /// What it is ranked by, the greater the earlier; NaN if there is none.
    public var score: Double
    /// What it is a kind of; nil where that is not known.
    public var category: String?
    /// How many are left to sell; nil where that is not known.
    public var stock: Int?
    /// How often each of the rules' ``BusinessRules/frequencyCaps`` counted this user and item, in their order.
    public var exposures: [Int]

    /// Creates a candidate.
    public init(
        _ item: String,
        score: Double,
        category: String? = nil,
        stock: Int? = nil,
        exposures: [Int] = []
    ) {
        self.item = item
        self.score = score
        self.category = category
        self.stock = stock
        self.exposures = exposures
    }
}

extension [RankingCandidate] {
    /// Some of the places by score, the greatest first; equal ones keep their order.
    func byScore(_ places: [Int]) -> [Int] {
        places.sorted { left, right in
            let (first, second) = (self[left].score, self[right].score)
            return first == second ? left < right : first > second
        }
    }
}
