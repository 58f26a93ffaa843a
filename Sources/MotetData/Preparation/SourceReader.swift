import Foundation

/// Reads a source once, keeping of each column what the plan asks for.
final class SourceReader {
    /// Encoders that may run at the same time as others: those of one dictionary, or a single one.
    private struct Job {
        var roles: [(role: ColumnPlan.Role, encoder: any ColumnEncoder)]
    }

    private let plan: ColumnPlan
    private let directory: String
    private var jobs: [Job] = []
    private var numberEncoders: [String: NumberEncoder] = [:]
    let dictionaries: [Interner]

    init(plan: ColumnPlan, directory: String) {
        self.plan = plan
        self.directory = directory
        dictionaries = (0..<plan.dictionaryCount).map { _ in Interner() }
        var shared: [Int: Job] = [:]
        for role in plan.roles {
            let encoder = encoder(for: role)
            if role.usesDictionary, let number = plan.dictionaries[role.column] {
                shared[number, default: Job(roles: [])].roles.append((role, encoder))
            } else {
                jobs.append(Job(roles: [(role, encoder)]))
            }
        }
        jobs = shared.keys.sorted().compactMap { shared[$0] } + jobs
    }

    private func encoder(for role: ColumnPlan.Role) -> any ColumnEncoder {
        func dictionary(_ column: String) -> CodeSource.Target {
            .dictionary(dictionaries[plan.dictionaries[column] ?? 0])
        }
        switch role {
        case .number(let column):
            let encoder = NumberEncoder(column: column, repairs: plan.repairs[column] ?? [])
            numberEncoders[column] = encoder
            return encoder
        case .time(let column):
            return NumberEncoder(
                column: column,
                repairs: plan.repairs[column] ?? [],
                readsTimes: true
            )
        case .codes(let column): return CodeEncoder(dictionary(column), column: column)
        case .buckets(let column, let count):
            return CodeEncoder(.buckets(Int32(count)), column: column)
        case .list(let column, let delimiter):
            return ListEncoder(dictionary(column), delimiter: delimiter)
        case .bucketList(_, let delimiter, let count):
            return ListEncoder(.buckets(Int32(count)), delimiter: delimiter)
        }
    }

    /// How many rows' numbers repairs have changed so far, by column.
    func repairedNumbers() -> [String: Int] { numberEncoders.mapValues(\.repaired) }

    /// Reads a source.
    ///
    /// - Parameters:
    ///   - peeked: where it is, and what its columns are.
    ///   - optional: columns that may be missing.
    ///   - progress: gets the number of rows of each batch.
    /// - Returns: the kept columns.
    /// - Throws: what is wrong with the files or a value in them, with its place.
    func read(
        _ peeked: PeekedTable,
        optional: Set<String> = [],
        progress: (Int) -> Void
    ) throws -> RawTable {
        let source = peeked.source
        let known = try peeked.columns()
        let isText = peeked.files.format == .csv
        let requests = self.requests(known, isText: isText)
            .filter { request in
                !optional.contains(request.name) || known.contains { $0.name == request.name }
            }
        let reader = try TableReader(
            peeked,
            columns: requests,
            options: TableReadingOptions(blockBytes: 1 << 19)
        )
        let table = RawTable { file, row in
            let path = reader.files[file]
            // Only text has lines; a Parquet file may look as if it had some.
            if isText, let line = try? source.line(ofRow: row, inFile: path) {
                return "\(path):\(line)"
            }
            return "\(path), row \(row + 1)"
        }
        let read = Set(requests.map(\.name))
        for role in plan.roles where read.contains(role.column) {
            table.columns[role] = column(for: role)
        }
        while let batch = try reader.next() {
            try add(batch, to: table, reader)
            progress(batch.rowCount)
        }
        try table.finish()
        return table
    }

    private func column(for role: ColumnPlan.Role) -> RawTable.Column {
        switch role {
        case .number, .time: .doubles(ScratchArray(directory: directory))
        case .codes, .buckets: .codes(ScratchArray(directory: directory))
        case .list, .bucketList: .lists(RawTable.RawLists(directory: directory))
        }
    }

    private func add(_ batch: RecordBatch, to table: RawTable, _ reader: TableReader) throws {
        guard batch.rowCount > 0 else { return }
        guard table.rows + batch.rowCount <= Int(Int32.max) else {
            throw PreparationError(
                "too_many_rows",
                "\(batch.file): more rows than one part may have; expected at most 2147483647; "
                    + "received more. Split the files into several sources."
            )
        }
        let file = reader.files.firstIndex(of: batch.file) ?? 0
        if table.segments.last?.file != file {
            table.segments.append(
                .init(firstRow: table.rows, file: file, fileRow: batch.firstRow)
            )
        }
        var failures = [UnreadableValue?](repeating: nil, count: jobs.count)
        var columns: [String] = Array(repeating: "", count: jobs.count)
        try failures.withUnsafeMutableBufferPointer { failures in
            try columns.withUnsafeMutableBufferPointer { columns in
                let (failures, columns) = (failures, columns)
                try inParallel(jobs.count) { index in
                    for (role, encoder) in jobs[index].roles {
                        guard let column = table.columns[role] else { continue }
                        let values = try batch.column(role.column)
                        if let failure = try encoder.encode(values, into: column) {
                            failures[index] = failure
                            columns[index] = role.column
                            return
                        }
                    }
                }
            }
        }
        for (index, failure) in failures.enumerated() {
            guard let failure else { continue }
            throw PreparationError(
                "unreadable_value",
                "\(reader.place(ofRow: failure.row, in: batch)), column \"\(columns[index])\": "
                    + failure.problem
            )
        }
        table.rows += batch.rowCount
    }

    /// The columns to read, and the types to read them in.
    ///
    /// Text files have no types of their own: what is only numbered stays
    /// text (`007` is not 7), numbers are read as doubles, and text to be repaired stays text.
    private func requests(_ known: [ColumnDescription], isText: Bool) -> [ColumnRequest] {
        var names: [String] = []
        var numbers: Set<String> = []
        var others: Set<String> = []
        for role in plan.roles {
            if !names.contains(role.column) { names.append(role.column) }
            switch role {
            case .number: numbers.insert(role.column)
            case .time: break
            case .codes, .buckets, .list, .bucketList: others.insert(role.column)
            }
            if case .time = role { numbers.insert(role.column) }
        }
        let types = Dictionary(known.map { ($0.name, $0.type) }) { first, _ in first }
        return names.map { name in
            guard isText, let type = types[name] else { return ColumnRequest(name) }
            if plan.repairs[name] != nil || !numbers.contains(name) {
                var request = ColumnRequest(name, type: .string)
                // The dictionary and the hash take 12 and "12" for one value.
                request.acceptsIntegers = !numbers.contains(name)
                return request
            }
            if type.isNumeric, !others.contains(name) {
                return ColumnRequest(name, type: .float64)
            }
            return ColumnRequest(name)
        }
    }
}
