public import MotetCore
public import MotetData
import MotetGraph
import MotetNN
import Synchronization

/// A trained run that answers rows, from any number of threads at once.
///
/// `motet predict` and the server share it, so both give the same numbers for the same rows.
public final class RunPredictor: Sendable {
    /// The run.
    public let run: TrainedRun
    /// The numbers that weights are multiplied by.
    public let precision: ProductPrecision
    /// The prepared columns the model reads.
    public let columns: Set<String>
    /// The number of scenarios whose rows stand together in a batch; 0 where the model has no towers of
    /// scenarios.
    public let scenarioCount: Int
    /// The names of the tasks, in order.
    public let tasks: [String]
    /// The classes of tasks that have some; a row has a probability for each.
    public let classes: [String: [String]]
    let predictor: Predictor
    /// What answers with curves of demand; nil where no task has any.
    let demand: DemandPredictor?
    /// The most values of lists that are cut, by the symbols of their inputs.
    let valuesPerRow: [SizeSymbol: Int]
    /// The columns of the files that each prepared column is made of.
    let sources: [String: Set<String>]
    /// Predictors that are given some prepared columns once a request, or by a table of items, by what is asked for.
    let variants = Mutex<[VariantKey: Variant]>([:])
    /// How requests are computed, by the columns they bring.
    let programs = Mutex<[RequestProgram]>([])

    /// Freezes the model of a run.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - engine: what runs it.
    ///   - precision: the numbers that weights are multiplied by.
    ///   - idleWorkspaces: how much memory for answers is kept while none is computed; each number of
    ///     rows, to powers of two, has its own.
    /// - Throws: `ExperimentError` where the recorded kernels are damaged, `GraphError` where the
    ///   parameters do not fit, or the processor does not have the precision.
    public init(
        _ run: TrainedRun,
        engine: ExperimentEngine,
        precision: ProductPrecision = .float32,
        idleWorkspaces: Int = 16
    ) throws {
        let links = Dictionary(
            uniqueKeysWithValues: run.experiment.tasks.map { ($0.name, $0.loss.loss.link) }
        )
        let predictor = try Predictor(
            run.model,
            parameters: run.parameters,
            links: links,
            backend: try engine.freeze(precision, run.directory.recordedKernels()),
            idleWorkspaces: idleWorkspaces
        )
        self.run = run
        self.precision = precision
        self.predictor = predictor
        demand = try DemandPredictor(run, engine, precision, idleWorkspaces: idleWorkspaces)
        tasks = run.experiment.tasks.map(\.name)
        var classes: [String: [String]] = [:]
        for task in run.experiment.tasks {
            classes[task.name] = run.experiment.classes(of: task, run.fitted)
        }
        self.classes = classes
        scenarioCount = run.experiment.model.groupsByScenario ? run.fitted.scenarios.count : 0
        var columns = Set(
            predictor.inputs.map { Self.column($0.name) }
                .filter { $0 != BatchInput.scenarioOffsetsName }
        )
        // Probabilities are calibrated by scenario.
        let needsScenario = run.calibration.needsScenarios && run.fitted.schema.scenario != nil
        if scenarioCount > 0 || needsScenario { columns.insert("scenario") }
        var most: [SizeSymbol: Int] = [:]
        for feature in run.fitted.schema.features where feature.kind == .sequence {
            guard let length = feature.maximumLength else { continue }
            most[BatchInput.valueCount(ofColumn: feature.name)] = length
        }
        valuesPerRow = most
        self.columns = columns
        var sources: [String: Set<String>] = [:]
        for feature in run.fitted.schema.features {
            sources[feature.isFloat ? "numeric" : feature.name, default: []].insert(feature.column)
        }
        if let scenario = run.fitted.schema.scenario { sources["scenario"] = [scenario.column] }
        self.sources = sources
    }

    /// The columns of a data set that the answers need, in its order.
    ///
    /// - Parameter dataset: prepared rows.
    /// - Returns: names of columns.
    public func columns(of dataset: PreparedDataset) -> [String] {
        let read = Set(predictor.columns(of: dataset))
        let isCalibrated = run.calibration.needsScenarios
        return dataset.columns.map(\.name).filter {
            read.contains($0) || (isCalibrated && $0 == "scenario")
        }
    }

