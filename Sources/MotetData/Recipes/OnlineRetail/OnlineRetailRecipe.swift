/// Online Retail: the invoice lines of a British web shop from December 2010 to December 2011.
public struct OnlineRetailRecipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "online_retail",
            title: "Online Retail",
            origin: .addresses(homepage: "https://archive.ics.uci.edu/dataset/352"),
            licence: DatasetLicence("CC BY 4.0", .recalled),
            size: "541,909 invoice lines of 38 countries",
            tasks: [
                "returned (within 30 days)", "buys_again_30d", "spend_30d", "quantity (demand)",
            ],
            scenarios: "customer_type: new, occasional, regular; or country_group",
            layouts: [
                [
                    DatasetFile(
                        "lines",
                        path: "online_retail.csv",
                        address: "https://archive.ics.uci.edu/static/public/352/data.csv"
                    )
                ],
                [DatasetFile("lines", path: "online_retail.csv.gz")],
            ],
            page: "docs/data/online-retail.md"
        )
    }

    /// The days of each part.
    ///
    /// Labels look 30 days ahead, so 30 days before a cut are left out: no
    /// label of a part reaches into the next one.
    static let parts: [(part: RecipePart, days: Range<Int>)] = [
        (.train, day(2011, 1, 1)..<day(2011, 7, 2)),
        (.validation, day(2011, 8, 1)..<day(2011, 9, 1)),
        (.test, day(2011, 10, 1)..<day(2011, 12, 31)),
    ]

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        RetailTime.day(year: year, month: month, day: day)
    }

    /// Repairs the lines, and makes features of the days before a line and labels of those after.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        progress(.note("reading invoice lines"))
        let lines = try RetailLines(files.path("lines"))
        let (table, parts) = try rows(lines)
        var report = DatasetReport(name: card.name, counts: lines.counts)
        report.count(
            "cancelled lines (features and labels only)",
            lines.isCancellation.count { $0 }
        )
        report.count("left out: before 2011, or within 30 days of a cut", parts.count { $0 == nil })
        let folder = try RecipeFolder(output)
        try folder.write(table, parts: parts, &report)
        for label in ["returned", "buys_again_30d"] {
            guard case .integers(let values)? = table[label] else { continue }
            let positive = zip(values, parts).count { $0 == 1 && $1 != nil }
            report.count("\(label) = 1", positive)
        }
        try folder.write(OnlineRetailRecipe.experiment, to: "experiment.yaml")
        report.notes = [
            "features come from the days before a line, labels from that day and the 30 after it"
        ]
        report.files = folder.files
        return report
    }

    /// One row for every line that is no cancellation, and its part.
    func rows(_ lines: RetailLines) throws -> (RecipeTable, [RecipePart?]) {
        var history = RetailHistory(lines)
        let outcomes = RetailOutcomes(lines)
        var numbers = RetailHistory.columns.map { _ in [Float]() }
        var parts: [RecipePart?] = []
        var sold: [Int] = []
        var types = TextNumbers()
        var typeCodes: [Int32] = []
        var start = 0
        while start < lines.count {
            var end = start
            while end < lines.count, lines.day[end] == lines.day[start] { end += 1 }
            for line in start..<end where !lines.isCancellation[line] {
                sold.append(line)
                history.append(line, of: lines, to: &numbers)
                typeCodes.append(
                    types.number(of: history.customerType(Int(lines.customer[line])))
                )
                parts.append(part(lines.day[line], outcomes))
            }
            // The day is remembered only after the rows of the day were made.
            history.absorb(start..<end, of: lines)
            start = end
        }
        var table = keys(lines, sold)
        table.add("customer_type", .texts(types.column(typeCodes)))
        for (name, values) in zip(RetailHistory.columns, numbers) {
            table.add(name, .numbers(values))
        }
        addLabels(lines, outcomes, sold, &table)
        return (table, parts)
    }

    private func part(_ day: Int32, _ outcomes: RetailOutcomes) -> RecipePart? {
        guard outcomes.isComplete(day) else { return nil }
        return OnlineRetailRecipe.parts.first { $0.days.contains(Int(day)) }?.part
    }

    /// What is known of a line when it is ordered.
    private func keys(_ lines: RetailLines, _ sold: [Int]) -> RecipeTable {
        var table = RecipeTable()
        table.add("day", .integers(sold.map { lines.day[$0] }))
        table.add("customer_id", .texts(lines.customers.column(sold.map { lines.customer[$0] })))
        table.add("product_id", .texts(lines.products.column(sold.map { lines.product[$0] })))
        table.add("country", .texts(lines.countries.column(sold.map { lines.country[$0] })))
        var groups = TextNumbers()
        let names = lines.countries.values.map { OnlineRetailRecipe.group($0) }
        let codes = sold.map { groups.number(of: names[Int(lines.country[$0])]) }
        table.add("country_group", .texts(groups.column(codes)))
        table.add("unit_price", .numbers(sold.map { lines.price[$0] }))
        table.add("hour", .integers(sold.map { lines.minute[$0] / 60 }))
        // 1970-01-01 was a Thursday; Monday is 1.
        table.add("weekday", .integers(sold.map { (lines.day[$0] + 3) % 7 + 1 }))
        table.add(
            "month",
            .integers(sold.map { Int32(RetailTime.month(ofDay: Int(lines.day[$0]))) })
        )
        return table
    }

    private func addLabels(
        _ lines: RetailLines,
        _ outcomes: RetailOutcomes,
        _ sold: [Int],
        _ table: inout RecipeTable
    ) {
        table.add("quantity", .numbers(sold.map { lines.quantity[$0] }))
        table.addFlags("returned", sold.map { outcomes.isReturned($0, of: lines) })
        table.addFlags(
            "buys_again_30d",
            sold.map { outcomes.buysAgain(after: lines.day[$0], customer: Int(lines.customer[$0])) }
        )
        table.add(
            "spend_30d",
            .numbers(
                sold.map {
                    Float(outcomes.spend(after: lines.day[$0], customer: Int(lines.customer[$0])))
                }
            )
        )
    }

    static func group(_ country: String) -> String {
        if country == "United Kingdom" { return "united_kingdom" }
        let elsewhere: Set<String> = [
            "Australia", "Bahrain", "Brazil", "Canada", "Hong Kong", "Israel", "Japan", "Lebanon",
            "RSA", "Saudi Arabia", "Singapore", "USA", "United Arab Emirates", "Unspecified",
            "unknown",
        ]
        return elsewhere.contains(country) ? "elsewhere" : "europe"
    }

    private static let experiment: String = {
        var lines = experimentHead(
            "online_retail",
            about: "Online Retail: what becomes of an order line, by kind of customer.",
            scenario: "{ column: customer_type, values: [new, occasional, regular] }"
        )
        for (name, dimension) in [
            ("product_id", 16), ("customer_id", 16), ("country", 4), ("country_group", 4),
            ("hour", 4), ("weekday", 4), ("month", 4),
        ] {
            lines.append(featureLine(name, "categorical", "dimension: \(dimension)"))
        }
        for name in ["unit_price"] + RetailHistory.columns {
            let more = "transform: [log1p, standardise], missing: own_bucket"
            lines.append(featureLine(name, "numeric", more))
        }
        lines += [
            "tasks:",
            "  - { name: returned, label: returned, loss: binary_cross_entropy, metrics: [auc] }",
            "  - { name: buys_again, label: buys_again_30d, loss: binary_cross_entropy, metrics: [auc] }",
            "  - { name: spend, label: spend_30d, loss: poisson, metrics: [wape] }",
            "  - { name: quantity, label: quantity, loss: poisson, metrics: [wape] }",
        ]
        return (lines + experimentTail).joined(separator: "\n") + "\n"
    }()
}
