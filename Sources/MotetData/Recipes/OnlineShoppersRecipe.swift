/// Online Shoppers: sessions of a web shop over one year.
public struct OnlineShoppersRecipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "online_shoppers",
            title: "Online Shoppers Purchasing Intention",
            origin: .addresses(homepage: "https://archive.ics.uci.edu/dataset/468"),
            licence: DatasetLicence("CC BY 4.0", .recalled),
            size: "12,330 sessions, 17 attributes",
            tasks: ["purchase", "page_value (above 0)"],
            scenarios: "visitor_type: Returning_Visitor, New_Visitor, Other",
            layouts: [
                [
                    DatasetFile(
                        "sessions",
                        path: "online_shoppers_intention.csv",
                        address: "https://archive.ics.uci.edu/ml/machine-learning-databases/00468/"
                            + "online_shoppers_intention.csv"
                    )
                ],
                [DatasetFile("sessions", path: "online_shoppers_intention.csv.gz")],
            ],
            page: "docs/data/online-shoppers.md"
        )
    }

    private static let numbers = [
        ("Administrative", "administrative_pages"),
        ("Administrative_Duration", "administrative_seconds"),
        ("Informational", "informational_pages"),
        ("Informational_Duration", "informational_seconds"),
        ("ProductRelated", "product_pages"), ("ProductRelated_Duration", "product_seconds"),
        ("BounceRates", "bounce_rate"), ("ExitRates", "exit_rate"),
        ("SpecialDay", "special_day"),
    ]
    private static let categories = [
        ("Month", "month"), ("OperatingSystems", "operating_system"), ("Browser", "browser"),
        ("Region", "region"), ("TrafficType", "traffic_type"), ("VisitorType", "visitor_type"),
        ("Weekend", "weekend"),
    ]

    /// Names the columns, makes the labels and splits 60/20/20.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        let path = try files.path("sessions")
        let original = try OriginalTable(
            TableSource(path, format: .csv),
            numbers: OnlineShoppersRecipe.numbers.map(\.0) + ["PageValues"],
            texts: OnlineShoppersRecipe.categories.map(\.0) + ["Revenue"]
        )
        var report = DatasetReport(name: card.name)
        report.count("rows", original.rowCount)
        var table = RecipeTable()
        table.add("row", .integers((0..<original.rowCount).map { Int32($0) }))
        var unknown = 0
        for (name, column) in OnlineShoppersRecipe.numbers {
            // A duration of -1 stands for one nobody measured.
            let values = original.numbers(name).map { $0 < 0 ? Float.nan : Float($0) }
            unknown += original.numbers(name).count { $0 < 0 }
            table.add(column, .numbers(values))
        }
        for (name, column) in OnlineShoppersRecipe.categories {
            table.add(column, .texts(original.texts(name)))
        }
        let revenue = original.texts("Revenue")
        let isTrue = revenue.values.map { $0.uppercased() == "TRUE" }
        table.addFlags("purchase", revenue.codes.map { $0 >= 0 && isTrue[Int($0)] })
        table.addFlags("page_value", original.numbers("PageValues").map { $0 > 0 })
        let parts = RowSplit(seed: options.seed).parts(original.rowCount)
        table.addSplit(parts)
        report.count("durations of -1, now missing", unknown)
        for label in ["purchase", "page_value"] {
            guard case .integers(let values)? = table[label] else { continue }
            report.count("\(label) = 1", values.count { $0 == 1 })
        }
        let folder = try RecipeFolder(output)
        try folder.write(table, parts: parts, &report)
        try folder.write(OnlineShoppersRecipe.experiment, to: "experiment.yaml")
        report.notes = [
            "the page value is a label only: the shop's analytics computes it from purchases"
        ]
        report.files = folder.files
        return report
    }

    private static let experiment: String = {
        var lines = experimentHead(
            "online_shoppers",
            about: "Online Shoppers: does a session end in a purchase, by kind of visitor?",
            scenario: "{ column: visitor_type, values: [Returning_Visitor, New_Visitor, Other] }"
        )
        for (_, name) in numbers {
            let more = "transform: [log1p, standardise], missing: own_bucket"
            lines.append(featureLine(name, "numeric", more))
        }
        for (_, name) in categories where name != "visitor_type" {
            lines.append(featureLine(name, "categorical", "dimension: 4"))
        }
        lines.append("tasks:")
        lines += ["purchase", "page_value"].map {
            "  - { name: \($0), label: \($0), loss: binary_cross_entropy, metrics: [auc] }"
        }
        return (lines + experimentTail).joined(separator: "\n") + "\n"
    }()
}
