/// An ad in its place.
public struct Placement: Hashable, Sendable {
    /// Which of the candidates it is.
    public let candidate: Int
    /// What is charged for the click or the conversion, whichever its bid pays for, when it happens.
    public let price: Money
    /// The expected value of showing it, at its share of the bid, in the currency.
    public let score: Double
}

/// What an auction came to.
public struct AuctionResult: Hashable, Sendable {
    /// The ads that are shown, from the first place on.
    public let placements: [Placement]
    /// The candidates that others outbid, by their scores.
    public let outbid: [Int]
    /// The candidates below the reserve, in their order.
    public let belowReserve: [Int]
}
