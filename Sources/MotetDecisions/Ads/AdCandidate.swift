/// An ad that may be shown, with what the models say of it.
public struct AdCandidate: Hashable, Sendable {
    /// The identity of the ad.
    public let id: String
    /// The campaign whose budget pays for it.
    public let campaign: String
    /// What its advertiser pays.
    public let bid: Bid
    /// The calibrated probability of a click if it is shown.
    public let click: Double
    /// The calibrated probability of a conversion after a click.
    public let conversion: Double
    /// The share of its bid it takes part with, in (0, 1]; less than 1 where a budget is paced.
    public let share: Double

    /// Creates a candidate.
    ///
    /// - Parameters:
    ///   - id: the identity of the ad.
    ///   - campaign: the campaign that pays.
    ///   - bid: what is bid.
    ///   - click: the probability of a click, from 0 to 1.
    ///   - conversion: the probability of a conversion after a click, from 0 to 1; a bid for a click does not need it.
    ///   - share: the share of the bid, above 0 and at most 1.
    /// - Throws: `DecisionError` for a number out of its range.
    public init(
        _ id: String,
        campaign: String,
        bid: Bid,
        click: Double,
        conversion: Double = 1,
        share: Double = 1
    ) throws(DecisionError) {
        func check(
            _ name: String,
            _ value: Double,
            _ isRight: Bool,
            _ range: String
        ) throws(DecisionError) {
            guard !isRight else { return }
            throw DecisionError(
                .ad,
                "ad \"\(id)\": '\(name)' is out of range; expected \(range); received \(value)."
            )
        }
        try check("click", click, 0...1 ~= click, "a probability from 0 to 1")
        try check("conversion", conversion, 0...1 ~= conversion, "a probability from 0 to 1")
        try check("share", share, share > 0 && share <= 1, "more than 0 and at most 1")
        self.id = id
        self.campaign = campaign
        self.bid = bid
        self.click = click
        self.conversion = conversion
        self.share = share
    }

    /// The expected value of showing it once, at its share of the bid, in the currency; a thousand times this is
    /// its eCPM.
    public var score: Double { bid.value(click: click, conversion: conversion) * share }

    /// The most a charge can be, at its share of the bid: for a click or a conversion, whichever is charged.
    var ceiling: Double {
        switch bid.payment {
        case .click, .conversion: bid.amount.units * share
        case .optimizedClick: bid.amount.units * conversion * share
        }
    }
}
