extension RawData {
    /// Reads sources and leaves their raw columns side by side.
    ///
    /// - Parameters:
    ///   - schema: what to read.
    ///   - parts: the sources, after a first look.
    ///   - directory: where temporary files may be made.
    ///   - dropsRows: whether rules may drop rows.
    ///   - optional: columns that may be missing.
    ///   - meter: counts the rows.
    /// - Returns: the raw data.
    /// - Throws: what is wrong with the files.
    static func read(
        _ schema: Schema,
        _ parts: [(part: DataPart, table: PeekedTable)],
        directory: String,
        dropsRows: Bool = true,
        optional: Set<String> = [],
        _ meter: ProgressMeter
    ) throws -> RawData {
        let plan = ColumnPlan(schema)
        let reader = SourceReader(plan: plan, directory: directory)
        var repaired: [[String: Int]] = []
        let sources = try parts.map { part, peeked in
            let before = reader.repairedNumbers()
            let table = try reader.read(peeked, optional: optional) { meter.add($0) }
            repaired.append(
                reader.repairedNumbers().merging(before) { after, before in after - before }
            )
            guard table.rows > 0 else {
                throw PreparationError(
                    "no_rows",
                    "\(peeked.source.paths.joined(separator: ", ")): no row for \(part.rawValue); expected "
                        + "at least one; received a header only."
                )
            }
            return Source(table: table, part: part)
        }
        meter.finish()
        let data = RawData(
            schema: schema,
            plan: plan,
            sources: sources,
            dictionaries: reader.dictionaries,
            directory: directory,
            dropsRows: dropsRows
        )
        data.recordRepairs(repaired)
        return data
    }

    /// Counts repaired numbers; repaired codes are counted when their dictionary is.
    private func recordRepairs(_ repaired: [[String: Int]]) {
        for case .repair(let column, _) in schema.cleaning {
            guard let steps = plan.repairs[column] else { continue }
            let rule = CleaningRule.repair(column: column, steps).title
            for (source, counts) in zip(sources, repaired) {
                guard let changed = counts[column],
                    !report.rules.contains(where: {
                        $0.rule == rule && $0.part == source.part.rawValue
                    })
                else { continue }
                record(rule, source.part.rawValue, changed: changed)
            }
        }
    }

    /// Cleans and splits, learning the limits of outliers from the training rows.
    ///
    /// The order: repairs, duplicates and ranges as declared, infinite and missing numbers, the
    /// split, outliers.
    func cleanAndSplit() throws -> [FittedSchema.OutlierBounds] {
        try repairText()
        try cleanRows()
        try settleInfinities()
        try settleMissing()
        try assignSplit()
        return try fitAndApplyOutliers()
    }

    /// Cleans as it was learnt, without a split.
    func clean(like fitted: FittedSchema) throws {
        try repairText()
        try cleanRows()
        try settleInfinities()
        try settleMissing()
        applyOutliers(fitted.outliers)
    }

    /// Completes the report with the rows of every part.
    func countRows() {
        for part in DataPart.allCases {
            let written = sources.map { source in source.marks.count { $0 == part.mark } }
                .reduce(0, +)
            let own = sources.filter { $0.part == part }
            let dropped = report.rules.filter { $0.part == part.rawValue }.map(\.dropped)
                .reduce(0, +)
            guard written > 0 || !own.isEmpty else { continue }
            report.parts.append(
                .init(
                    part: part.rawValue,
                    read: own.map(\.table.rows).reduce(0, +),
                    dropped: dropped,
                    written: written
                )
            )
        }
    }
}
