import Foundation

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
    ///   - progress: told how far it is, at most ten times a second.
    /// - Returns: the prepared parts.
    /// - Throws: ``SchemaError`` with all problems of the schema; `TableError` or
    ///   ``PreparationError`` for the first problem of the data. Nothing half-written is left.
    public func prepare(
        _ sources: DataSources,
        progress: ((PreparationProgress) -> Void)? = nil
    ) throws -> PreparedSplits {
        try checkSchema(sources)
        try makeFolder(cacheFolder)
        var book = FingerprintBook(folder: URL(fileURLWithPath: cacheFolder))
        let key = try CacheKey(schema, sources.parts, &book)
        let folder = cacheFolder + "/" + key.name
        if let cached = PreparedFolder(path: folder, key: key.name).splits(fromCache: true) {
            return cached
        }
        let building = cacheFolder + "/.building-" + UUID().uuidString
        try makeFolder(building)
        defer { try? FileManager.default.removeItem(atPath: building) }
        try build(sources, in: building, key, progress)
        try key.checkUnchanged()
        book.save()
        return try publish(building, as: folder, key)
    }

    private func checkSchema(_ sources: DataSources) throws {
        var problems = schema.problems()
        for (part, _) in sources.parts where part != .training && schema.split.makes(part) {
            problems.append(
                "split: it makes a \(part.rawValue) part that is also given as files; expected one "
                    + "of them; received both."
            )
        }
        for (part, source) in sources.parts {
            let columns = try source.columns().map(\.name)
            // What is wrong in all files alike is told once.
            for problem in schema.columnProblems(columns, labelsRequired: true)
            where !problems.contains(problem) {
                problems.append(
                    part == .training ? problem : "\(part.rawValue) files: " + problem
                )
            }
        }
        if !problems.isEmpty { throw SchemaError(problems) }
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
        _ sources: DataSources,
        in folder: String,
        _ key: CacheKey,
        _ progress: ((PreparationProgress) -> Void)?
    ) throws {
        let data = try RawData.read(
            schema,
            sources.parts,
            directory: folder,
            ProgressMeter(.reading, progress)
        )
        let outliers = try data.cleanAndSplit()
        let fitted = try SchemaFitter(data).fitted(outliers: outliers)
        let meter = ProgressMeter(.encoding, progress)
        for part in DataPart.allCases {
            guard let (table, rows) = try data.selection(part) else {
                guard sources.parts.contains(where: { $0.part == part }) else { continue }
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
        data.countRows()
        try PreparedFolder(path: folder, key: key.name).complete(fitted, data.report)
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
