import MotetCore
public import MotetData
import MotetNN
public import MotetRecommenders

/// What vectors are made of, and where they go.
public struct VectorsRequest: Hashable, Sendable {
    /// The run directory.
    public var run: String
    /// Whose vectors.
    public var side: TwoTower.Side
    /// The files; they need the columns of the side only.
    public var files: [String]
    /// The file to write, CSV, Parquet or Arrow by its name.
    public var output: String
    /// The column that names the rows; nil for that of the item's id, or of the groups of users.
    public var id: String?
    /// Rows at a time.
    public var batchSize = 4096

    /// Creates a request.
    public init(
        run: String,
        side: TwoTower.Side,
        files: [String],
        output: String,
        id: String? = nil
    ) {
        self.run = run
        self.side = side
        self.files = files
        self.output = output
        self.id = id
    }
}

/// The vectors made.
public struct VectorsResult: Sendable {
    /// How many.
    public let rowCount: Int
    /// How many numbers each has.
    public let dimension: Int
    /// The column beside them.
    public let id: String
    /// What was read; values outside the vocabularies are counted.
    public let preparation: PreparationReport

    /// What was not known or missing: a sentence for each feature.
    public var notes: [String] { preparation.notes(nil) }
}

extension ExperimentRunner {
    /// Writes the vector of every row of files: the column that names the row, then `vector_0`, `vector_1`, ...
    ///
    /// Rows keep their order. They are prepared as in training, with the vocabularies and statistics of the run,
    /// on disk, and go through the tower batch by batch: memory does not grow with the files but for the names.
    ///
    /// - Parameter request: what vectors are made of, and where they go.
    /// - Returns: what was read and written; the file appears whole or not at all.
    /// - Throws: the first mistake as a `ReportableError`.
    public func vectors(_ request: VectorsRequest) throws -> VectorsResult {
        try TableWriter.checkName(request.output)
        let run = try TrainedRun(request.run)
        guard let id = try request.id ?? run.column(naming: request.side) else {
            throw ExperimentError(
                .runMismatch,
                "vectors: nothing names the rows of users; expected a column, or `data.group` in the "
                    + "configuration of the run; received neither. Name one by `--id`."
            )
        }
        let side = try run.side(request.side, keep: [id])
        let session = try engine.start(run.directory.recordedKernels(), false)
        let predictor = try Predictor(
            side.model,
            parameters: run.parameters,
            backend: session.backend
        )
        return try TemporaryFolder.with { folder in
            let prepared = try side.fitted.prepare(
                run.experiment.data.source(request.files),
                into: folder + "/rows",
                purpose: .prediction,
                progress: { [observer] in observer.preparing($0) }
            )
            let texts = prepared.kept[id]?.values ?? []
            let columns =
                [ColumnDescription(name: id, type: .string)]
                + (0..<side.dimension).map {
                    ColumnDescription(name: "vector_\($0)", type: .float32)
                }
            let writer = try TableWriter(
                path: request.output,
                columns: columns,
                spread: Set(columns.map(\.name))
            )
            try predictBatches(predictor, prepared.dataset, request.batchSize) { rows, made in
                let places = try prepared.dataset.withIntegers("keep/" + id) { Array($0[rows]) }
                let names = places.map { place in
                    texts.indices.contains(Int(place)) ? texts[Int(place)] : nil
                }
                let numbers = made["vector"] ?? []
                try writer.append(
                    [.string(names)] + byColumn(numbers, width: side.dimension)
                )
            }
            try writer.finish()
            return VectorsResult(
                rowCount: prepared.dataset.rowCount,
                dimension: side.dimension,
                id: id,
                preparation: prepared.report
            )
        }
    }

    /// Rows of numbers as columns.
    private func byColumn(_ numbers: [Float], width: Int) -> [TableValues] {
        (0..<width).map { column in
            .float32(stride(from: column, to: numbers.count, by: width).map { numbers[$0] })
        }
    }
}
