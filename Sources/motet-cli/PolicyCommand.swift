import ArgumentParser
import Motet

/// `motet policy`.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Say what another policy of decisions would have brought.",
        discussion: """
              motet policy evaluate prices --outcomes sold.csv --candidate best
            """,
        subcommands: [PolicyEvaluateCommand.self]
    )
}

/// `motet policy evaluate`.
struct PolicyEvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Evaluate other prices on a log of prices and of what they sold.",
        discussion: """
            LOG is the journal of `POST /v1/price`: files of JSON lines, and folders of them. The outcomes say how many \
            units each decision sold: a table (CSV, Parquet, Arrow) or JSON lines with `decision` and `units`. The \
            candidate is `best` (the best price without exploration), `present` (no change), or a table or JSON \
            lines with `item` and `price`, or with `decision`, `price` and `probability`. docs/serving/policies.md has \
            the formulas, and what makes the values wrong.

              motet policy evaluate prices --outcomes sold.csv --candidate best
              motet policy evaluate log --outcomes sold.csv --candidate new.csv --limit 20
              motet policy evaluate log --outcomes sold.csv --candidate best --format json
            """
    )

    /// How the report is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, markdown
    }

    @Argument(help: ArgumentHelp("Logged prices: files, and folders of them.", valueName: "log"))
    var log: [String]

    @Option(help: "The file with the units of each decision.")
    var outcomes: String

    @Option(help: "The other policy: best, present, or a file.")
    var candidate: String

    @Option(help: "The greatest weight of a decision, 1 or more. Default: none.")
    var limit: Double?

    @Option(help: "How the report is printed: table, json or markdown.")
    var format: Format = .table

    func validate() throws {
        if let limit, !(limit >= 1 && limit.isFinite) {
            throw ValidationError(
                "'--limit' is out of range; expected a number from 1; received \(limit)."
            )
        }
    }

    func run() throws {
        let report = try PriceEvaluationRequest(
            log: log,
            outcomes: outcomes,
            candidate: candidate,
            limit: limit
        ).evaluate()
        switch format {
        case .json: print(try report.json())
        case .markdown: print(report.markdown(), terminator: "")
        case .table: print(report.plain(), terminator: "")
        }
    }
}
