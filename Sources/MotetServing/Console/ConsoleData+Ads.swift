import MotetDecisions
import MotetLedger

extension ConsoleData {
    /// The day of each campaign: what it spent beside what was planned.
    func writeAds(to writer: inout JSONWriter) {
        writer.key("ads")
        guard let sales else { return writer.null() }
        let figures = sales.figures.sorted { $0.spent > $1.spent }.prefix(Self.campaigns)
        writer.object { writer in
            writer.key("currency")
            writer.text(sales.settings.currency)
            writer.key("campaigns")
            writer.array { writer in
                for campaign in figures {
                    writer.object { writer in
                        writer.key("campaign")
                        writer.text(campaign.campaign)
                        for (name, value) in [
                            ("budget", campaign.budget.units), ("spent", campaign.spent.units),
                            ("planned", campaign.planned.units), ("share", campaign.share),
                        ] {
                            writer.key(name)
                            writer.number(value)
                        }
                        writer.key("sold")
                        writer.integer(campaign.sold)
                        writer.key("charges")
                        writer.integer(campaign.charges)
                        writer.key("points")
                        writer.array { writer in
                            for point in campaign.points {
                                writer.array { writer in
                                    for value in [
                                        point.time, point.spent.units, point.planned.units,
                                        point.share,
                                    ] { writer.number(value) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The most campaigns that are shown, those that spent most.
    static let campaigns = 20
}
