import Foundation

/// What was simulated, for programs: the contents of `simulation.json`.
public struct SimulationRecord: Hashable, Sendable, Codable {
    /// The version of the folder's layout.
    public var format = 1
    /// The version of the program.
    public var version: String
    /// Every setting, defaults written out.
    public var settings: SimulationSettings
    /// The moment at which labels were read, in seconds since 1970.
    public var cutoff: Int64
    /// The intercept of each step in logits, by name.
    public var intercepts: [String: Double]
    /// The level of each scenario in each step in logits, by the scenario's and the step's name.
    public var scenarioLevels: [String: [String: Double]]
    /// How many files the rows are in.
    public var parts: Int
    /// What was counted.
    public var counts: Counts

    /// What was counted in the rows.
    public struct Counts: Hashable, Sendable, Codable {
        /// Rows.
        public var rows = 0
        /// Clicks that happened, whether or not their labels are missing.
        public var clicks = 0
        /// Clicked rows that were put into the cart.
        public var carts = 0
        /// Payments, those after the cut-off too.
        public var payments = 0
        /// Payments up to the cut-off.
        public var paymentsSeen = 0
        /// Returns, those after the cut-off too.
        public var returns = 0
        /// Rows that are fake orders.
        public var fakeOrders = 0
        /// Reviews, and those of fake orders.
        public var reviews = 0
        /// Reviews of fake orders.
        public var fakeReviews = 0
        /// Rows that are ads.
        public var ads = 0
        /// Rows whose item was out of stock.
        public var outOfStock = 0
        /// Rings.
        public var rings = 0
        /// Accounts that belong to a ring.
        public var ringAccounts = 0

        /// No rows yet.
        public init() {}

        mutating func add(_ block: ImpressionBlock) {
            rows += block.count
            for index in 0..<block.count {
                clicks += Int(block.outcome[0][index])
                carts += Int(block.outcome[0][index] & block.outcome[1][index])
                payments += Int(block.payFinal[index])
                paymentsSeen += block.payHours[index].isNaN ? 0 : 1
                returns += Int(block.returnFinal[index])
                fakeOrders += block.isFake[index] ? 1 : 0
                reviews += block.rating[index].isNaN ? 0 : 1
                fakeReviews += Int(block.isFakeReview[index])
                ads += block.campaign[index] >= 0 ? 1 : 0
                outOfStock += block.isInStock[index] == 0 ? 1 : 0
            }
        }

        mutating func add(_ other: Counts) {
            rows += other.rows
            clicks += other.clicks
            carts += other.carts
            payments += other.payments
            paymentsSeen += other.paymentsSeen
            returns += other.returns
            fakeOrders += other.fakeOrders
            reviews += other.reviews
            fakeReviews += other.fakeReviews
            ads += other.ads
            outOfStock += other.outOfStock
        }
    }

    /// Reads the record of a simulation.
    ///
    /// - Parameter folder: the simulation's folder.
    /// - Throws: an error of Foundation where there is none.
    public init(folder: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/simulation.json"))
        self = try decoder.decode(SimulationRecord.self, from: data)
    }

    init(_ world: SimulatedWorld, version: String, parts: Int, counts: Counts) {
        self.version = version
        self.parts = parts
        self.counts = counts
        settings = world.settings
        let generator = ImpressionGenerator(world)
        cutoff = world.traffic.start + Int64(generator.cutoff * 3600)
        let names = ["click", "cart", "pay", "return"]
        intercepts = Dictionary(uniqueKeysWithValues: zip(names, world.intercepts))
        scenarioLevels = [:]
        for (index, scenario) in settings.scenarios.enumerated() {
            let levels = world.scenarioLevels[(index * names.count)..<((index + 1) * names.count)]
            scenarioLevels[scenario] = Dictionary(uniqueKeysWithValues: zip(names, levels))
        }
        self.counts.rings = world.accounts.ringSellers.count
        self.counts.ringAccounts = world.accounts.ring.count { $0 >= 0 }
    }

    /// The file's contents.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
