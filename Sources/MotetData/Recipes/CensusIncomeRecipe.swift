/// Census-Income (KDD): people of the US Current Population Survey of 1994 and 1995.
///
/// The recipe uses the official *test* file only and splits it 60/20/20, so its figures do not
/// compare with those of papers that train on the official training file.
public struct CensusIncomeRecipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "census_income",
            title: "Census-Income (KDD), the official test file",
            notice: "Only the official test file is used, split anew; figures do not compare with "
                + "those of papers.",
            origin: .addresses(homepage: "https://archive.ics.uci.edu/dataset/117"),
            licence: DatasetLicence("CC BY 4.0", .recalled),
            size: "99,762 people, 40 attributes",
            tasks: ["income (over 50,000 dollars)", "never_married", "college"],
            scenarios: "survey_year: 94, 95",
            layouts: [
                [
                    DatasetFile(
                        "people",
                        path: "census-income.test.gz",
                        address: "https://archive.ics.uci.edu/ml/machine-learning-databases/"
                            + "census-income-mld/census-income.test.gz"
                    )
                ],
                [DatasetFile("people", path: "census-income.test")],
            ],
            page: "docs/data/census-income.md"
        )
    }

    /// What a column of the file is.
    private enum Meaning { case whole, category, weight, label }

    /// The 42 columns in the order of the file.
    ///
    /// The description lists 40 attributes; the instance
    /// weight (number 24 from 0, not counted among them) and the income make 42.
    private static let columns: [(name: String, meaning: Meaning)] = [
        ("age", .whole), ("class_of_worker", .category), ("industry_code", .category),
        ("occupation_code", .category), ("education", .category), ("wage_per_hour", .whole),
        ("enrolled_in_education", .category), ("marital_status", .category),
        ("major_industry", .category), ("major_occupation", .category), ("race", .category),
        ("hispanic_origin", .category), ("sex", .category), ("labor_union", .category),
        ("unemployment_reason", .category), ("employment_status", .category),
        ("capital_gains", .whole), ("capital_losses", .whole), ("dividends", .whole),
        ("tax_filer_status", .category), ("previous_region", .category),
        ("previous_state", .category), ("household_status", .category),
        ("household_summary", .category), ("instance_weight", .weight),
        ("migration_msa", .category), ("migration_region", .category),
        ("migration_within_region", .category), ("same_house_one_year_ago", .category),
        ("migration_sunbelt", .category), ("persons_worked_for_employer", .whole),
        ("parents_present", .category), ("birth_country_father", .category),
        ("birth_country_mother", .category), ("birth_country", .category),
        ("citizenship", .category), ("own_business", .category),
        ("veterans_questionnaire", .category), ("veterans_benefits", .category),
        ("weeks_worked", .whole), ("survey_year", .category), ("income_bracket", .label),
    ]

    /// The levels of education that count as a college degree.
    static let collegeDegrees: Set<String> = [
        "Associates degree-occup /vocational", "Associates degree-academic program",
        "Bachelors degree(BA AB BS)", "Masters degree(MA MS MEng MEd MSW MBA)",
        "Prof school degree (MD DDS DVM LLB JD)", "Doctorate degree(PhD EdD)",
    ]

    /// Names the columns, makes the three labels, leaves the instance weight out and splits.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        let path = try files.path("people")
        let columns = CensusIncomeRecipe.columns
        let csv = CSVOptions(
            delimiter: ",",
            quote: nil,
            hasHeader: false,
            columnNames: columns.map(\.name),
            trimsSpaces: true
        )
        progress(.note("reading \(path)"))
        let original = try OriginalTable(
            TableSource(path, format: .csv, csv: csv),
            numbers: columns.filter { $0.meaning == .whole }.map(\.name),
            texts: columns.filter { $0.meaning == .category || $0.meaning == .label }.map(\.name)
        )
        var table = RecipeTable()
        table.add("row", .integers((0..<original.rowCount).map { Int32($0) }))
        for (name, meaning) in columns {
            switch meaning {
            case .whole: try table.addWhole(name, original.numbers(name), of: path)
            case .category: table.add(name, .texts(original.texts(name)))
            case .weight, .label: continue
            }
        }
        try addLabels(original, path, &table)
        let parts = RowSplit(seed: options.seed).parts(original.rowCount)
        table.addSplit(parts)

        var report = DatasetReport(name: card.name)
        report.count("rows", original.rowCount)
        for label in ["income", "never_married", "college"] {
            guard case .integers(let values)? = table[label] else { continue }
            report.count("\(label) = 1", values.count { $0 == 1 })
        }
        let folder = try RecipeFolder(output)
        try folder.write(table, parts: parts, &report)
        try folder.write(CensusIncomeRecipe.experiment, to: "experiment.yaml")
        report.notes = [card.notice ?? "", "column 24 (from 0), the instance weight, was dropped"]
        report.files = folder.files
        return report
    }

    private func addLabels(
        _ original: OriginalTable,
        _ path: String,
        _ table: inout RecipeTable
    ) throws {
        func flags(_ column: String, _ isPositive: (String) throws -> Bool) rethrows -> [Bool] {
            let texts = original.texts(column)
            let positive = try texts.values.map(isPositive)
            return texts.codes.map { $0 >= 0 && positive[Int($0)] }
        }
        table.addFlags(
            "income",
            try flags("income_bracket") { bracket in
                switch bracket {
                case "50000+.": return true
                case "- 50000.": return false
                default:
                    throw DatasetError(
                        .datasetContent,
                        "\(path): an income of another kind; expected `50000+.` or `- 50000.` in "
                            + "the last column; received `\(bracket)`."
                    )
                }
            }
        )
        table.addFlags("never_married", flags("marital_status") { $0 == "Never married" })
        table.addFlags(
            "college",
            flags("education") { CensusIncomeRecipe.collegeDegrees.contains($0) }
        )
    }

    /// The experiment a user can start from: education and marital status, which two of the labels
    /// are made of, are no inputs.
    private static let experiment: String = {
        let about = "Census-Income: three questions about a person, in two survey years."
        var lines = experimentHead(
            "census_income",
            about: about,
            scenario: "{ column: survey_year, values: ['94', '95'] }"
        )
        for (name, meaning) in columns where !["education", "marital_status"].contains(name) {
            switch meaning {
            case .whole:
                lines.append(featureLine(name, "numeric", "transform: [log1p, standardise]"))
            case .category where name != "survey_year":
                lines.append(featureLine(name, "categorical", "dimension: 4"))
            default: continue
            }
        }
        lines += ["tasks:"]
        lines += ["income", "never_married", "college"].map {
            "  - { name: \($0), label: \($0), loss: binary_cross_entropy, metrics: [auc] }"
        }
        return (lines + experimentTail).joined(separator: "\n") + "\n"
    }()
}
