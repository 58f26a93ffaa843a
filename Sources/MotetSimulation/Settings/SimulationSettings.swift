/// What a simulated shop is like: sizes, knobs and rates.
///
/// docs/simulator.md has the formula behind every knob. Defaults are those of an ordinary shop without drift,
/// missing labels or hidden factors.
public struct SimulationSettings: Hashable, Sendable, Codable {
    /// What the shop is called.
    public var name = "shop"
    /// The seed of everything that is drawn.
    public var seed: UInt64 = 42
    /// The rows of the log of impressions.
    public var rows = 1_000_000
    /// The days of the log.
    public var days = 60
    /// The first day, `YYYY-MM-DD`, in UTC.
    public var start = "2026-01-01"
    /// The accounts.
    public var users = 20_000
    /// The items for sale.
    public var items = 2_000
    /// The categories of items.
    public var categories = 20
    /// Those who sell items; each sells several.
    public var sellers = 100
    /// The scenarios, by name.
    public var scenarios = ["home", "search", "mail"]
    /// The share of each scenario in the rows, by weight; empty for equal shares.
    public var scenarioShares: [Double] = []
    /// How alike scenarios are.
    public var scenario = Scenario()
    /// Tastes of users, properties of items.
    public var latents = Latents()
    /// How tasks relate, and how often their labels are positive.
    public var tasks = Tasks()
    /// How far tastes turn from the first to the last day: 0 not at all, 1 by a right angle.
    public var drift = 0.0
    /// How unevenly rows fall on users and items.
    public var sparsity = Sparsity()
    /// Why clicked rows are no fair sample of all rows.
    public var selection = Selection()
    /// How late conversions come.
    public var delays = Delays()
    /// The share of rows that lack a label.
    public var missing = Missing()
    /// Groups of accounts that place orders of their own.
    public var fraud = Fraud()
    /// Reviews of what was bought.
    public var reviews = Reviews()
    /// How prices are made, and what they do.
    public var prices = Prices()
    /// The daily demand of items, and the stock that meets it.
    public var demand = Demand()
    /// Days that differ from others.
    public var calendar = Calendar()
    /// Campaigns that bid for impressions.
    public var ads = Ads()

    /// The settings of a shop with every default.
    public init() {}

    /// How alike scenarios are.
    public struct Scenario: Hashable, Sendable, Codable {
        /// The cosine between the directions of taste of two scenarios, from 0 to 1.
        public var similarity = 0.8
        /// The standard deviation of a scenario's own level of each task, in logits.
        public var spread = 0.3
    }

    /// Tastes of users, properties of items.
    public struct Latents: Hashable, Sendable, Codable {
        /// The numbers that describe a user, and an item.
        public var dimension = 8
        /// The directions that make a task's score.
        public var facets = 1
        /// The weight of the wave in `g(z) = z + w sin 2z`.
        public var nonlinearity = 0.5
        /// The share of noise in the variance of the observed features.
        public var featureNoise = 0.1
        /// The weight of the product of a user's and an item's numbers in a score.
        public var affinity = 0.0
    }

    /// How tasks relate, and how often their labels are positive.
    public struct Tasks: Hashable, Sendable, Codable {
        /// The correlation of every later step's score with the click's, from -1 to 1.
        public var correlation = 0.5
        /// The standard deviation of a score in logits.
        public var strength = 1.0
        /// The mean probability of a click.
        public var clickRate = 0.15
        /// The mean probability that a clicked row is put into the cart, over all rows.
        public var cartRate = 0.4
        /// The mean probability that what is in the cart is paid, over all rows, were all in stock.
        public var payRate = 0.5
        /// The mean probability that what is paid is sent back, over all rows.
        public var returnRate = 0.1
    }

    /// How unevenly rows fall on users and items.
    public struct Sparsity: Hashable, Sendable, Codable {
        /// The exponent of Zipf's law for users; 0 for equal shares.
        public var users = 0.5
        /// The exponent of Zipf's law for items; 0 for equal shares.
        public var items = 0.8
    }

