import MotetCore

/// Makes rows of the log.
///
/// Every number of a row is a function of the seed, of what it is drawn for and of the row's number alone, so that
/// rows may be made in any order, in blocks of any size and by any number of threads.
struct ImpressionGenerator: Sendable {
    let world: SimulatedWorld
    /// The rows of the whole log.
    let rows: Int
    let keys: Keys

    /// The key of each thing that is drawn.
    struct Keys: Sendable {
        let time, user, item, scenario, position, intent, hidden: RandomKey
        let fakeOrder, ringItem, adSlot, competition: RandomKey
        let outcome: [RandomKey]
        let missing: [RandomKey]
        let payDelay, returnDelay: RandomKey
        let review, rating, reviewLength, report: RandomKey

        init(_ key: RandomKey) {
            time = key.split("time")
            user = key.split("user")
            item = key.split("item")
            scenario = key.split("scenario")
            position = key.split("position")
            intent = key.split("intent")
            hidden = key.split("hidden")
            fakeOrder = key.split("fake order")
            ringItem = key.split("ring item")
            adSlot = key.split("ad slot")
            competition = key.split("competing bid")
            outcome = (0..<FunnelStep.count).map { key.split("outcome").split($0) }
            missing = (0..<FunnelStep.count).map { key.split("missing").split($0) }
            payDelay = key.split("pay delay")
            returnDelay = key.split("return delay")
            review = key.split("review")
            rating = key.split("rating")
            reviewLength = key.split("review length")
            report = key.split("report")
        }
    }

    init(_ world: SimulatedWorld, rows: Int, key: RandomKey) {
        self.world = world
        self.rows = rows
        keys = Keys(key)
    }

    /// The generator of the log itself.
    init(_ world: SimulatedWorld) {
        self.init(world, rows: world.settings.rows, key: world.rowKey)
    }

    /// Makes consecutive rows.
    func fill(_ block: inout ImpressionBlock, rows range: Range<Int>) {
        block.resize(to: range.count)
        block.firstRow = range.lowerBound
        fillContext(&block)
        fillSeen(&block)
        fillScores(&block)
        fillProbabilities(&block)
        fillOutcomes(&block)
        fillReviews(&block)
    }
}
