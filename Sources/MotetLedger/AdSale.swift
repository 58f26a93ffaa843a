public import MotetDecisions

/// How often a user may be shown ads of a campaign.
public struct FrequencyCap: Hashable, Sendable {
    /// The showings within the time at which the campaign is not shown again; at least 1.
    public var maximum: Int
    /// The time, in milliseconds.
    public var milliseconds: Int64

    /// Creates a cap.
    public init(maximum: Int, milliseconds: Int64) {
        self.maximum = maximum
        self.milliseconds = milliseconds
    }
}

/// An ad that may be shown.
public struct AdOffer: Hashable, Sendable {
    /// The identity of the ad, once in a sale.
    public var ad: String
    /// The campaign whose budget pays for it.
    public var campaign: String
    /// What its advertiser pays.
    public var bid: Bid
    /// The calibrated probability of a click if it is shown.
    public var click: Double
    /// The calibrated probability of a conversion after a click.
    public var conversion: Double
    /// What the campaign may spend in a day.
    public var budget: Money
    /// How it is meant to be spent over the day.
    public var plan: SpendPlan
    /// How often the user may be shown ads of the campaign; nil for any number.
    public var cap: FrequencyCap?

    /// Creates an offer.
    public init(
        _ ad: String,
        campaign: String,
        bid: Bid,
        click: Double,
        conversion: Double = 1,
        budget: Money,
        plan: SpendPlan = .even,
        cap: FrequencyCap? = nil
    ) {
        self.ad = ad
        self.campaign = campaign
        self.bid = bid
        self.click = click
        self.conversion = conversion
        self.budget = budget
        self.plan = plan
        self.cap = cap
    }
}

/// Places to be sold.
public struct AdSale: Sendable {
    /// The identity of the sale: the same one, sent again, is answered as the first time.
    public var id: String
    /// Who will see the ads; nil for nobody known, whom no frequency cap protects.
    public var user: String?
    /// The ads, at least one; of equal scores the first stands first.
    public var offers: [AdOffer]
    /// The places and the reserve.
    public var auction: Auction

    /// Creates a sale.
    public init(_ id: String, user: String?, offers: [AdOffer], auction: Auction) {
        self.id = id
        self.user = user
        self.offers = offers
        self.auction = auction
    }
}

/// What became of an offer.
public enum OfferOutcome: Hashable, Sendable {
    /// It is shown.
    case shown
    /// Others had better scores.
    case outbid
    /// Its score is below the reserve, or 0.
    case belowReserve
    /// Its campaign has spent its budget.
    case spent
    /// The user was shown the campaign often enough.
    case capped
    /// Another ad of its campaign had a better score: of a campaign one ad takes part.
    case behindOwn
}

/// An ad that was sold a place.
public struct SoldAd: Hashable, Sendable {
    /// The ad.
    public var ad: String
    /// The campaign that pays.
    public var campaign: String
    /// What it pays for.
    public var payment: Bid.Payment
    /// How much, when that happens.
    public var price: Money
    /// The expected value of showing it, at its share of the bid, in the currency.
    public var score: Double
}

/// What was decided of a sale.
public struct SaleDecision: Sendable {
    /// What was sold, from the first place on.
    public internal(set) var sold: [SoldAd]
    /// What became of each offer; empty for a sale that was repeated.
    public internal(set) var outcomes: [OfferOutcome]
    /// The share of its bid each offer took part with; empty for a sale that was repeated.
    public internal(set) var shares: [Double]
    /// Whether the sale was made before, and these are the ads of then.
    public internal(set) var isRepeated = false
    /// What is written of it.
    var record: SaleRecord
}

/// Something that happened to an ad that was sold a place.
public struct AdEvent: Hashable, Sendable {
    /// What happens to ads.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Somebody clicked it.
        case click
        /// Somebody bought, or did what else the campaign counts as a conversion.
        case conversion
    }

    /// The sale.
    public var sale: String
    /// The ad.
    public var ad: String
    /// What happened.
    public var kind: Kind

    /// Creates an event.
    public init(_ kind: Kind, of ad: String, in sale: String) {
        self.kind = kind
        self.ad = ad
        self.sale = sale
    }
}

/// What an event costs.
public struct AdCharge: Hashable, Sendable {
    /// What became of an event.
    public enum Outcome: String, CaseIterable, Hashable, Sendable {
        /// It is charged.
        case charged
        /// The ad's place was charged before; an ad in its place is charged once.
        case repeated
        /// The campaign's budget is spent: it costs nothing.
        case exhausted
        /// The ad pays for something else.
        case free
        /// There is no such ad in such a sale, or no longer.
        case unknown
    }

    /// What became of it.
    public var outcome: Outcome
    /// What it costs, or cost before.
    public var amount: Money
    /// The campaign that pays; nil where that is not known.
    public var campaign: String?
}