    /// Why clicked rows are no fair sample of all rows.
    public struct Selection: Hashable, Sendable, Codable {
        /// The weight of the observed `intent` in the click, and of its square in the payment.
        public var observed = 0.0
        /// The weight of a factor that no column shows, in the click, the cart and the payment.
        public var hidden = 0.0
        /// The weight of the logarithm of the position in the click.
        public var position = 0.4
    }

    /// How late conversions come.
    public struct Delays: Hashable, Sendable, Codable {
        /// The mean hours from the impression to the payment; 0 for at once.
        public var payHours = 24.0
        /// The mean hours from the payment to the return; 0 for at once.
        public var returnHours = 120.0
        /// The hours after the last day at which labels are read.
        public var cutoffHours = 0.0
    }

    /// The share of rows that lack a label, at random.
    public struct Missing: Hashable, Sendable, Codable {
        /// Without the label of the click.
        public var click = 0.0
        /// Without the label of the cart.
        public var cart = 0.0
        /// Without the label of the payment.
        public var pay = 0.0
        /// Without the label of the return.
        public var returned = 0.0
    }

    /// Groups of accounts that place orders of their own.
    public struct Fraud: Hashable, Sendable, Codable {
        /// The share of accounts that belong to a ring.
        public var ringAccounts = 0.02
        /// The accounts of a ring.
        public var ringSize = 8
        /// The days from one wave of a ring's orders to the next.
        public var periodDays = 14
        /// The days that a wave lasts.
        public var activeDays = 4
        /// The probability that an impression of a member is a fake order, during a wave.
        public var fakeOrderRate = 0.5
        /// The probability that a fake order gets a review.
        public var fakeReviewRate = 0.8
        /// The probability that a fake order is reported as one.
        public var reported = 0.5
        /// The probability that an honest order is reported.
        public var falseReports = 0.001
    }

    /// Reviews of what was bought.
    public struct Reviews: Hashable, Sendable, Codable {
        /// The probability that an honest order, kept, gets a review.
        public var rate = 0.2
    }

    /// How prices are made, and what they do.
    public struct Prices: Hashable, Sendable, Codable {
        /// The mean elasticity of demand.
        public var elasticity = -1.8
        /// The spread of items' elasticities: the standard deviation of their logarithm.
        public var elasticitySpread = 0.3
        /// How much of a day's demand shock is in its price.
        public var endogeneity = 0.5
        /// The standard deviation of a day's costs in logarithms, which prices pass on.
        public var variation = 0.1
        /// The standard deviation of the shocks of an item's demand, in logarithms.
        public var shock = 0.3
        /// The correlation of an item's shocks on two days that follow each other.
        public var shockMemory = 0.7
        /// The share of days on which an item is reduced.
        public var promotions = 0.05
        /// By how much it is reduced.
        public var discount = 0.2
    }

    /// The daily demand of items, and the stock that meets it.
    public struct Demand: Hashable, Sendable, Codable {
        /// The mean units a day of an item of mean popularity.
        public var units = 20.0
        /// What is restocked, in mean demands until the next time; 0 for stock without end.
        public var stockCover = 1.2
        /// The days from one restocking to the next.
        public var restockDays = 7
    }

    /// Days that differ from others.
    public struct Calendar: Hashable, Sendable, Codable {
        /// By how much demand and traffic are higher on Saturdays and Sundays, in logarithms.
        public var weekend = 0.2
        /// The amplitude of the year, in logarithms.
        public var season = 0.1
        /// The holidays, as numbers of days from 0.
        public var holidays: [Int] = []
        /// By how much demand and traffic are higher on holidays, in logarithms.
        public var holidayLift = 0.5
    }

    /// Campaigns that bid for impressions.
    public struct Ads: Hashable, Sendable, Codable {
        /// The share of impressions that are sold.
        public var share = 0.2
        /// The share of items with a campaign.
        public var items = 0.3
        /// The median of the highest other bid, in median bids.
        public var competition = 1.0
        /// The standard deviation of the logarithm of the highest other bid.
        public var competitionSpread = 0.5
        /// The smallest daily budget, in the spending of a day without limit.
        public var leastBudget = 0.3
        /// The largest daily budget, in the spending of a day without limit.
        public var greatestBudget = 2.0
    }
}
