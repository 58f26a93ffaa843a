public import MotetDecisions

/// How far a campaign's spending was at a time of its day.
public struct PacingPoint: Hashable, Sendable {
    /// How much of the day was over, from 0 to 1.
    public var time: Double
    /// What was spent.
    public var spent: Money
    /// What was meant to be spent.
    public var planned: Money
    /// The share of its bid the campaign took part with.
    public var share: Double
}

/// A campaign's day.
public struct CampaignFigures: Hashable, Sendable {
    /// The campaign.
    public var campaign: String
    /// What it may spend.
    public var budget: Money
    /// What it spent.
    public var spent: Money
    /// What it was meant to have spent by now.
    public var planned: Money
    /// The share of its bid it takes part with.
    public var share: Double
    /// How many of its ads were sold a place since the day began, or the ledger was opened.
    public var sold: Int
    /// How many were charged.
    public var charges: Int
    /// The day so far, from the first sale on: at most 144 points, at least ten minutes apart.
    public var points: [PacingPoint]
}
