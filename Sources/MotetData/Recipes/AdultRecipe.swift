import Foundation

/// Adult: a small extract of the US census of 1994, for smoke tests.
public struct AdultRecipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    /// What the data set is.
    public var card: DatasetCard {
        let base = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/"
        return DatasetCard(
            name: "adult",
            title: "Adult",
            origin: .addresses(homepage: "https://archive.ics.uci.edu/dataset/2"),
            licence: DatasetLicence("CC BY 4.0", .recalled),
            size: "32,561 + 16,281 people, 14 attributes",
            tasks: ["income (over 50,000 dollars)", "married", "long_hours (over 40 a week)"],
            scenarios: "employer: private, government, self_employed, other",
            layouts: [
                [
                    DatasetFile("train", path: "adult.data", address: base + "adult.data"),
                    DatasetFile("test", path: "adult.test", address: base + "adult.test"),
                ],
                [
                    DatasetFile("train", path: "adult.data.gz"),
                    DatasetFile("test", path: "adult.test.gz"),
                ],
            ],
            page: "docs/data/adult.md"
        )
    }

    private static let columns = [
        "age", "workclass", "sampling_weight", "education", "education_years", "marital_status",
        "occupation", "relationship", "race", "sex", "capital_gain", "capital_loss",
        "hours_per_week", "native_country", "income_bracket",
    ]
    private static let whole = ["age", "education_years", "capital_gain", "capital_loss"]
    private static let categories = [
        "workclass", "education", "occupation", "relationship", "race", "sex", "native_country",
    ]

    /// Names the columns, makes the three labels and splits the official training file 90/10.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        let folder = try RecipeFolder(output)
        var report = DatasetReport(name: card.name)
        let train = try table(files.path("train"))
        let split = RowSplit(seed: options.seed, train: 0.9, validation: 0.1).parts(train.rowCount)
        for part in [RecipePart.train, .validation] {
            let rows = split.indices.filter { split[$0] == part }
            try folder.write(train.rows(rows), to: part.rawValue)
            report.count("rows, \(part.rawValue)", rows.count)
        }
        let test = try table(files.path("test"))
        try folder.write(test, to: RecipePart.test.rawValue)
        report.count("rows, test", test.rowCount)
        try folder.write(AdultRecipe.experiment, to: "experiment.yaml")
        report.files = folder.files
        return report
    }

    private func table(_ path: String) throws -> RecipeTable {
        let csv = CSVOptions(
            delimiter: ",",
            quote: nil,
            hasHeader: false,
            columnNames: AdultRecipe.columns,
            trimsSpaces: true,
            // The official test file begins with a line of another kind, `|1x3 Cross validator`.
            skippedLines: AdultRecipe.firstByte(path) == UInt8(ascii: "|") ? 1 : 0
        )
        let original = try OriginalTable(
            TableSource(path, format: .csv, csv: csv),
            texts: AdultRecipe.columns
        )
        // Some copies have a header line; everything was read as text, so it is a row to leave out.
        let rows = (0..<original.rowCount).filter { original.texts("age").text($0) != "age" }
        func texts(_ name: String) -> [String] {
            let column = original.texts(name)
            return rows.map { column.text($0) ?? "" }
        }
        var table = RecipeTable()
        for name in AdultRecipe.whole {
            let values = texts(name).map { Double($0) ?? .nan }
            try table.addWhole(name, values, of: path)
        }
        for name in AdultRecipe.categories {
            var numbers = TextNumbers()
            let codes = texts(name).map { numbers.number(of: $0) }
            table.add(name, .texts(numbers.column(codes)))
        }
        var employers = TextNumbers()
        let codes = texts("workclass").map { employers.number(of: AdultRecipe.employer($0)) }
        table.add("employer", .texts(employers.column(codes)))
        table.addFlags("income", texts("income_bracket").map { $0.hasPrefix(">50K") })
        table.addFlags("married", texts("marital_status").map { $0.hasPrefix("Married") })
        table.addFlags("long_hours", texts("hours_per_week").map { (Double($0) ?? 0) > 40 })
        return table
    }

    private static func firstByte(_ path: String) -> UInt8? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: 1))?.first
    }

    static func employer(_ workclass: String) -> String {
        switch workclass {
        case "Private": "private"
        case "Federal-gov", "Local-gov", "State-gov": "government"
        case "Self-emp-inc", "Self-emp-not-inc": "self_employed"
        default: "other"
        }
    }

    /// The experiment a user can start from: what tells the labels outright is no input.
    private static let experiment: String = {
        var lines = experimentHead(
            "adult",
            about: "Adult: three questions about a person, by kind of employer.",
            scenario: "{ column: employer, values: [private, government, self_employed, other] }"
        )
        lines += whole.map { featureLine($0, "numeric", "transform: [log1p, standardise]") }
        for name in categories where name != "relationship" {
            lines.append(featureLine(name, "categorical", "dimension: 4"))
        }
        lines.append("tasks:")
        lines += ["income", "married", "long_hours"].map {
            "  - { name: \($0), label: \($0), loss: binary_cross_entropy, metrics: [auc] }"
        }
        return (lines + experimentTail).joined(separator: "\n") + "\n"
    }()
}
