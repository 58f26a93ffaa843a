/// A generalized second-price auction for the places of ads.
///
/// Ads stand by `score = share * bid * P(what the bid is for)`, the expected value of showing one. With `s_1 >= s_2 >=
/// ...` the scores and `r` the reserve, the ad of place `i` pays `max(s_(i+1), r) / P(what is charged for)` when that
/// happens: the least it would have had to bid for its place, never more than its bid. With one place this is the
/// second-price auction, in which to bid one's value is a dominant strategy; with more it is not, as is known of this
/// auction.
///
/// An ad that takes part with a share of its bid is charged as if the share were its bid, so that pacing lowers prices
/// and never raises them.
///
/// - Source: Edelman, Ostrovsky and Schwarz, "Internet Advertising and the Generalized Second-Price Auction", American
///   Economic Review 97(1), 2007; Vickrey, "Counterspeculation, Auctions, and Competitive Sealed Tenders", Journal of
///   Finance 16(1), 1961.
public struct Auction: Hashable, Sendable {
    /// The number of places.
    public let places: Int
    /// The least score of an ad that is shown, for a thousand showings, in the currency.
    public let reserve: Double

    /// Describes an auction.
    ///
    /// - Parameters:
    ///   - places: the number of places; at least 1.
    ///   - reserve: the least eCPM; 0 or more.
    /// - Throws: `DecisionError` for a number out of its range.
    public init(places: Int = 1, reserve: Double = 0) throws(DecisionError) {
        guard places >= 1 else {
            throw DecisionError(
                .auction,
                "auction: 'places' is out of range; expected at least 1; received \(places)."
            )
        }
        guard reserve >= 0, reserve.isFinite else {
            throw DecisionError(
                .auction,
                "auction: 'reserve' is out of range; expected a finite number of at least 0; received \(reserve)."
            )
        }
        self.places = places
        self.reserve = reserve
    }

    /// Sells the places.
    ///
    /// - Parameter candidates: the ads; of equal scores the one that comes first stands first.
    /// - Returns: the ads that are shown, from the first place on, and what became of the others.
    public func sell(to candidates: [AdCandidate]) -> AuctionResult {
        let scores = candidates.map(\.score)
        let least = reserve / 1000
        // An ad nobody would pay for is not shown, even without a reserve.
        let admitted = candidates.indices.filter { scores[$0] > 0 && scores[$0] >= least }
        let order = admitted.sorted { (scores[$0], $1) > (scores[$1], $0) }
        let sold = order.prefix(places).enumerated().map { place, candidate in
            let next = place + 1 < order.count ? scores[order[place + 1]] : 0
            return Placement(
                candidate: candidate,
                price: Self.price(candidates[candidate], threshold: max(next, least)),
                score: scores[candidate]
            )
        }
        return AuctionResult(
            placements: sold,
            outbid: Array(order.dropFirst(places)),
            belowReserve: candidates.indices.filter { !(scores[$0] > 0 && scores[$0] >= least) }
        )
    }

    /// The price of an ad whose place goes, below a score, to somebody else.
    private static func price(_ ad: AdCandidate, threshold: Double) -> Money {
        let probability = ad.bid.chargeProbability(click: ad.click, conversion: ad.conversion)
        // Down to whole millionths, but not from what only the division left short of one.
        let exact = min(threshold / probability, ad.ceiling) * 1e6
        let price = (exact * (1 + 1e-12)).rounded(.down)
        return Money(micros: min(Int64(max(price, 0)), ad.bid.amount.micros))
    }
}
