/// What a household may buy next: what it bought within 13 weeks, and what many bought within 4.
///
/// It is told of visits in the order of time, and knows those it was told of alone.
struct Candidates {
    /// How long a household's purchases count, in milliseconds.
    static let ownTime: Int64 = 91 * 86_400_000
    /// How long everybody's purchases count.
    static let popularTime: Int64 = 28 * 86_400_000
    /// The most items of the household's own.
    static let ownCount = 60
    /// The popular items.
    static let popularCount = 40

    private var visits: [PurchaseLog.Visit] = []
    private var firstOwn = 0
    private var firstPopular = 0
    private var own: [Int32: [Int32: Int]] = [:]
    private var counts: [Int32: Int] = [:]
    private var popularDay: Int64 = -1
    private var popularItems: [Int32] = []

    /// Takes in a visit: it counts from now on.
    mutating func add(_ visit: PurchaseLog.Visit) {
        // Of a new day what was popular before it, whether or not anybody asks.
        _ = popular(at: visit.time)
        for item in visit.items {
            own[visit.user, default: [:]][item, default: 0] += 1
            counts[item, default: 0] += 1
        }
        visits.append(visit)
    }

    /// The items most visits of the last 4 weeks bought, as of the beginning of the day.
    mutating func popular(at time: Int64) -> [Int32] {
        let day = time / 86_400_000
        guard day != popularDay else { return popularItems }
        popularDay = day
        forget(at: time)
        popularItems = Self.greatest(counts, Self.popularCount)
        return popularItems
    }

    /// The items the household bought in most visits of the last 13 weeks.
    mutating func own(of user: Int32, at time: Int64) -> [Int32] {
        forget(at: time)
        return Self.greatest(own[user] ?? [:], Self.ownCount)
    }

    /// The household's own items, then popular ones it has not bought.
    mutating func items(of user: Int32, at time: Int64) -> [Int32] {
        let own = own(of: user, at: time)
        let known = Set(own)
        return own + popular(at: time).filter { !known.contains($0) }
    }

    /// Forgets what is too long ago.
    private mutating func forget(at time: Int64) {
        while firstOwn < visits.count, visits[firstOwn].time < time - Self.ownTime {
            let visit = visits[firstOwn]
            for item in visit.items { Self.decrement(&own[visit.user, default: [:]], item) }
            firstOwn += 1
        }
        while firstPopular < visits.count,
            visits[firstPopular].time < time - Self.popularTime
        {
            for item in visits[firstPopular].items { Self.decrement(&counts, item) }
            firstPopular += 1
        }
    }

    private static func decrement(_ counts: inout [Int32: Int], _ item: Int32) {
        guard let count = counts[item] else { return }
        counts[item] = count > 1 ? count - 1 : nil
    }

    /// The items with the greatest counts; of equal ones those with the lower number.
    private static func greatest(_ counts: [Int32: Int], _ count: Int) -> [Int32] {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.prefix(count).map(\.key)
    }
}
