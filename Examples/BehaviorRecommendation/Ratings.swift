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

    enum Part { case history, training, validation }
}

/// The ratings of several markets, from `xmarket/xmarket_all.tsv.gz`.
struct RatingFile {
    /// The markets with ratings; the fifth, `s1`, has none.
    static let markets = ["s2", "s3", "t1", "t2"]

    private(set) var ratings: [Rating] = []
    private(set) var userCount = 0
    private(set) var itemCount = 0

    /// Reads the file of a data folder.
    ///
    /// - Parameters:
    ///   - folder: a folder with `xmarket/xmarket_all.tsv.gz`.
    ///   - markets: the markets to read beside `s1`.
    /// - Throws: `ExampleError` when the file is missing, `TableError` when it cannot be read.
    init(folder: String, markets: [String] = RatingFile.markets) throws {
        let path = folder + "/xmarket/xmarket_all.tsv.gz"
        guard FileManager.default.fileExists(atPath: path) else {
            throw ExampleError(
                description: "\(path): no such file; expected the XMarket ratings (columns market, "
                    + "userId, itemId, rating). Name the folder that holds xmarket/ with --from."
            )
        }
        try self.init(path: path, markets: markets)
    }

    init(path: String, markets: [String] = RatingFile.markets) throws {
        let reader = try TableReader(
            TableSource(path, format: .csv, csv: CSVOptions(delimiter: "\t", quote: nil)),
            columns: [
                ColumnRequest("market", type: .string), ColumnRequest("userId", type: .string),
                ColumnRequest("itemId", type: .string), ColumnRequest("rating", type: .float64),
            ]
        )
        var (users, items) = ([String: Int](), [String: Int]())
        let key = RandomKey(seed: 2022).split("part")
        while let batch = try reader.next() {
            let columns = batch.columns
            var stars = [Double](repeating: 0, count: batch.rowCount)
            stars.withUnsafeMutableBufferPointer { columns[3].copyDoubles(into: $0) }
            for row in 0..<batch.rowCount {
                guard let market = columns[0].text(at: row), let user = columns[1].text(at: row),
                    let item = columns[2].text(at: row), (1...5).contains(stars[row]),
                    market == "s1" || markets.contains(market)
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
        (userCount, itemCount) = (users.count, items.count)
    }

    /// Half of all ratings are what is known beforehand; of the rest 70 % train and 30 % validate.
    private static func part(_ number: UInt64) -> Rating.Part {
        number < 10 ? .history : number < 17 ? .training : .validation
    }
}

/// Something this program needs and did not get.
struct ExampleError: Error, CustomStringConvertible {
    let description: String
}

extension [String: Int] {
    fileprivate mutating func number(of text: String) -> Int {
        if let known = self[text] { return known }
        let next = count
        self[text] = next
        return next
    }
}
