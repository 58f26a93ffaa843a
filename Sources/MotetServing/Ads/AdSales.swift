import MotetConfiguration
import MotetData
import MotetDecisions
import MotetLedger

/// What sells ads: the campaigns, and the ledger of what they spend.
final class AdSales: Sendable {
    /// The settings.
    let settings: ServingSettings.Ads
    /// The campaigns of the file, in its order.
    let campaigns: [Campaign]
    /// Their places, by name.
    let places: [String: Int]
    /// What was sold and charged.
    let ledger: AdLedger
    /// The time now, in milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// Reads the campaigns and opens the ledger.
    ///
    /// - Parameters:
    ///   - settings: where they are.
    ///   - limits: what a request may be.
    ///   - now: the server's clock.
    /// - Throws: `ConfigurationError` for the campaigns, `LedgerError` where the ledger cannot be opened.
    init(
        _ settings: ServingSettings.Ads,
        limits: ServingSettings.Limits,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.settings = settings
        self.now = now
        campaigns = try settings.campaigns.map { try Campaign.all(in: $0, settings) } ?? []
        places = Dictionary(
            uniqueKeysWithValues: campaigns.enumerated().map { ($1.id, $0) }
        )
        let count = campaigns.reduce(0) { $0 + $1.ads.count }
        guard count <= limits.candidates else {
            throw ServingError(
                .adsUnusable,
                "ads: the campaigns have more ads than a request may ask about; expected at most "
                    + "\(limits.candidates) (`limits.candidates`); received \(count)."
            )
        }
        ledger = try AdLedger(folder: settings.folder, options: settings.ledger, at: now())
    }

    /// A campaign of the file.
    func campaign(_ name: String) -> Campaign? { places[name].map { campaigns[$0] } }

    /// The day of each campaign so far.
    var figures: [CampaignFigures] { ledger.figures(at: now()) }
}

extension AdSales {
    /// Checks that a run can value the ads of the campaigns.
    ///
    /// - Parameter model: the run.
    /// - Throws: `ConfigurationError` where it lacks a task, `ServingError` where it does not know a place or a column of
    ///   the campaigns.
    func check(_ model: ServedModel) throws {
        _ = try AdTasks(settings, model)
        let scenarios = Set(model.layout.scenarios)
        let columns = Set(model.encoder.columns)
        func refuse(
            _ campaign: Campaign,
            _ what: String,
            _ name: String,
            _ known: [String]
        ) -> ServingError {
            ServingError(
                .adsUnusable,
                "campaign \"\(campaign.id)\": the run \"\(model.path)\" has no \(what) with the name; expected one of "
                    + "\(known.joined(separator: ", ")); received `\(name)`."
            )
        }
        for campaign in campaigns {
            for name in campaign.scenarios.sorted() where !scenarios.contains(name) {
                throw refuse(campaign, "scenario", name, model.layout.scenarios)
            }
            for ad in campaign.ads {
                guard case .object(let members) = ad.item else { continue }
                for member in members where member.key != "id" && !columns.contains(member.key) {
                    throw refuse(campaign, "column", member.key, model.encoder.columns)
                }
            }
        }
    }
}
