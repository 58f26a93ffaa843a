import Foundation
import MotetDecisions
import MotetLedger
import MotetTestSupport
import Testing

/// A folder for ledgers, and a day to use them in.
struct LedgerPlace {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Noon of a day, in milliseconds since 1970.
    static let noon: Int64 = 19_700 * 86_400_000 + 43_200_000

    func ledger(
        at time: Int64 = noon,
        _ change: (inout AdLedgerOptions) -> Void = { _ in }
    ) throws -> AdLedger {
        var options = AdLedgerOptions()
        // Nothing is paced unless a test says so, and no test waits for the disk.
        options.pacingGain = 0
        options.durability = .process
        change(&options)
        return try AdLedger(folder: folder.path + "/ledger", options: options, at: time)
    }

    static func offer(
        _ ad: String,
        campaign: String = "shoes",
        _ payment: Bid.Payment = .click,
        bid: Double = 1,
        click: Double = 0.5,
        budget: Double = 100,
        plan: SpendPlan = .even,
        cap: FrequencyCap? = nil
    ) throws -> AdOffer {
        AdOffer(
            ad,
            campaign: campaign,
            bid: try Bid(payment, Money(bid)),
            click: click,
            conversion: 0.5,
            budget: Money(budget),
            plan: plan,
            cap: cap
        )
    }

    /// Two ads of two campaigns for one place: the first wins and pays what the second is worth.
    static func sale(
        _ id: String,
        user: String? = nil,
        bid: Double = 1,
        budget: Double = 100,
        cap: FrequencyCap? = nil
    ) throws -> AdSale {
        AdSale(
            id,
            user: user,
            offers: [
                try offer("ad1", bid: bid, budget: budget, cap: cap),
                try offer("ad2", campaign: "hats", bid: bid / 2, budget: 1e6),
            ],
            auction: try Auction()
        )
    }
}

extension AdLedger {
    /// Decides a sale and keeps it.
    func sell(_ sale: AdSale, at time: Int64 = LedgerPlace.noon) async throws -> SaleDecision {
        try await keep(decide(sale, at: time))
    }

    /// What a campaign has spent on the day.
    func spent(_ campaign: String, at time: Int64 = LedgerPlace.noon) -> Money? {
        figures(at: time).first { $0.campaign == campaign }?.spent
    }
}