    /// Answers the rows of a batch.
    ///
    /// - Parameters:
    ///   - batch: a batch of `columns(of:)`, grouped by scenario where `scenarioCount` is not 0.
    ///   - first: the number of the batch's first row in its data.
    /// - Returns: for each task the outputs of the rows in the order of the data, row by row.
    /// - Throws: `GraphError` when the model cannot be compiled for the sizes.
    public func scores(_ batch: BatchBuffer, first: Int = 0) throws -> [String: [Float]] {
        let outputs = try Self.outputs(
            predictor,
            batch,
            first: first,
            valuesPerRow: valuesPerRow
        )
        return calibrated(outputs, Self.scenarios(batch, first: first))
    }

    /// Outputs as the run answers: probabilities brought to where they come true.
    ///
    /// - Parameters:
    ///   - outputs: for each task the model's outputs, row by row.
    ///   - scenarios: the number of each row's scenario, or one for all; nil where that is not known.
    /// - Returns: the answers.
    func calibrated(
        _ outputs: [String: [Float]],
        _ scenarios: @autoclosure () -> [Int32]?
    ) -> [String: [Float]] {
        guard !run.calibration.isEmpty else { return outputs }
        let known = run.calibration.needsScenarios ? scenarios() : nil
        var answers = outputs
        for task in tasks {
            guard var values = answers.removeValue(forKey: task) else { continue }
            run.calibration.apply(to: &values, task, known)
            answers[task] = values
        }
        return answers
    }

    /// The number of each row's scenario, in the order of the data; nil where the batch does not have it.
    static func scenarios(_ batch: BatchBuffer, first: Int = 0) -> [Int32]? {
        guard let index = batch.index(of: "scenario"), batch.rowCount > 0 else { return nil }
        let values = batch.pointer(index).assumingMemoryBound(to: Int32.self)
        var ordered = [Int32](repeating: 0, count: batch.rowCount)
        for position in 0..<batch.rowCount {
            ordered[Int(batch.rows[position]) - first] = values[position]
        }
        return ordered
    }

    /// The outputs of a predictor for a batch, in the order of the data.
    static func outputs(
        _ predictor: Predictor,
        _ batch: BatchBuffer,
        first: Int,
        valuesPerRow: [SizeSymbol: Int]
    ) throws -> [String: [Float]] {
        let positions = predictor.inputs.map { input in batch.index(of: input.name) ?? 0 }
        var outputs: [String: [Float]] = [:]
        try predictor.predict(
            sizes: batch.sizes,
            valuesPerRow: valuesPerRow,
            bind: { UnsafeRawPointer(batch.pointer(positions[$0])) },
            read: { index, values in
                outputs[predictor.outputNames[index]] = inOrder(values, batch, first: first)
            }
        )
        return outputs
    }

    /// Encodes rows as they are, without files.
    ///
    /// - Parameters:
    ///   - rows: the rows, at least one.
    ///   - encoder: what encodes them as the training rows were.
    ///   - place: how a row is called in error sentences.
    /// - Returns: the rows as one batch.
    /// - Throws: `PreparationError` for the first value that cannot be encoded.
    public func batch(
        _ rows: RawRows,
        _ encoder: RowEncoder,
        place: @escaping (Int) -> String = { "row \($0)" }
    ) throws -> BatchBuffer {
        let dataset = try encoder.encode(rows, into: columns, place: place)
        return try dataset.batch(columns(of: dataset), scenarioCount: scenarioCount)
    }

    /// The most likely class of each row.
    ///
    /// - Parameters:
    ///   - outputs: probabilities, `[rows * classes]`.
    ///   - count: the number of classes.
    /// - Returns: for each row the class and its probability; the first of equals.
    public static func mostLikely(
        _ outputs: [Float],
        classes count: Int
    ) -> [(index: Int, probability: Float)] {
        outputs.withUnsafeBufferPointer { outputs in
            stride(from: 0, to: outputs.count, by: max(count, 1)).map {
                mostLikely(outputs, from: $0, classes: count)
            }
        }
    }

    /// The most likely class of the row whose probabilities begin at `start`; the first of equals.
    package static func mostLikely(
        _ outputs: UnsafeBufferPointer<Float>,
        from start: Int,
        classes count: Int
    ) -> (index: Int, probability: Float) {
        var best = start
        for index in start..<(start + count) where outputs[index] > outputs[best] { best = index }
        return (best - start, outputs[best])
    }

    /// Outputs of a batch, whose rows may be sorted by scenario, in the order of the data.
    private static func inOrder(
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

extension Predictor {
    /// The columns of a data set that the model reads, in its order.
    func columns(of dataset: PreparedDataset) -> [String] {
        dataset.columns.map(\.name).filter { column in
            inputs.contains { $0.name == column || $0.name == column + ".values" }
        }
    }
}
