import Foundation
import MotetCore
public import MotetData
import MotetGraph
import MotetNN
public import MotetRecommenders

/// One side of a trained two-tower run that answers rows in memory, from any number of threads at once.
///
/// `motet vectors` gives the same vectors for the same rows of a file.
public final class TowerPredictor: Sendable {
    /// The columns rows may have: those of the side's features.
    public let columns: [String]
    /// Those of them that are lists.
    public let sequences: [String]
    /// How many numbers a vector has.
    public let dimension: Int
    private let fitted: FittedSchema
    private let encoder: RowEncoder
    private let predictor: Predictor
    private let prepared: Set<String>
    private let valuesPerRow: [SizeSymbol: Int]

    /// Freezes the tower of a side.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - side: whose vectors.
    ///   - engine: what runs it; kernels that the training chose are replayed.
    /// - Throws: `ExperimentError` (`run_mismatch`) when the run has no towers, else what is wrong with it.
    public init(_ run: TrainedRun, side: TwoTower.Side, engine: ExperimentEngine) throws {
        let part = try run.side(side)
        let file = run.directory.kernelsFile
        let kernels =
            FileManager.default.fileExists(atPath: file)
            ? try RunDirectory.kernels(file: file) : [:]
        let session = try engine.start(kernels, false)
        let predictor = try Predictor(
            part.model,
            parameters: run.parameters,
            backend: session.backend
        )
        self.predictor = predictor
        fitted = part.fitted
        encoder = try RowEncoder(part.fitted)
        columns = encoder.columns
        sequences = part.fitted.schema.features.filter { $0.kind == .sequence }.map(\.column)
        dimension = part.dimension
        prepared = Set(
            predictor.inputs.map { input in
                input.name.hasSuffix(".values")
                    ? String(input.name.dropLast(".values".count)) : input.name
            }
        )
        var most: [SizeSymbol: Int] = [:]
        for feature in part.fitted.schema.features where feature.kind == .sequence {
            guard let length = feature.maximumLength else { continue }
            most[BatchInput.valueCount(ofColumn: feature.name)] = length
        }
        valuesPerRow = most
    }

    /// Freezes the tower of users.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - engine: what runs it; kernels that the training chose are replayed.
    /// - Throws: `ExperimentError` (`run_mismatch`) when the run has no towers, else what is wrong with it.
    public convenience init(usersOf run: TrainedRun, engine: ExperimentEngine) throws {
        try self.init(run, side: .user, engine: engine)
    }

    /// The vectors of rows, one after the other.
    ///
    /// - Parameters:
    ///   - rows: the rows, at least one.
    ///   - place: how a row is called in error sentences.
    /// - Returns: `dimension` numbers for each row.
    /// - Throws: `PreparationError` for the first value that cannot be encoded.
    public func vectors(
        _ rows: RawRows,
        place: @escaping (Int) -> String = { "row \($0)" }
    ) throws -> [Float] {
        let dataset = try encoder.encode(rows, into: prepared, place: place)
        let names = dataset.columns.map(\.name).filter { prepared.contains($0) }
        let outputs = try RunPredictor.outputs(
            predictor,
            try dataset.batch(names),
            first: 0,
            valuesPerRow: valuesPerRow
        )
        return outputs["vector"] ?? []
    }

    /// Compiles the tower for single rows, so that no request waits for it.
    ///
    /// - Throws: where it cannot be compiled.
    public func warm() throws { _ = try vectors(fitted.acceptedRows(1)) }
}
