import MotetCore

/// How files are looked at.
public struct ProfileOptions: Hashable, Sendable {
    /// What may be found out from the first lines of text files, unless the source says it.
    public struct Detection: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: Int

        /// Creates a set from bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// The separator, where the first line has no comma.
        public static let delimiter = Detection(rawValue: 1)
        /// Whether the first line holds names.
        public static let header = Detection(rawValue: 2)
        /// Whether blanks follow the separators.
        public static let spaces = Detection(rawValue: 4)
        /// All of these.
        public static let all: Detection = [.delimiter, .header, .spaces]
    }

    /// The rows to look at, the first ones; nil for all.
    public var rows: Int?
    /// What may be found out from the first lines of text files.
    public var detects: Detection
    /// What is held in memory; nil for the usual limits.
    public var limits: TableProfile.Limits?
    /// The seed of the samples that quantiles of columns with very many values come from.
    public var seed: UInt64

    /// Creates options.
    public init(
        rows: Int? = nil,
        detects: Detection = .all,
        limits: TableProfile.Limits? = nil,
        seed: UInt64 = 42
    ) {
        self.rows = rows
        self.detects = detects
        self.limits = limits
        self.seed = seed
    }
}

extension TableProfile {
    /// Looks at the rows of some files, batch by batch: memory does not grow with their number.
    ///
    /// - Parameters:
    ///   - source: where the files are.
    ///   - options: how many rows to look at, and what may be found out about text files.
    ///   - progress: gets the rows looked at so far.
    /// - Throws: `TableError` where a file is missing, empty or damaged, where files have different
    ///   columns, or where there is no row.
    public init(
        of source: TableSource,
        options: ProfileOptions = ProfileOptions(),
        progress: (Int) -> Void = { _ in }
    ) throws {
        let (source, found) = try source.detected(options.detects)
        let files = try source.resolved()
        let peeked = try source.peek(files)
        try source.checkColumns(files, peeked)
        let profiler = try TableProfiler(source, files, peeked, options)
        try profiler.read(rows: options.rows, progress: progress)
        self = try profiler.profile(of: source, files, peeked, found)
    }
}

/// Reads a table once, handing every column to its profiler.
private final class TableProfiler {
    private let reader: TableReader
    /// A column's profiler in a place of its own, which one thread at a time changes.
    private final class Column {
        var profiler: ColumnProfiler

        init(_ profiler: ColumnProfiler) { self.profiler = profiler }
    }

    private let columns: [Column]
    private let limits: TableProfile.Limits
    private var tally: RowTally
    private var patterns: LabelPatterns
    private var rows = 0
    private var isPartial = false

    init(
        _ source: TableSource,
        _ files: TableFiles,
        _ peeked: [PeekedColumn],
        _ options: ProfileOptions
    ) throws {
        let isText = files.format == .csv
        let requests = peeked.filter { $0.type != nil }
            .map { ColumnRequest($0.name, type: isText ? .string : nil) }
        guard !requests.isEmpty else {
            throw TableError(
                .columnTypeUnsupported,
                "\(files.paths[0]): no column can be read; expected numbers, text, times, booleans "
                    + "or lists of these; received "
                    + peeked.map { "\($0.name) (\($0.typeName))" }.joined(separator: ", ") + "."
            )
        }
        let limits = options.limits ?? .usual(columns: requests.count)
        let key = RandomKey(seed: options.seed)
        reader = try TableReader(
            source,
            columns: requests,
            options: TableReadingOptions(blockBytes: 2 << 20)
        )
        columns = reader.schema.map {
            Column(ColumnProfiler($0, isUntyped: isText, limits: limits, key: key))
        }
        self.limits = limits
        tally = RowTally(bound: limits.rows)
        patterns = LabelPatterns(columns.map(\.profiler.name))
    }

    func read(rows limit: Int?, progress: (Int) -> Void) throws {
        while let batch = try reader.next() {
            let count = min(batch.rowCount, (limit ?? .max) - rows)
            guard count > 0 || batch.rowCount == 0 else {
                isPartial = true
                return
            }
            let columns = columns
            try inParallel(columns.count) {
                columns[$0].profiler.add(batch.columns[$0], rows: count)
            }
            compareRows(count)
            patterns.add(
                hashes: columns.map(\.profiler.hashes),
                distinct: columns.map(\.profiler.table.entries.count),
                rows: count
            )
            rows += count
            progress(rows)
            if count < batch.rowCount {
                isPartial = true
                return
            }
        }
    }

    private func compareRows(_ count: Int) {
        guard tally.isOpen else { return }
        var hashes = [UInt64](repeating: 0, count: count)
        for column in columns {
            column.profiler.hashes.withUnsafeBufferPointer { values in
                for row in 0..<count { hashes[row] = RandomKey.mix(hashes[row] ^ values[row]) }
            }
        }
        tally.add(hashes)
    }

    func profile(
        of source: TableSource,
        _ files: TableFiles,
        _ peeked: [PeekedColumn],
        _ found: [String]
    ) throws -> TableProfile {
        guard rows > 0 else {
            throw TableError(
                .fileEmpty,
                "\(files.paths[0]): no row follows the column names; expected at least one; received "
                    + (files.paths.count == 1 ? "none." : "none in \(files.paths.count) files.")
            )
        }
        let columns = columns.map(\.profiler)
        var profiles = peeked.enumerated().map { index, column in
            guard let profiler = columns.first(where: { $0.name == column.name }) else {
                return ColumnProfile(unsupported: column, rows: rows)
            }
            return profiler.profile(isLast: index == peeked.count - 1)
        }
        profiles.preferNamedLabels()
        profiles.findSharing(columns)
        profiles.findParents(columns, patterns)
        return TableProfile(
            paths: source.paths,
            files: files.paths,
            format: files.format.rawValue,
            csv: files.format == .csv ? .init(source.csv, notes: found) : nil,
            rows: rows,
            isPartial: isPartial,
            duplicates: tally.duplicates,
            duplicatesAmong: tally.rows,
            columns: profiles,
            limits: limits
        )
    }
}

extension TableSource {
    /// Throws where a file has other columns than the first.
    func checkColumns(_ files: TableFiles, _ first: [PeekedColumn]) throws {
        let expected = first.map(\.name)
        for (index, path) in files.paths.enumerated().dropFirst() {
            guard !files.paths[..<index].contains(path) else {
                throw TableError(
                    .tableOption,
                    "\(path): named twice; expected each file once; received it by its name and "
                        + "by its folder or a pattern. Name one of them."
                )
            }
            var single = files
            single.paths = [path]
            let names = try peek(single).map(\.name)
            let lacking = expected.filter { !names.contains($0) }
            let others = names.filter { !expected.contains($0) }
            guard !lacking.isEmpty || !others.isEmpty else { continue }
            func list(_ names: [String]) -> String {
                names.prefix(6).map { "`\($0)`" }.joined(separator: ", ")
                    + (names.count > 6 ? ", ..." : "")
            }
            let differences = [
                lacking.isEmpty ? nil : "a file without \(list(lacking))",
                others.isEmpty
                    ? nil : "\(lacking.isEmpty ? "a file " : "")with \(list(others)) besides",
            ].compactMap { $0 }
            throw TableError(
                .columnNames,
                "\(path): other columns than in \(files.paths[0]); expected \(list(expected)); "
                    + "received \(differences.joined(separator: " and ")). Describe them one by one."
            )
        }
    }
}
