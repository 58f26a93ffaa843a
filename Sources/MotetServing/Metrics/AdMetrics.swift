import MotetDecisions
import MotetLedger

/// What was sold and charged of ads, for `/metrics`.
struct AdMetrics: Sendable {
    /// Campaigns beyond this number have no figures of their own.
    static let campaignLimit = 200

    private var outcomes: [String: Int] = [:]
    private var repeated = 0
    private var empty = 0
    private var sales = 0
    private var charges: [AdCharge.Outcome: Int] = [:]
    private var charged = 0.0
    private var stages: [ScoreRecord.Stage: Histogram] = [:]

    /// Counts a sale.
    mutating func add(_ decided: AdSeller.Decided) {
        sales += 1
        if decided.decision.isRepeated { repeated += 1 }
        if decided.decision.sold.isEmpty { empty += 1 }
        for code in decided.outcomes { outcomes[code, default: 0] += 1 }
        for (stage, seconds) in decided.record.seconds {
            stages[stage, default: Histogram(Histogram.seconds)].add(seconds)
        }
    }

    /// Counts events.
    mutating func add(_ made: [AdCharge]) {
        for charge in made {
            charges[charge.outcome, default: 0] += 1
            if charge.outcome == .charged { charged += charge.amount.units }
        }
    }

    func write(_ campaigns: [CampaignFigures], to text: inout MetricsText) {
        text.metric("motet_ads_sales_total", "counter", "Requests of ads that were answered.")
        text.value("motet_ads_sales_total", [:], Double(sales))
        text.metric("motet_ads_repeated_total", "counter", "Sales that were asked for again.")
        text.value("motet_ads_repeated_total", [:], Double(repeated))
        text.metric("motet_ads_empty_total", "counter", "Answers without an ad.")
        text.value("motet_ads_empty_total", [:], Double(empty))
        text.metric(
            "motet_ads_candidates_total",
            "counter",
            "Ads that might be shown, by what became of them."
        )
        for code in AdSeller.Decided.codes {
            text.value("motet_ads_candidates_total", ["outcome": code], Double(outcomes[code] ?? 0))
        }
        text.metric(
            "motet_ads_events_total",
            "counter",
            "Clicks and conversions by what became of them."
        )
        for outcome in AdCharge.Outcome.allCases {
            text.value(
                "motet_ads_events_total",
                ["outcome": outcome.rawValue],
                Double(charges[outcome] ?? 0)
            )
        }
        text.metric("motet_ads_charged_total", "counter", "What was charged, in the currency.")
        text.value("motet_ads_charged_total", [:], charged)
        text.metric(
            "motet_ads_stage_seconds",
            "histogram",
            "The stages of a sale; the last is the auction, the ledger's commit and the answer."
        )
        for stage in ScoreRecord.Stage.allCases {
            guard let histogram = stages[stage] else { continue }
            text.histogram("motet_ads_stage_seconds", ["stage": stage.rawValue], histogram)
        }
        let shown = campaigns.sorted { $0.spent > $1.spent }.prefix(Self.campaignLimit)
        let gauges: [(String, String, (CampaignFigures) -> Double)] = [
            ("motet_ads_budget", "The budget of a campaign's day.", { $0.budget.units }),
            ("motet_ads_spent", "What a campaign spent today.", { $0.spent.units }),
            ("motet_ads_planned", "What it was meant to have spent by now.", { $0.planned.units }),
            ("motet_ads_share", "The share of its bid it takes part with.", { $0.share }),
        ]
        for (name, help, value) in gauges {
            text.metric(name, "gauge", help)
            for campaign in shown {
                text.value(name, ["campaign": campaign.campaign], value(campaign))
            }
        }
    }
}

extension ServerMetrics {
    /// Counts a sale of ads.
    func soldAds(_ decided: AdSeller.Decided) {
        withAds { $0.add(decided) }
        computed(decided.record)
    }

    /// Counts events of ads.
    func chargedAds(_ charges: [AdCharge]) { withAds { $0.add(charges) } }
}
