import Foundation
import Synchronization

/// Turns files into data ready for training, as a schema says.
///
/// Files are parsed once: their columns are kept as numbers and codes, in memory while they are
/// small and else in unnamed files, until the whole of the training part was seen; then they are
/// encoded. Prepared data is kept in a cache, in a folder named after the content of the files, the
/// schema and the format; it is used again only when all of these are the same and its files are as
/// they were written.
public struct Preparer: Sendable {
    /// What the columns mean.
    public let schema: Schema
    /// Where prepared data is kept.
    public let cacheFolder: String

    /// Creates a preparer.
    ///
    /// - Parameters:
    ///   - schema: what the columns mean.
    ///   - cacheFolder: where prepared data is kept; made if it is not there.
    public init(schema: Schema, cacheFolder: String) {
        self.schema = schema
        self.cacheFolder = cacheFolder
    }

    /// Prepares files, or finds them prepared.
    ///
    /// - Parameters:
    ///   - sources: the files.
    ///   - fitted: what was learnt from other training rows, whose schema is this preparer's; nil learns
    ///     from these.
    ///   - progress: told how far it is, at most ten times a second.
    /// - Returns: the prepared parts.
    /// - Throws: ``SchemaError`` with all problems of the schema; `TableError` or
    ///   ``PreparationError`` for the first problem of the data. Nothing half-written is left.
    public func prepare(
        _ sources: DataSources,
        like fitted: FittedSchema? = nil,
        progress: ((PreparationProgress) -> Void)? = nil
    ) throws -> PreparedSplits {
        var (tables, book) = try look(at: sources)
        try makeFolder(cacheFolder)
        let key = try CacheKey(schema, tables, like: fitted, &book)
        let folder = cacheFolder + "/" + key.name
        if let cached = PreparedFolder(path: folder, key: key.name).splits(fromCache: true) {
            return cached
        }
        let building = cacheFolder + "/.building-" + UUID().uuidString
        try makeFolder(building)
        defer { try? FileManager.default.removeItem(atPath: building) }
        try build(tables, like: fitted, in: building, key, progress)
        try key.checkUnchanged()
        book.save()
        return try publish(building, as: folder, key)
    }

    /// Checks the schema and, meanwhile, reads the files for their fingerprints.
    private func look(
        at sources: DataSources
    ) throws -> ([(part: DataPart, table: PeekedTable)], FingerprintBook) {
        var tables: [(part: DataPart, table: PeekedTable)] = []
        var book = FingerprintBook(folder: URL(fileURLWithPath: cacheFolder))
        let isWrong = Atomic(false)
        // The pieces have a variable each.
        try withUnsafeMutablePointer(to: &tables) { tables in
            try withUnsafeMutablePointer(to: &book) { book in
                try waitingInParallel(2) { piece in
                    if piece == 0 {
                        do { tables.pointee = try checkSchema(sources) } catch {
                            isWrong.store(true, ordering: .relaxed)
                            throw error
                        }
                    } else {
                        for path in try sources.parts.flatMap({ try $0.source.resolved().paths }) {
                            _ = try book.pointee.fingerprint(of: path) {
                                isWrong.load(ordering: .relaxed)
                            }
                        }
                    }
                }
            }
        }
        return (tables, book)
    }

