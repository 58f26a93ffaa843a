import MotetConfiguration
public import MotetDecisions
public import MotetLedger

extension ServingSettings {
    /// Where ads are sold, and by what.
    public struct Ads: Hashable, Sendable {
        /// The folder of the ledger.
        public var folder: String
        /// How the ledger works.
        public var ledger = AdLedgerOptions()
        /// The currency of everything.
        public var currency: String
        /// The task that predicts a click.
        public var click: Recommend.Named
        /// The task that predicts a conversion; nil where only clicks are bid for.
        public var conversion: Recommend.Named?
        /// The file of campaigns; nil where requests bring all ads.
        public var campaigns: String?
        /// The places of a request that names none.
        public var places = 1
        /// The most places of a request.
        public var maximumPlaces = 10
        /// The least expected value of a thousand showings.
        public var reserve = 0.0
        /// The greatest bid.
        public var maximumBid = 1000.0
        /// The greatest budget of a day.
        public var maximumBudget = 1e6
        /// How budgets are spread over the day.
        public var plan = SpendPlan.even
        /// How far in the future an event's time may be.
        public var aheadSeconds = 60.0

        /// Creates settings.
        public init(folder: String, currency: String, click: Recommend.Named) {
            self.folder = folder
            self.currency = currency
            self.click = click
        }
    }
}

extension ServingSettings.Ads {
    init(reading reader: ConfigurationReader, folder: String, file: String) {
        let place = ReadingPlace(folder: folder, file: file)
        self.init(
            folder: place.path(reader.string("folder")),
            currency: reader.string("currency"),
            click: place.named(reader, "click")
        )
        if currency.isEmpty || currency.count > 16 {
            reader.fail(
                "currency",
                "cannot name a currency; expected a name such as `EUR`; received \"\(currency)\"."
            )
        }
        if reader.has("conversion") { conversion = place.named(reader, "conversion") }
        campaigns = reader.string(ifPresent: "campaigns").map { place.path($0) }
        maximumPlaces = reader.integer("maximum_places", default: 10, in: .between(1, 100))
        places = reader.integer("places", default: 1, in: .between(1, maximumPlaces))
        reserve = reader.number("reserve", default: 0, in: .between(0, 1e9))
        maximumBid = reader.number("maximum_bid", default: 1000, in: .between(1e-6, 1e6))
        maximumBudget = reader.number("maximum_budget", default: 1e6, in: .between(1e-6, 1e9))
        aheadSeconds = reader.number("ahead_seconds", default: 60, in: .between(0, 86_400))
        ledger.durability = reader.choice("durability", default: ledger.durability)
        ledger.keepDays = reader.integer("keep_days", default: 7, in: .between(1, 400))
        ledger.dayOffset = Int64(
            (3_600_000 * reader.number("utc_offset", default: 0, in: .between(-14, 14))).rounded()
        )
        reader.section(orEmpty: "pacing") { pacing in
            ledger.pacingInterval = Int64(
                1000 * pacing.number("seconds", default: 60, in: .between(1, 3600))
            )
            ledger.pacingGain = pacing.number("gain", default: 0.5, in: .between(0, 1))
            ledger.pacingMemory = pacing.number("memory", default: 0.02, in: .between(1e-4, 1))
            ledger.firstShare = pacing.number("share", default: 0.1, in: .between(1e-4, 1))
            plan = Self.plan(pacing) ?? .even
        }
    }

    /// A plan that follows expected traffic; nil where none is written.
    static func plan(_ reader: ConfigurationReader) -> SpendPlan? {
        guard reader.has("traffic") else { return nil }
        let traffic = reader.list("traffic", count: .atLeast(1)) { $0.number(in: .atLeast(0)) }
        do { return try SpendPlan(followingTraffic: traffic) } catch {
            reader.fail("traffic", "\(error)")
            return nil
        }
    }
}
