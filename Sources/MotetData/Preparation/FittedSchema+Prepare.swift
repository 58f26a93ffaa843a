import Foundation

/// What new rows are prepared for.
public enum PreparationPurpose: Hashable, Sendable {
    /// To measure a model: rules drop rows as in training; labels, weights and groups are encoded
    /// where the files have them.
    case evaluation
    /// To predict: every row is kept, in order. Where training would have dropped a row for a
    /// missing value, the value is encoded as unknown, or as 0 after the transforms.
    case prediction
}

/// New rows prepared with a fitted schema.
public struct PreparedRows: Sendable {
    /// The rows.
    public let dataset: PreparedDataset
    /// What was read, changed, dropped and written; values outside the vocabulary are counted.
    public let report: PreparationReport
    /// The texts of the schema's `keep` columns, by column: a value of `keep/<column>` is an index
    /// into them, -1 a missing text.
    public let kept: [String: Vocabulary]
}

extension FittedSchema {
    /// Prepares new files as the training files were, learning nothing.
    ///
    /// Values outside a vocabulary become unknown (id 0) and are counted.
    ///
    /// - Parameters:
    ///   - source: the files.
    ///   - folder: where the prepared rows are written; replaced if it is there.
    ///   - purpose: what they are for.
    ///   - progress: told how far it is, at most ten times a second.
    /// - Returns: the prepared rows.
    /// - Throws: ``SchemaError`` for missing columns; `TableError` or ``PreparationError`` for the
    ///   first problem of the data. Nothing half-written is left.
    public func prepare(
        _ source: TableSource,
        into folder: String,
        purpose: PreparationPurpose = .evaluation,
        progress: ((PreparationProgress) -> Void)? = nil
    ) throws -> PreparedRows {
        let peeked = try PeekedTable(source)
        let columns = try peeked.columns().map(\.name)
        let problems = schema.columnProblems(columns, labelsRequired: false)
        if !problems.isEmpty { throw SchemaError(problems) }
        let scratch = (folder as NSString).deletingLastPathComponent
        let scratchFolder = scratch.isEmpty ? "." : scratch
        try FileManager.default.createDirectory(
            atPath: scratchFolder,
            withIntermediateDirectories: true
        )
        let data = try RawData.read(
            asGiven,
            [(.test, peeked)],
            directory: scratchFolder,
            dropsRows: purpose == .evaluation,
            optional: optionalColumns,
            ProgressMeter(.reading, progress)
        )
        try data.clean(like: self)
        guard let (table, rows) = try data.selection(.test) else {
            throw Preparer.nothingLeft(.test)
        }
        let meter = ProgressMeter(.encoding, progress)
        let context = PartContext(part: .test, table: table, rows: rows, data: data, fitted: self)
        let part = try PreparedPart(context, path: folder, contentKey: contentHash, meter)
        meter.finish()
        part.encoding.note(in: &data.report)
        data.countRows()
        return PreparedRows(dataset: part.dataset, report: data.report, kept: part.kept)
    }

    /// Columns that new files may lack: those of labels, weights, groups, splits and cleaning, as far
    /// as nothing else needs them.
    private var optionalColumns: Set<String> {
        var optional = Set(schema.labels.map(\.column))
        optional.formUnion(
            [schema.sampleWeight, schema.group, schema.split.column].compactMap { $0 }
        )
        optional.formUnion(schema.cleaning.flatMap(\.columns))
        optional.subtract(schema.features.map(\.column))
        optional.subtract(schema.keep)
        if let scenario = schema.scenario { optional.remove(scenario.column) }
        return optional
    }

    /// The schema without a split.
    private var asGiven: Schema {
        var given = schema
        given.split = .given
        return given
    }
}
