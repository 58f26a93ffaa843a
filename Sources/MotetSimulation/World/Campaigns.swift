import MotetCore

/// Campaigns that bid for the impressions of an item.
///
/// A campaign bids a part of what a purchase is worth to it, turned into money a click by the mean probability of a
/// purchase. The highest other bid of an impression is a lognormal number; the campaign wins where it bids no
/// less, and pays that bid, a second price: for a click, or, where it bids for purchases, for a purchase. Its
/// budget is spent when that share of the day's rows has gone by, since spending is expected to go with the rows.
struct Campaigns: Sendable {
    /// The unit of a campaign's bid.
    enum BidType: String, CaseIterable, Sendable {
        case cpc, cpa, ocpc
    }

    let item: [Int32]
    let type: [BidType]
    /// What a purchase is worth.
    let value: [Float]
    /// The bid for a click, which is what auctions compare.
    let clickBid: [Float]
    /// The bid in the campaign's own unit: for a click, or for a purchase.
    let bid: [Float]
    /// Money a day.
    let budget: [Float]
    /// The share of the day's rows after which the budget is spent; 1 where it lasts.
    let spentAt: [Float]
    /// The campaign of each item, -1 for none.
    let ofItem: [Int32]
    /// The logarithm of the median of the highest other bids.
    let logCompetition: Double
    /// The mean probability that a click becomes a purchase.
    let conversionRate: Double

    var count: Int { item.count }

    init(_ settings: SimulationSettings, catalogue: Catalogue, key: RandomKey) {
        let (ads, tasks) = (settings.ads, settings.tasks)
        let rate = tasks.cartRate * tasks.payRate
        conversionRate = rate
        let (chosen, worth, shade) = (key.split("items"), key.split("value"), key.split("shade"))
        let (kinds, budgets) = (key.split("type"), key.split("budget"))
        let items = (0..<catalogue.count).filter { chosen.uniform($0) < ads.items }
        var ofItem = [Int32](repeating: -1, count: catalogue.count)
        for (campaign, item) in items.enumerated() { ofItem[item] = Int32(campaign) }
        let types = items.map { BidType.allCases[Int(kinds.uniform($0) * 3)] }
        let value = items.map { item in
            Double(catalogue.referencePrice[item]) * (1 - Market.costShare)
                * exponential(0.3 * worth.normal(item))
        }
        let clickBid = zip(items, value).map { item, value in
            value * rate * (0.6 + 0.4 * shade.uniform(item))
        }
        let median = clickBid.isEmpty ? 1 : clickBid.sorted()[clickBid.count / 2]
        let logCompetition = logarithm(median * ads.competition)
        // The mean of what is paid an impression, over a sample of other bids that all campaigns share.
        let sample = key.split("competition")
        let others = (0..<1024).map {
            exponential(logCompetition + ads.competitionSpread * sample.normal($0))
        }
        var (budget, spentAt) = ([Float](), [Float]())
        for (index, item) in items.enumerated() {
            let paid = others.reduce(0) { $1 <= clickBid[index] ? $0 + $1 : $0 } / 1024
            let rowsOfDay =
                Double(settings.rows) / Double(settings.days)
                * catalogue.sampler.probabilities[item] * ads.share
            let part =
                ads.leastBudget
                + (ads.greatestBudget - ads.leastBudget) * budgets.uniform(item)
            budget.append(Float(part * rowsOfDay * paid * tasks.clickRate))
            spentAt.append(Float(min(1, part)))
        }
        self.item = items.map(Int32.init)
        type = types
        self.value = value.map { Float($0) }
        self.clickBid = clickBid.map { Float($0) }
        bid = zip(types, clickBid).map { Float($0 == .cpc ? $1 : $1 / rate) }
        self.budget = budget
        self.spentAt = spentAt
        self.ofItem = ofItem
        self.logCompetition = logCompetition
    }
}
