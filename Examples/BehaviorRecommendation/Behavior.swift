import Foundation
import Motet

/// The rows of the parts of a comparison.
struct BehaviorData {
    let training: PreparedDataset
    let validation: PreparedDataset
    let test: PreparedDataset

    /// How many rows each part has.
    var counts: String {
        "rows: training \(training.rowCount), validation \(validation.rowCount), test \(test.rowCount)"
    }
}

/// How often each number of stars was given.
struct StarCounts {
    private var counts = [Float](repeating: 0, count: 5)

    mutating func add(_ stars: Int) { counts[stars - 1] += 1 }

    var total: Float { counts.reduce(0, +) }

    /// Shares of one to five stars and the mean, drawn towards `prior` while there are few.
    func profile(prior: [Float], strength: Float = 3) -> (shares: [Float], mean: Float) {
        let total = total + strength
        let shares = zip(counts, prior).map { ($0 + strength * $1) / total }
        let mean = shares.enumerated().reduce(Float(0)) { $0 + Float($1.offset + 1) * $1.element }
        return (shares, mean / 5)
    }
}

/// What was known of users and items before the rows a model learns from: the ratings of the part
/// `history`, and never those of the row itself or of the other parts.
struct Behavior {
    /// Width of `user_behavior`: market, activity, shares of stars, mean.
    static let userWidth = RatingFile.markets.count + 1 + 5 + 1
    /// Width of `item`: popularity in all markets, here, and in `s1`; shares, mean; mean here.
    static let itemWidth = 3 + 5 + 1 + 1

    private var users: [StarCounts]
    private var items: [StarCounts]
    private var itemsByMarket: [[StarCounts]]
    private var purchases: [Float]
    private let prior: [Float]

    init(_ file: RatingFile) {
        users = Array(repeating: StarCounts(), count: file.userCount)
        items = Array(repeating: StarCounts(), count: file.itemCount)
        itemsByMarket = RatingFile.markets.map { _ in
            Array(repeating: StarCounts(), count: file.itemCount)
        }
        purchases = Array(repeating: 0, count: file.itemCount)
        var all = StarCounts()
        for rating in file.ratings where rating.part == .history {
            guard let market = rating.market else {
                purchases[rating.item] += 1
                continue
            }
            all.add(rating.stars)
            users[rating.user].add(rating.stars)
            items[rating.item].add(rating.stars)
            itemsByMarket[market][rating.item].add(rating.stars)
        }
        prior = all.profile(prior: Array(repeating: 0.2, count: 5)).shares
    }

    func user(_ rating: Rating) -> [Float] {
        let market = RatingFile.markets.indices.map { $0 == rating.market ? Float(1) : 0 }
        let counts = users[rating.user]
        let profile = counts.profile(prior: prior)
        return market + [log1p(counts.total)] + profile.shares + [profile.mean]
    }

    func item(_ rating: Rating) -> [Float] {
        let (all, here) = (items[rating.item], itemsByMarket[rating.market ?? 0][rating.item])
        let profile = all.profile(prior: prior)
        let popularity = [all.total, here.total, purchases[rating.item]].map { 0.2 * log1p($0) }
        return popularity + profile.shares
            + [profile.mean, here.profile(prior: profile.shares).mean]
    }

    /// The rows of all parts a model learns from and is measured on.
    func datasets(_ file: RatingFile) throws -> BehaviorData {
        BehaviorData(
            training: try dataset(file, .training),
            validation: try dataset(file, .validation),
            test: try dataset(file, .test)
        )
    }

    /// The rows of a part as a model reads them: two inputs, the market, two labels.
    ///
    /// `label/love_of_liked` is missing where the item was not liked.
    func dataset(_ file: RatingFile, _ part: Rating.Part) throws -> PreparedDataset {
        let rows = file.ratings.filter { $0.part == part && $0.market != nil }
        return try PreparedDataset(inMemory: [
            "user_behavior": .floats(rows.flatMap(user), width: Behavior.userWidth),
            "item": .floats(rows.flatMap(item), width: Behavior.itemWidth),
            "scenario": .integers(rows.map { Int32($0.market ?? 0) }),
            "label/like": .floats(rows.map { $0.stars >= 4 ? 1 : 0 }),
            "label/love_of_liked": .floats(
                rows.map { $0.stars >= 4 ? ($0.stars == 5 ? 1 : 0) : .nan }
            ),
        ])
    }
}
