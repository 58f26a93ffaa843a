/// Consecutive rows of the log, column by column; the memory is used again for the next rows.
struct ImpressionBlock {
    let dimension: Int
    private(set) var count = 0
    var firstRow = 0

    // When, who, what, where.
    var hours: [Double] = []
    /// What part of the day's rows has happened before.
    var shareOfDay: [Double] = []
    var timestamp: [Int64] = []
    var day: [Int32] = []
    var hour: [Int32] = []
    var weekday: [Int32] = []
    var scenario: [Int32] = []
    var user: [Int32] = []
    var item: [Int32] = []
    var category: [Int32] = []
    var seller: [Int32] = []
    var device: [Int32] = []
    var address: [Int32] = []
    var accountAge: [Float] = []
    var deviceAccounts: [Int32] = []
    var addressAccounts: [Int32] = []
    var position: [Int32] = []
    var price: [Float] = []
    var isInStock: [Int32] = []
    var intent: [Float] = []
    /// `[d]` columns each.
    var userFeatures: [[Float]]
    var itemFeatures: [[Float]]

    // Ads.
    var campaign: [Int32] = []
    var bid: [Float] = []
    var competingBid: [Float] = []
    var charge: [Float] = []

    // Truth of the funnel; arrays by step.
    var scores: [[Float]]
    /// Without the intercepts.
    var logits: [[Double]]
    /// What the outcome of each step was drawn with, given the step before.
    var probability: [[Float]]
    var payInStock: [Float] = []
    var conversion: [Float] = []
    var shock: [Float] = []
    var hidden: [Float] = []
    var isFake: [Bool] = []
    var ring: [Int32] = []

    /// What each step's outcome is, given the step before, in every row: 0 or 1.
    var outcome: [[Int32]]
    var payFinal: [Int32] = []
    var returnFinal: [Int32] = []
    var payDelay: [Float] = []
    var returnDelay: [Float] = []

    // Labels as they are known at the cut-off; NaN where missing.
    var label: [[Float]]
    var payHours: [Float] = []
    var rating: [Float] = []
    var reviewLength: [Float] = []
    var isFakeReview: [Int32] = []
    var reported: [Int32] = []

    init(_ world: SimulatedWorld) {
        dimension = world.space.dimension
        userFeatures = Array(repeating: [], count: dimension)
        itemFeatures = Array(repeating: [], count: dimension)
        let steps = FunnelStep.count
        scores = Array(repeating: [], count: steps)
        logits = Array(repeating: [], count: steps)
        probability = Array(repeating: [], count: steps)
        outcome = Array(repeating: [], count: steps)
        label = Array(repeating: [], count: steps)
    }

    /// Makes room for rows.
    mutating func resize(to count: Int) {
        guard count != self.count else { return }
        self.count = count
        func floats() -> [Float] { [Float](repeating: 0, count: count) }
        func integers() -> [Int32] { [Int32](repeating: 0, count: count) }
        hours = [Double](repeating: 0, count: count)
        shareOfDay = hours
        timestamp = [Int64](repeating: 0, count: count)
        (day, hour, weekday, scenario) = (integers(), integers(), integers(), integers())
        (user, item, category, seller) = (integers(), integers(), integers(), integers())
        (device, address, position) = (integers(), integers(), integers())
        (deviceAccounts, addressAccounts, isInStock) = (integers(), integers(), integers())
        (accountAge, price, intent) = (floats(), floats(), floats())
        userFeatures = userFeatures.map { _ in floats() }
        itemFeatures = itemFeatures.map { _ in floats() }
        (campaign, bid, competingBid, charge) = (integers(), floats(), floats(), floats())
        scores = scores.map { _ in floats() }
        logits = logits.map { _ in [Double](repeating: 0, count: count) }
        probability = probability.map { _ in floats() }
        (payInStock, conversion, shock, hidden) = (floats(), floats(), floats(), floats())
        isFake = [Bool](repeating: false, count: count)
        ring = integers()
        outcome = outcome.map { _ in integers() }
        (payFinal, returnFinal) = (integers(), integers())
        (payDelay, returnDelay) = (floats(), floats())
        label = label.map { _ in floats() }
        (payHours, rating, reviewLength) = (floats(), floats(), floats())
        (isFakeReview, reported) = (integers(), integers())
    }
}
