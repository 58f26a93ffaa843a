/// Items by how often they were wanted.
public struct PopularItems: Hashable, Sendable {
    /// Places in the catalogue, the most wanted first.
    public let places: [Int]
    /// How often each was wanted, in the order of `places`.
    public let counts: [Double]

    /// Ranks items.
    ///
    /// - Parameters:
    ///   - counts: how often each item was wanted, by place; NaN for one of which nothing is known.
    ///   - limit: how many are kept.
    ///
    /// Items that nobody wanted are not among them; equal ones stand in the order of the catalogue.
    public init(_ counts: [Double], limit: Int) {
        let wanted = counts.indices.filter { counts[$0] > 0 }
        let order = wanted.sorted { left, right in
            counts[left] == counts[right] ? left < right : counts[left] > counts[right]
        }
        places = Array(order.prefix(limit))
        self.counts = places.map { counts[$0] }
    }
}
