extension BadInput {
    private static func counting(_ more: String...) -> [String] {
        ["data", "together", "log.csv", "--basket", "order", "--item", "product"] + more
    }

    private static let log: @Sendable (Shop) throws -> Void = {
        try $0.write("log.csv", "order,product\n1,a\n1,b\n2,a\n2,b\n")
    }

    /// Baskets that cannot be counted.
    static let together: [BadInput] = [
        BadInput(
            "log of baskets that is not there",
            counting("--output", "together.csv"),
            says: "log.csv: no such file; expected a table to read. Check the path."
        ),
        BadInput(
            "file of pairs whose name tells no format",
            counting("--output", "together"),
            says:
                "together: format is unknown or cannot be written; expected a name that ends in .csv, .tsv, "
                + ".parquet, .arrow or .feather.",
            log
        ),
        BadInput(
            "log of baskets without the column",
            counting("--output", "together.csv"),
            says:
                "log.csv, column \"product\": no such column; expected one of order, produce. Did you mean "
                + "`produce`?"
        ) { try $0.write("log.csv", "order,produce\n1,a\n") },
        BadInput(
            "measure of likeness that is not known",
            counting("--output", "together.csv", "--measure", "jaccard"),
            status: 2,
            says:
                "Error: '--measure' is unknown; expected one of count, cosine, lift; received \"jaccard\".\n...",
            log
        ),
    ]
}