    /// Looks at the files, and throws all that is wrong with the schema for them.
    private func checkSchema(
        _ sources: DataSources
    ) throws -> [(part: DataPart, table: PeekedTable)] {
        var problems = schema.problems()
        for (part, _) in sources.parts where part != .training && schema.split.makes(part) {
            problems.append(
                "split: it makes a \(part.rawValue) part that is also given as files; expected one "
                    + "of them; received both."
            )
        }
        let tables = try sources.parts.map { ($0.part, try PeekedTable($0.source)) }
        for (part, table) in tables {
            let columns = try table.columns().map(\.name)
            // What is wrong in all files alike is told once.
            for problem in schema.columnProblems(columns, labelsRequired: true)
            where !problems.contains(problem) {
                problems.append(
                    part == .training ? problem : "\(part.rawValue) files: " + problem
                )
            }
        }
        if !problems.isEmpty { throw SchemaError(problems) }
        return tables
    }

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
        } catch {
            throw PreparationError(
                "cannot_write",
                "cache folder \"\(path)\": it cannot be made; expected a place to write to; "
                    + "received \"\(SystemReason.text(of: error))\". Choose another cache folder."
            )
        }
    }

    private func build(
        _ tables: [(part: DataPart, table: PeekedTable)],
        like known: FittedSchema?,
        in folder: String,
        _ key: CacheKey,
        _ progress: ((PreparationProgress) -> Void)?
    ) throws {
        let data = try RawData.read(
            schema,
            tables,
            directory: folder,
            ProgressMeter(.reading, progress)
        )
        let fitted: FittedSchema
        if let known {
            try data.clean(like: known)
            fitted = known
        } else {
            let outliers = try data.cleanAndSplit()
            fitted = try SchemaFitter(data).fitted(outliers: outliers)
        }
        let target = PreparedFolder(path: folder, key: key.name)
        // What was learnt is written, which is waiting for the disk, while the rows are encoded.
        try waitingInParallel(2) { piece in
            if piece == 0 {
                try encode(
                    tables,
                    data,
                    fitted,
                    in: folder,
                    key,
                    ProgressMeter(.encoding, progress)
                )
            } else {
                try target.save(fitted)
            }
        }
        data.countRows()
        try target.complete(data.report)
    }

    private func encode(
        _ tables: [(part: DataPart, table: PeekedTable)],
        _ data: RawData,
        _ fitted: FittedSchema,
        in folder: String,
        _ key: CacheKey,
        _ meter: ProgressMeter
    ) throws {
        for part in DataPart.allCases {
            guard let (table, rows) = try data.selection(part) else {
                guard tables.contains(where: { $0.part == part }) else { continue }
                throw Self.nothingLeft(part)
            }
            let context = PartContext(
                part: part,
                table: table,
                rows: rows,
                data: data,
                fitted: fitted
            )
            let prepared = try PreparedPart(
                context,
                path: folder + "/" + part.rawValue,
                contentKey: key.name,
                meter
            )
            prepared.encoding.note(in: &data.report)
            guard part == .training else { continue }
            for case let label as LabelOutput in prepared.encoding.outputs {
                if let error = label.noPositive() { throw error }
            }
        }
        meter.finish()
    }

    static func nothingLeft(_ part: DataPart) -> PreparationError {
        PreparationError(
            "no_rows",
            "preparation: no row is left for \(part.rawValue); expected at least one; received 0. "
                + "Check the cleaning rules, which drop rows there too."
        )
    }

    /// Gives a finished folder its name; another process may have been faster with the same data.
    private func publish(
        _ building: String,
        as folder: String,
        _ key: CacheKey
    ) throws -> PreparedSplits {
        let target = PreparedFolder(path: folder, key: key.name)
        if rename(building, folder) != 0 {
            if let theirs = target.splits(fromCache: true) { return theirs }
            // What is there is damaged, or the rename would have met nothing.
            let old = building + "-old"
            _ = rename(folder, old)
            defer { try? FileManager.default.removeItem(atPath: old) }
            guard rename(building, folder) == 0 else {
                throw PreparationError(
                    "cannot_write",
                    "cache folder \"\(folder)\": prepared data cannot be moved there; expected the "
                        + "right to write; received \"\(String(cString: strerror(errno)))\"."
                )
            }
        }
        guard let splits = target.splits(fromCache: false) else {
            throw PreparationError(
                "damaged_file",
                "cache folder \"\(folder)\": prepared data changed while it was finished; expected "
                    + "the files as they were written. Prepare the data again."
            )
        }
        return splits
    }
}
