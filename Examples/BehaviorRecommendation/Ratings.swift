import Foundation
import Motet

/// One line of the file: a user of a market gave an item one to five stars.
struct Rating {
    /// The position in `RatingFile.markets`, or nil for the market that only tells who bought what.
    let market: Int?
    let user: Int
    let item: Int
    let stars: Int
    /// Which part of the program may see it.
    let part: Part

    enum Part { case history, training, validation, test }
}

/// The ratings of several markets, from the files of the recipe `xmarket`.
struct RatingFile {
    /// The markets with ratings; the fifth, `s1`, has none.
    static let markets = ["s2", "s3", "t1", "t2"]

    private(set) var ratings: [Rating] = []
    private(set) var userCount = 0
    private(set) var itemCount = 0

    private var users: [String: Int] = [:]
    private var items: [String: Int] = [:]

    /// Reads one file of all markets, or one for each.
    ///
    /// - Parameters:
    ///   - files: the files of the recipe.
    ///   - markets: the markets to read beside `s1`.
    /// - Throws: `TableError` when a file cannot be read.
    init(_ files: DatasetFiles, markets: [String] = RatingFile.markets) throws {
        if let path = files.paths["ratings"] {
            try read(path, market: nil, markets)
        } else {
            for market in ["s1"] + markets {
                guard let path = files.paths["ratings_" + market] else { continue }
                try read(path, market: market, markets)
            }
        }
        (userCount, itemCount) = (users.count, items.count)
    }

    private mutating func read(_ path: String, market: String?, _ markets: [String]) throws {
        var columns = [
            ColumnRequest("userId", type: .string), ColumnRequest("itemId", type: .string),
            ColumnRequest("rating", type: .float64),
        ]
        if market == nil { columns.append(ColumnRequest("market", type: .string)) }
        let reader = try TableReader(
            TableSource(path, format: .csv, csv: CSVOptions(delimiter: "\t", quote: nil)),
            columns: columns
        )
        let key = RandomKey(seed: 2022).split("part")
        while let batch = try reader.next() {
            let columns = batch.columns
            var stars = [Double](repeating: 0, count: batch.rowCount)
            stars.withUnsafeMutableBufferPointer { columns[2].copyDoubles(into: $0) }
            for row in 0..<batch.rowCount {
                guard let market = market ?? columns[3].text(at: row),
                    let user = columns[0].text(at: row), let item = columns[1].text(at: row),
                    (1...5).contains(stars[row]), market == "s1" || markets.contains(market)
                else { continue }
                ratings.append(
                    Rating(
                        market: RatingFile.markets.firstIndex(of: market),
                        user: users.number(of: user),
                        item: items.number(of: item),
                        stars: Int(stars[row]),
                        // By user and item, so that a repeated rating stays in its part.
                        part: Self.part(key.split(user + "/" + item).bits(0) % 20)
                    )
                )
            }
        }
    }

    /// Half of all ratings are what is known beforehand; of the rest 60 % train, 20 % validate, 20 % test.
    private static func part(_ number: UInt64) -> Rating.Part {
        switch number {
        case 0..<10: .history
        case 10..<16: .training
        case 16..<18: .validation
        default: .test
        }
    }
}

extension [String: Int] {
    fileprivate mutating func number(of text: String) -> Int {
        if let known = self[text] { return known }
        let next = count
        self[text] = next
        return next
    }
}
