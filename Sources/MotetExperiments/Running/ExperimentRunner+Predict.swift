import Foundation
public import MotetCore
public import MotetData
import MotetNN

/// What a prediction read and wrote.
public struct PredictionResult: Sendable {
    /// The rows predicted.
    public let rowCount: Int
    /// The columns written.
    public let columns: [String]
    /// What was read; values outside the vocabularies are counted.
    public let preparation: PreparationReport
    /// What becomes of values that are no scenario; nil without scenarios.
    let scenario: ScenarioSpecification?

    /// What was not known or missing, and what it was taken for: a sentence for each feature.
    public var notes: [String] { preparation.notes(scenario) }
}

extension PreparationReport {
    /// What was not known or missing, and what it was taken for: a sentence for each feature.
    ///
    /// - Parameter scenario: what becomes of values that are no scenario; nil without scenarios.
    /// - Returns: the sentences, unknown values first.
    func notes(_ scenario: ScenarioSpecification?) -> [String] {
        let taken = scenario.map { scenario in
            scenario.unknown == .nearest
                ? ", taken for \(scenario.nearest ?? "")"
                : ", taken as \(ScenarioSpecification.otherName)"
        }
        let unknown = unknownValues.filter { $0.changed > 0 }.map { entry in
            guard entry.rule == "scenario", let taken else {
                return
                    "\(entry.rule): \(entry.changed) values outside the vocabulary, taken as unknown"
            }
            return "\(entry.rule): \(entry.changed) values that are no scenario\(taken)"
        }
        let missing = missingValues.filter { $0.changed > 0 }.map { entry in
            let what = entry.rule == "scenario" ? taken ?? "" : ""
            return "\(entry.rule): \(entry.changed) missing values\(what)"
        }
        return unknown + missing
    }
}

extension ExperimentRunner {
    /// Predicts every row of files, and writes the columns to keep beside one column for each task.
    ///
    /// A task with classes gets its most likely class, and `<task>_probability` beside it.
    ///
    /// - Parameters:
    ///   - path: the run directory.
    ///   - files: the files; labels need not be there.
    ///   - output: the file to write, CSV, Parquet or Arrow by its name; it appears whole or not at all.
    ///   - batchSize: rows at a time.
    ///   - precision: the numbers that weights are multiplied by.
    /// - Returns: what was read and written.
    /// - Throws: the first mistake as a `ReportableError`.
    public func predict(
        _ path: String,
        files: [String],
        output: String,
        batchSize: Int = 4096,
        precision: ProductPrecision = .float32
    ) throws -> PredictionResult {
        try TableWriter.checkName(output)
        let run = try TrainedRun(path)
        let predictor = try RunPredictor(run, engine: engine, precision: precision)
        return try TemporaryFolder.with { folder in
            let prepared = try run.fitted.prepare(
                run.experiment.data.source(files),
                into: folder + "/rows",
                purpose: .prediction,
                progress: { [observer] in observer.preparing($0) }
            )
            let table = PredictionTable(run, prepared)
            let writer = try TableWriter(path: output, columns: table.columns)
            let loader = try BatchLoader(
                prepared.dataset,
                columns: predictor.columns(of: prepared.dataset),
                options: BatchLoaderOptions(
                    batchSize: batchSize,
                    scenarioColumn: predictor.scenarioCount > 0 ? "scenario" : nil,
                    scenarioCount: predictor.scenarioCount
                )
            )
            loader.start(epoch: 0)
            var done = 0
            while let batch = try loader.next() {
                let rows = done..<(done + batch.rowCount)
                let scores = try predictor.scores(batch, first: done)
                try writer.append(try table.values(rows: rows, scores: scores))
                done = rows.upperBound
            }
            try writer.finish()
            return PredictionResult(
                rowCount: prepared.dataset.rowCount,
                columns: table.columns.map(\.name),
                preparation: prepared.report,
                scenario: run.experiment.data.scenario
            )
        }
    }

    /// Runs a model over rows in their order.
    func predictBatches(
        _ predictor: Predictor,
        _ dataset: PreparedDataset,
        _ batchSize: Int,
        _ write: (Range<Int>, [String: [Float]]) throws -> Void
    ) throws {
        let loader = try BatchLoader(
            dataset,
            columns: predictor.columns(of: dataset),
            options: BatchLoaderOptions(batchSize: batchSize)
        )
        loader.start(epoch: 0)
        var done = 0
        while let batch = try loader.next() {
            let scores = try RunPredictor.outputs(
                predictor,
                batch,
                first: done,
                valuesPerRow: [:]
            )
            try write(done..<(done + batch.rowCount), scores)
            done += batch.rowCount
        }
    }
}
