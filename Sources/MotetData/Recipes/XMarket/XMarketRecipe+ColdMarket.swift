import MotetCore

extension XMarketRecipe {
    /// The market that is taken to have just opened.
    static let coldMarket = "t1"

    /// Writes the folder `cold_market`: the rated markets but one, and that one as if it had just opened.
    ///
    /// Of the cold market's training rows those of one user in ten stay, chosen by the seed and the user;
    /// all of its users are in its validation and test, with their histories.
    ///
    /// - Returns: the files written.
    func writeColdMarket(
        _ table: RecipeTable,
        _ ratings: XMarketRatings,
        _ parts: [RecipePart],
        in output: String,
        seed: UInt64,
        _ report: inout DatasetReport
    ) throws -> [String] {
        let folder = try RecipeFolder("\(output)/cold_market")
        let cold = Int32(XMarketRecipe.markets.firstIndex(of: XMarketRecipe.coldMarket) ?? 0)
        let key = RandomKey(seed: seed).split("cold_market")
        for part in RecipePart.allCases {
            let rows = parts.indices.filter { parts[$0] == part && ratings.market[$0] != 0 }
            let others = rows.filter { ratings.market[$0] != cold }
            if part != .test { try folder.write(table.rows(others), to: "others_\(part.rawValue)") }
            let market = rows.filter { row in
                ratings.market[row] == cold
                    && (part != .train || key.bits(Int(ratings.user[row])) % 10 == 0)
            }
            let name = "\(XMarketRecipe.coldMarket)_\(part.rawValue)"
            try folder.write(table.rows(market), to: name)
            report.count("rows, cold market, \(part.rawValue)", market.count)
        }
        try folder.write(XMarketRecipe.othersExperiment, to: "others.yaml")
        try folder.write(XMarketRecipe.coldExperiment, to: "\(XMarketRecipe.coldMarket).yaml")
        return folder.files
    }

    private static let othersExperiment = coldMarketExperiment(
        "xmarket_others",
        about: "XMarket: the markets that a cold one can learn from.",
        files: ["train: others_train.parquet", "validation: others_validation.parquet"]
    )

    private static let coldExperiment = coldMarketExperiment(
        "xmarket_\(coldMarket)",
        about: "XMarket: a market that has just opened. With and without the others:\n"
            + "#   motet train others.yaml --output runs/others\n"
            + "#   motet train \(coldMarket).yaml --output runs/cold\n"
            + "#   motet train \(coldMarket).yaml --output runs/warm --warm-start runs/others",
        files: RecipePart.allCases.map {
            "\($0.rawValue): \(coldMarket)_\($0.rawValue).parquet"
        }
    )

    /// Users belong to one market, so only what is known of items can be carried over.
    private static func coldMarketExperiment(
        _ name: String,
        about: String,
        files: [String]
    ) -> String {
        let history =
            "shares: item_id, delimiter: '|', maximum_length: \(historyLength), pooling: mean"
        let lines =
            ["# \(about)", "name: \(name)", "seed: 42", "data:"] + files.map { "  \($0)" }
            + [
                "features:",
                featureLine("item_id", "categorical", "dimension: 16"),
                featureLine("history", "sequence", history),
                "tasks:",
                "  - { name: like, label: like, loss: binary_cross_entropy, metrics: [auc] }",
                "  - { name: rating, label: rating, loss: mean_squared_error, metrics: [rmse] }",
                "model: { architecture: mmoe, experts: 4, expert_units: [32], tower_units: [16] }",
                "training:",
                "  optimizer: { name: adam, learning_rate: 1.0e-3 }",
                "  batch_size: 256",
                "  epochs: 30",
                "  early_stopping: { metric: auc, task: like, patience: 4 }",
            ]
        return lines.joined(separator: "\n") + "\n"
    }
}
