import MotetCore

/// The ratings of all markets, each user and item once, in the order of the files.
struct XMarketRatings {
    var market: [Int32] = []
    var user: [Int32] = []
    var item: [Int32] = []
    var rating: [Float] = []
    private(set) var users = TextNumbers()
    private(set) var items = TextNumbers()
    /// Rows that repeat the user and item of an earlier one; only the first stays.
    private(set) var repeated = 0
    /// Those of them with another rating than the first.
    private(set) var contradicting = 0
    private var first: [UInt64: Int] = [:]

    /// The number of ratings.
    var count: Int { market.count }

    /// Reads the files of either layout.
    init(_ files: DatasetFiles) throws {
        if let path = files.paths["ratings"] {
            try read(path, market: nil)
        } else {
            for market in XMarketRecipe.markets {
                try read(files.path("ratings_" + market), market: market)
            }
        }
    }

    private mutating func read(_ path: String, market: String?) throws {
        let table = try OriginalTable(
            TableSource(path, format: .csv, csv: CSVOptions(delimiter: "\t", quote: nil)),
            numbers: ["rating"],
            texts: ["userId", "itemId"] + (market == nil ? ["market"] : [])
        )
        let (userTexts, itemTexts) = (table.texts("userId"), table.texts("itemId"))
        let userNumbers = userTexts.values.map { users.number(of: $0) }
        let itemNumbers = itemTexts.values.map { items.number(of: $0) }
        let marketTexts =
            market.map { TextColumn(codes: [], values: [$0]) } ?? table.texts("market")
        let marketNumbers = try marketTexts.values.map { name in
            guard let number = XMarketRecipe.markets.firstIndex(of: name) else {
                throw DatasetError(
                    .datasetContent,
                    "\(path): unknown market; expected one of "
                        + "\(XMarketRecipe.markets.joined(separator: ", ")); received `\(name)`."
                )
            }
            return Int32(number)
        }
        for (row, value) in table.numbers("rating").enumerated() {
            let user = userNumbers[Int(userTexts.codes[row])]
            let item = itemNumbers[Int(itemTexts.codes[row])]
            let key = UInt64(user) << 32 | UInt64(item)
            if let earlier = first[key] {
                repeated += 1
                if rating[earlier] != Float(value) { contradicting += 1 }
                continue
            }
            first[key] = count
            self.market.append(marketNumbers[market == nil ? Int(marketTexts.codes[row]) : 0])
            self.user.append(user)
            self.item.append(item)
            rating.append(Float(value))
        }
    }

    /// Sets one item of every user apart for test and one for validation: those with the smallest
    /// random numbers, which depend on the seed, the user and the item only.
    ///
    /// Users with fewer than three items, and all of the market without ratings, are for training.
    func parts(seed: UInt64) -> [RecipePart] {
        let key = RandomKey(seed: seed).split("split")
        var smallest = [(row: Int, number: UInt64)?](repeating: nil, count: users.values.count)
        var second = smallest
        var counts = [Int](repeating: 0, count: users.values.count)
        for row in 0..<count {
            let index = Int(user[row])
            counts[index] += 1
            let name = users.values[index] + "/" + items.values[Int(item[row])]
            let number = key.split(name).bits(0)
            if number < smallest[index]?.number ?? .max {
                second[index] = smallest[index]
                smallest[index] = (row, number)
            } else if number < second[index]?.number ?? .max {
                second[index] = (row, number)
            }
        }
        var parts = [RecipePart](repeating: .train, count: count)
        for index in counts.indices where counts[index] >= 3 {
            if let row = smallest[index]?.row, market[row] != 0 { parts[row] = .test }
            if let row = second[index]?.row, market[row] != 0 { parts[row] = .validation }
        }
        return parts
    }

    /// For each row the user's other training items, at most so many, in the order of the files.
    func histories(_ parts: [RecipePart], limit: Int) -> (offsets: [Int32], items: [Int32]) {
        var starts = [Int](repeating: 0, count: users.values.count + 1)
        for row in 0..<count where parts[row] == .train { starts[Int(user[row]) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        var next = starts
        var rows = [Int](repeating: 0, count: starts.last ?? 0)
        for row in 0..<count where parts[row] == .train {
            rows[next[Int(user[row])]] = row
            next[Int(user[row])] += 1
        }
        var offsets: [Int32] = [0]
        var picked: [Int32] = []
        for row in 0..<count {
            let range = starts[Int(user[row])]..<starts[Int(user[row]) + 1]
            picked.append(
                contentsOf: rows[range].lazy.filter { $0 != row }.prefix(limit).map { item[$0] }
            )
            offsets.append(Int32(picked.count))
        }
        return (offsets, picked)
    }
}
