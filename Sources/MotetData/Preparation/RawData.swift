/// All tables being prepared together, with their dictionaries, and a mark for every row.
final class RawData {
    /// One source.
    final class Source {
        let table: RawTable
        /// The part its rows belong to until a split says otherwise.
        let part: DataPart
        /// A part's mark for each row, or `.droppedRow`.
        var marks: [UInt8]

        init(table: RawTable, part: DataPart) {
            self.table = table
            self.part = part
            marks = [UInt8](repeating: part.mark, count: table.rows)
        }

        /// Marks the rows of the table as it is now, all as the source's part.
        func markAnew() {
            marks.removeAll(keepingCapacity: true)
            marks.append(contentsOf: repeatElement(part.mark, count: table.rows))
        }
    }

    let schema: Schema
    let plan: ColumnPlan
    let sources: [Source]
    let dictionaries: [Interner]
    /// Where temporary files may be made.
    let directory: String
    /// Whether rules may drop rows; predictions answer every row.
    let dropsRows: Bool
    /// Whether what rules do is counted; nobody reads it of requests.
    let keepsReport: Bool
    var report = PreparationReport()
    /// The id of every code by feature, where dictionaries are complete; nil makes them when asked.
    var knownIDs: [String: [Int32]]?
    /// The codes of a learned vocabulary in order of its ids, by the feature that owns it.
    var learnedCodes: [String: [Int32]] = [:]

    init(
        schema: Schema,
        plan: ColumnPlan,
        sources: [Source],
        dictionaries: [Interner],
        directory: String,
        dropsRows: Bool,
        keepsReport: Bool = true
    ) {
        self.keepsReport = keepsReport
        self.schema = schema
        self.plan = plan
        self.sources = sources
        self.dictionaries = dictionaries
        self.directory = directory
        self.dropsRows = dropsRows
    }

    /// The dictionary of a column with codes.
    func dictionary(of column: String) -> Interner {
        guard let number = plan.dictionaries[column] else {
            preconditionFailure("column \(column) has no dictionary")
        }
        return dictionaries[number]
    }

    /// The rows of a part and the table they stand in; nil where the part has no row.
    ///
    /// A part comes from one source: a split makes no part that is also given as files.
    func selection(_ part: DataPart) throws -> (table: RawTable, rows: RowSelection)? {
        for source in sources {
            let rows = try RowSelection(source.marks, part: part.mark, directory: directory)
            if rows.count > 0 { return (source.table, rows) }
        }
        return nil
    }

    /// Counts what a rule changed, with an entry for the source's part in any case.
    func record(_ rule: CleaningRule, in source: Source, changed: PartCounts) {
        guard keepsReport else { return }
        for part in DataPart.allCases where changed[part] > 0 || part == source.part {
            record(rule.title, part.rawValue, changed: changed[part])
        }
    }

    /// Drops the rows for which `body` says so, and counts them by part under a rule's name.
    func drop(_ rule: String, in source: Source, _ body: (Int) -> Bool) {
        var dropped: [DataPart: Int] = [:]
        for row in source.marks.indices {
            guard let part = DataPart(mark: source.marks[row]), body(row) else { continue }
            source.marks[row] = .droppedRow
            dropped[part, default: 0] += 1
        }
        for part in DataPart.allCases where dropped[part] != nil || part == source.part {
            record(rule, part.rawValue, dropped: dropped[part] ?? 0)
        }
    }

    /// Counts what a rule did, one entry a rule and part.
    func record(
        _ rule: @autoclosure () -> String,
        _ part: String,
        changed: Int = 0,
        dropped: Int = 0
    ) {
        guard keepsReport else { return }
        let rule = rule()
        if let index = report.rules.firstIndex(where: { $0.rule == rule && $0.part == part }) {
            report.rules[index].changed += changed
            report.rules[index].dropped += dropped
        } else {
            report.add(rule, part, changed: changed, dropped: dropped)
        }
    }
}

/// A number for each part.
struct PartCounts {
    private var training = 0
    private var validation = 0
    private var test = 0

    subscript(part: DataPart) -> Int {
        get {
            switch part {
            case .training: training
            case .validation: validation
            case .test: test
            }
        }
        set {
            switch part {
            case .training: training = newValue
            case .validation: validation = newValue
            case .test: test = newValue
            }
        }
    }
}
