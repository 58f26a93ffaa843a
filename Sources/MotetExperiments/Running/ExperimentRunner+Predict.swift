import Foundation
import MotetCore
public import MotetData
import MotetGraph
import MotetNN
import MotetTraining

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
    public var notes: [String] {
        let taken = scenario.map { scenario in
            scenario.unknown == .nearest
                ? ", taken for \(scenario.nearest ?? "")"
                : ", taken as \(ScenarioSpecification.otherName)"
        }
        let unknown = preparation.unknownValues.filter { $0.changed > 0 }.map { entry in
            guard entry.rule == "scenario", let taken else {
                return
                    "\(entry.rule): \(entry.changed) values outside the vocabulary, taken as unknown"
            }
            return "\(entry.rule): \(entry.changed) values that are no scenario\(taken)"
        }
        let missing = preparation.missingValues.filter { $0.changed > 0 }.map { entry in
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
    /// - Returns: what was read and written.
    /// - Throws: the first mistake as a `ReportableError`.
    public func predict(
        _ path: String,
        files: [String],
        output: String,
        batchSize: Int = 4096
    ) throws -> PredictionResult {
        try TableWriter.checkName(output)
        let run = try TrainedRun(path)
        let session = try engine.start(recordedKernels(run), false)
        let links = Dictionary(
            uniqueKeysWithValues: run.experiment.tasks.map { ($0.name, $0.loss.loss.link) }
        )
        let predictor = try Predictor(
            run.model,
            parameters: run.parameters,
            links: links,
            backend: session.backend
        )
        return try TemporaryFolder.with { folder in
            let prepared = try run.fitted.prepare(
                run.experiment.data.source(files),
                into: folder + "/rows",
                purpose: .prediction,
                progress: { [observer] in observer.preparing($0) }
            )
            let table = PredictionTable(run, prepared)
            let writer = try TableWriter(path: output, columns: table.columns)
            let scenarios =
                run.experiment.model.groupsByScenario ? run.fitted.scenarios.count : 0
            try predictBatches(predictor, prepared.dataset, batchSize, scenarios: scenarios) {
                rows,
                scores in
                try writer.append(try table.values(rows: rows, scores: scores))
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
        scenarios: Int = 0,
        _ write: (Range<Int>, [String: [Float]]) throws -> Void
    ) throws {
        let columns = dataset.columns.map(\.name).filter { column in
            predictor.inputs.contains { input in
                input.name == column || input.name == column + ".values"
            }
        }
        let loader = try BatchLoader(
            dataset,
            columns: columns,
            options: BatchLoaderOptions(
                batchSize: batchSize,
                scenarioColumn: scenarios > 0 ? "scenario" : nil,
                scenarioCount: scenarios
            )
        )
        let positions = predictor.inputs.map { input in
            loader.inputs.firstIndex { $0.name == input.name } ?? 0
        }
        loader.start(epoch: 0)
        var done = 0
        while let batch = try loader.next() {
            var scores: [String: [Float]] = [:]
            try predictor.predict(
                sizes: batch.sizes,
                bind: { UnsafeRawPointer(batch.pointer(positions[$0])) },
                read: { index, values in
                    scores[predictor.outputNames[index]] = inOrder(values, batch, first: done)
                }
            )
            try write(done..<(done + batch.rowCount), scores)
            done += batch.rowCount
        }
    }

    /// Outputs of a batch, whose rows may be sorted by scenario, in the order of the data.
    private func inOrder(
        _ values: UnsafeBufferPointer<Float>,
        _ batch: BatchBuffer,
        first: Int
    ) -> [Float] {
        guard batch.rowCount > 0 else { return [] }
        let width = values.count / batch.rowCount
        var sorted = [Float](repeating: 0, count: values.count)
        for (position, row) in batch.rows.enumerated() {
            for column in 0..<width {
                sorted[(Int(row) - first) * width + column] = values[position * width + column]
            }
        }
        return sorted
    }
}
