import MotetCore

/// Everything that is drawn before the first row.
struct SimulatedWorld: Sendable {
    let settings: SimulationSettings
    let traffic: Traffic
    let space: LatentSpace
    let accounts: Accounts
    let catalogue: Catalogue
    private(set) var market: Market
    let campaigns: Campaigns
    /// Who is in which scenario.
    let scenarioSampler: AliasTable
    /// The level of each task in each scenario in logits, `[S, K]`, without the intercepts.
    let scenarioLevels: [Double]
    /// The intercept of each task, such that its mean probability is the rate that was asked for.
    private(set) var intercepts: [Double]
    /// What rows are drawn from.
    let rowKey: RandomKey

    /// Draws a world, and sells its stock to whom the log's rows make order; nil when it was stopped.
    ///
    /// - Parameters:
    ///   - settings: what the shop is like.
    ///   - threads: how many threads look through the log for orders.
    ///   - isStopped: asked before every block of rows.
    ///   - progress: told the rows that are looked through.
    /// - Throws: ``SimulationError`` when the settings do not go together.
    init?(
        _ settings: SimulationSettings,
        threads: Int,
        isStopped: @escaping @Sendable () -> Bool,
        progress: (Int) -> Void = { _ in }
    ) throws(SimulationError) {
        try self.init(unstocked: settings)
        let work = OrderWork(self, isStopped: isStopped)
        guard let orders = work.orders(threads: threads, progress: progress) else { return nil }
        market.sell(to: orders, settings, catalogue)
    }

    /// Draws a world.
    ///
    /// - Throws: ``SimulationError`` when the settings do not go together.
    init(_ settings: SimulationSettings) throws(SimulationError) {
        try self.init(unstocked: settings)
        let work = OrderWork(self) { false }
        guard let orders = work.orders(threads: 1, progress: { _ in }) else { return }
        market.sell(to: orders, settings, catalogue)
    }

    /// Draws a world in which everything is in stock.
    private init(unstocked settings: SimulationSettings) throws(SimulationError) {
        try settings.check()
        let key = RandomKey(seed: settings.seed)
        self.settings = settings
        traffic = Traffic(settings)
        space = LatentSpace(settings, key: key.split("directions"))
        accounts = Accounts(settings, key: key.split("accounts"))
        catalogue = Catalogue(settings, key: key.split("catalogue"))
        market = Market(
            settings,
            catalogue: catalogue,
            traffic: traffic,
            key: key.split("market")
        )
        campaigns = Campaigns(settings, catalogue: catalogue, key: key.split("campaigns"))
        let count = settings.scenarios.count
        scenarioSampler = AliasTable(
            weights: settings.scenarioShares.isEmpty
                ? [Double](repeating: 1, count: count) : settings.scenarioShares
        )
        let levels = key.split("levels")
        scenarioLevels = (0..<count * FunnelStep.count).map {
            settings.scenario.spread * levels.normal($0)
        }
        intercepts = [Double](repeating: 0, count: FunnelStep.count)
        rowKey = key.split("rows")
        intercepts = fittedIntercepts(key: key.split("pilot"))
    }

    /// The rows on which intercepts are fitted.
    static let pilotRows = 1 << 15

    /// Finds the intercepts by bisection on rows of their own.
    private func fittedIntercepts(key: RandomKey) -> [Double] {
        let generator = ImpressionGenerator(self, rows: Self.pilotRows, key: key)
        var block = ImpressionBlock(self)
        generator.fill(&block, rows: 0..<Self.pilotRows)
        let tasks = settings.tasks
        let rates = [tasks.clickRate, tasks.cartRate, tasks.payRate, tasks.returnRate]
        return rates.indices.map { step in
            let logits = block.isFake.indices.filter { !block.isFake[$0] }
                .map { block.logits[step][$0] }
            guard !logits.isEmpty else { return 0 }
            var (low, high) = (-100.0, 100.0)
            for _ in 0..<60 {
                let middle = (low + high) / 2
                let sum = logits.reduce(0) { $0 + sigmoid(middle + $1) }
                if sum < rates[step] * Double(logits.count) { low = middle } else { high = middle }
            }
            return (low + high) / 2
        }
    }
}

/// `1 / (1 + exp(-x))`.
func sigmoid(_ logit: Double) -> Double { 1 / (1 + exponential(-logit)) }
