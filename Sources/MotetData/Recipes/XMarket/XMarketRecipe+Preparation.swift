extension XMarketRecipe {
    /// Removes repeated ratings, sets two items of every user apart, and writes the market without
    /// ratings and the relevance judgements to files of their own.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        progress(.note("reading ratings"))
        let ratings = try XMarketRatings(files)
        let parts = ratings.parts(seed: options.seed)
        let isRated = ratings.market.map { $0 != 0 }
        var report = DatasetReport(name: card.name)
        report.count("ratings", ratings.count + ratings.repeated)
        report.count("rows that repeat a user and item, dropped", ratings.repeated)
        report.count("of them with another rating than the first", ratings.contradicting)
        report.count("users", ratings.users.values.count)
        report.count("items", ratings.items.values.count)

        let folder = try RecipeFolder(output)
        let table = table(ratings, parts)
        let rated = zip(parts, isRated).map { $1 ? $0 : nil }
        try folder.write(table, parts: rated, &report)
        let implicit = isRated.indices.filter { !isRated[$0] }
        try folder.write(pairs(ratings, implicit), to: "s1")
        report.count("rows, s1 (no ratings)", implicit.count)
        let relevance = try relevance(files)
        try folder.write(relevance, to: "retrieval_validation")
        report.count("relevance judgements", relevance.rowCount)
        try folder.write(XMarketRecipe.experiment, to: "experiment.yaml")
        report.notes = [
            "there are no times and no titles: the items set apart are drawn at random per user"
        ]
        let cold = try writeColdMarket(
            table,
            ratings,
            parts,
            in: output,
            seed: options.seed,
            &report
        )
        report.files = folder.files + cold
        return report
    }

    private func pairs(_ ratings: XMarketRatings, _ rows: [Int]) -> RecipeTable {
        var table = RecipeTable()
        let markets = rows.map { ratings.market[$0] }
        table.add("market", .texts(TextColumn(codes: markets, values: XMarketRecipe.markets)))
        table.add("user_id", .texts(ratings.users.column(rows.map { ratings.user[$0] })))
        table.add("item_id", .texts(ratings.items.column(rows.map { ratings.item[$0] })))
        return table
    }

    private func table(_ ratings: XMarketRatings, _ parts: [RecipePart]) -> RecipeTable {
        var table = pairs(ratings, Array(0..<ratings.count))
        let (offsets, items) = ratings.histories(parts, limit: XMarketRecipe.historyLength)
        table.add("history", .textLists(offsets: offsets, values: ratings.items.column(items)))
        table.add("rating", .numbers(ratings.rating))
        table.addFlags("like", ratings.rating.map { $0 >= 4 })
        return table
    }

    /// The pairs of user and item that are relevant in the cup's validation.
    private func relevance(_ files: DatasetFiles) throws -> RecipeTable {
        var markets: [Int32] = []
        var users = TextNumbers()
        var items = TextNumbers()
        var userCodes: [Int32] = []
        var itemCodes: [Int32] = []
        for (number, market) in XMarketRecipe.markets.enumerated() {
            let table = try OriginalTable(
                TableSource(
                    files.path("valid_qrel_" + market),
                    format: .csv,
                    csv: CSVOptions(delimiter: "\t", quote: nil)
                ),
                texts: ["userId", "itemId"]
            )
            for row in 0..<table.rowCount {
                markets.append(Int32(number))
                userCodes.append(users.number(of: table.texts("userId").text(row) ?? ""))
                itemCodes.append(items.number(of: table.texts("itemId").text(row) ?? ""))
            }
        }
        var table = RecipeTable()
        table.add("market", .texts(TextColumn(codes: markets, values: XMarketRecipe.markets)))
        table.add("user_id", .texts(users.column(userCodes)))
        table.add("item_id", .texts(items.column(itemCodes)))
        return table
    }

    private static let experiment: String = {
        var lines = experimentHead(
            "xmarket",
            about: "XMarket: does a user like an item, in four markets?",
            scenario: "{ column: market, values: [s2, s3, t1, t2] }"
        )
        lines += [
            featureLine("user_id", "categorical", "dimension: 16"),
            featureLine("item_id", "categorical", "dimension: 16"),
            featureLine(
                "history",
                "sequence",
                "shares: item_id, delimiter: '|', maximum_length: \(historyLength), pooling: mean"
            ),
            "tasks:",
            "  - { name: like, label: like, loss: binary_cross_entropy, metrics: [auc] }",
            "  - { name: rating, label: rating, loss: mean_squared_error, metrics: [rmse] }",
        ]
        return (lines + experimentTail).joined(separator: "\n") + "\n"
    }()
}
