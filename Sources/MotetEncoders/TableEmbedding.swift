import MotetCore
public import MotetData
public import MotetGraph

/// Embeds a column of texts of a table, and writes the vectors beside other columns.
///
/// The output has one row for each row of the input, in its order: the columns to keep, then
/// `embedding_0`, `embedding_1`, ... A text that occurs again, or was embedded before with the same encoder, is
/// not computed twice.
public struct TableEmbedding: Sendable {
    /// What was read and done.
    public struct Report: Sendable, Hashable {
        /// The rows written.
        public var rows = 0
        /// The rows whose text was missing or empty; they get the vector of an empty text.
        public var empty = 0
        /// The rows whose text was cut off because it had too many pieces.
        public var truncated = 0
        /// The texts computed.
        public var computed = 0
        /// Whether the work was stopped; nothing is written then.
        public var isStopped = false
    }

    /// The table.
    public var source: TableSource
    /// The column of the texts.
    public var textColumn: String
    /// The file to write, by its name CSV, Parquet or Arrow.
    public var output: String
    /// The columns to write beside the vectors; nil for all that can be written.
    public var kept: [String]?
    /// The most pieces of a text, `[CLS]` and `[SEP]` included; nil for the encoder's own.
    public var maximumLength: Int?
    /// The folder that keeps vectors between runs; nil for none.
    public var cacheFolder: String?

    /// Creates a job.
    public init(source: TableSource, textColumn: String, output: String) {
        self.source = source
        self.textColumn = textColumn
        self.output = output
    }

    /// Does the job.
    ///
    /// - Parameters:
    ///   - encoder: the encoder.
    ///   - backend: what runs it.
    ///   - isStopped: asked between batches whether to give up.
    ///   - progress: told how many rows of how many are done.
    /// - Returns: what was done.
    /// - Throws: the first mistake as a `ReportableError`; nothing half-written is left.
    public func run(
        _ encoder: PretrainedEncoder,
        backend: any Backend,
        isStopped: () -> Bool = { false },
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> Report {
        try TableWriter.checkName(output)
        let length = try checkedLength(encoder)
        var columns = try EmbeddedColumns(source, text: textColumn, kept: kept)
        let texts = TextVectors(
            SentenceEmbedder(encoder, backend: backend),
            try cacheFolder.map { folder in
                try EmbeddingCache(
                    folder: folder,
                    encoder: encoder.identity,
                    width: encoder.configuration.width
                )
            },
            maximumLength: length
        )
        let total = try columns.countRows()
        let writer = try TableWriter(
            path: output,
            columns: columns.descriptions + texts.descriptions
        )
        let reader = try columns.reader()
        var report = Report()
        while let batch = try reader.next() {
            for start in stride(from: 0, to: batch.rowCount, by: TextVectors.rowsAtOnce) {
                let rows = start..<min(start + TextVectors.rowsAtOnce, batch.rowCount)
                let column = try batch.column(textColumn)
                let given = rows.map { column.text(at: $0) ?? "" }
                let done = report.rows
                let vectors = try texts.vectors(given, &report) { rows in
                    progress(done + rows, total)
                    return isStopped()
                }
                guard let vectors else {
                    report.isStopped = true
                    return report
                }
                try writer.append(columns.values(batch, rows) + texts.columns(vectors))
                report.rows += rows.count
            }
        }
        try writer.finish()
        return report
    }

    private func checkedLength(_ encoder: PretrainedEncoder) throws(EncoderError) -> Int {
        guard let maximumLength else { return encoder.maximumLength }
        let limit = encoder.configuration.maximumPositions
        guard (2...limit).contains(maximumLength) else {
            throw EncoderError(
                .encoderOption,
                "embedding: the maximum length is out of range; expected from 2 to \(limit), the positions of the encoder; received \(maximumLength)."
            )
        }
        return maximumLength
    }
}
