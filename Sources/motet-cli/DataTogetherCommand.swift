import ArgumentParser
import Motet

/// `motet data together`.
struct DataTogetherCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "together",
        abstract: "Count which items are bought together, for recommendations.",
        discussion: """
            A row of the log is an item of a basket: an order, a receipt, or all that a user bought. Of each item \
            the others with the greatest score are written: item, other, count (baskets with both), score. \
            docs/serving/candidates.md has the formulas. `motet serve` reads the file (`bought_together`).

              motet data together log.csv --basket order --item sku --output pairs.csv
            """
    )

    @Argument(help: ArgumentHelp("The log: files, folders and patterns.", valueName: "log"))
    var log: [String]

    @Option(help: "The column that names the basket.")
    var basket: String

    @Option(help: "The column that names the item.")
    var item: String

    @Option(help: "The file to write: .csv, .tsv, .parquet, .arrow or .feather.")
    var output: String

    @Option(
        help: """
            How alike two items are: cosine, count or lift.
            """
    )
    var measure = "cosine"

    @Option(help: "How many others are kept of each item.")
    var neighbours = BasketCounts.Rules().neighbours

    @Option(help: "In how many baskets two items must be together.")
    var minimumCount = BasketCounts.Rules().minimumCount

    @Option(help: "Baskets with more different items are passed over.")
    var maximumBasket = BasketCounts.Rules().maximumBasket

    func validate() throws {
        guard BasketCounts.Measure(rawValue: measure) != nil else {
            let known = BasketCounts.Measure.allCases.map(\.rawValue)
            throw ValidationError(
                "'--measure' is unknown; expected one of \(known.joined(separator: ", ")); received "
                    + "\"\(measure)\"."
            )
        }
        for (name, value) in [
            ("neighbours", neighbours), ("minimum-count", minimumCount),
            ("maximum-basket", maximumBasket),
        ] where value < 1 {
            throw ValidationError(
                "'--\(name)' is out of range; expected at least 1; received \(value)."
            )
        }
    }

    func run() throws {
        try TableWriter.checkName(output)
        var rules = BasketCounts.Rules()
        rules.measure = BasketCounts.Measure(rawValue: measure) ?? rules.measure
        rules.neighbours = neighbours
        rules.minimumCount = minimumCount
        rules.maximumBasket = maximumBasket
        var counts = BasketCounts()
        let rows = try counts.add(TableSource(log), basket: basket, item: item)
        let (pairs, report) = counts.pairs(rules)
        try BasketCounts.write(pairs, to: output)
        print(
            "\(rows) rows, \(report.baskets) baskets of \(report.items) items, \(report.passedOver) baskets with more "
                + "than \(maximumBasket) items passed over"
        )
        print("\(report.pairs) pairs written to \(output)")
    }
}
