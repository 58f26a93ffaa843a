import MotetCore
public import MotetData
import MotetGraph
import MotetNN

/// The part of a run's model that answers with curves of demand.
struct DemandPredictor: Sendable {
    /// A task with a head of demand.
    struct Task: Sendable {
        let name: String
        let price: String
        let reference: Double
        let link: Loss.Link
    }

    let tasks: [Task]
    let predictor: Predictor
    /// The prepared columns it reads.
    let columns: Set<String>

    init?(
        _ run: TrainedRun,
        _ engine: ExperimentEngine,
        _ precision: ProductPrecision,
        idleWorkspaces: Int
    ) throws {
        let experiment = run.experiment
        tasks = experiment.tasks.compactMap { task in
            guard let demand = task.demand,
                let reference = experiment.referencePrice(of: task, run.fitted)
            else { return nil }
            return Task(
                name: task.name,
                price: demand.price,
                reference: reference,
                link: task.loss.loss.link
            )
        }
        guard !tasks.isEmpty else { return nil }
        predictor = try Predictor(
            try experiment.demandModel(run.fitted),
            parameters: run.parameters,
            backend: try engine.freeze(precision, run.directory.recordedKernels()),
            idleWorkspaces: idleWorkspaces
        )
        var columns = Set(
            predictor.inputs.map { RunPredictor.column($0.name) }
                .filter { $0 != BatchInput.scenarioOffsetsName }
        )
        if experiment.model.groupsByScenario { columns.insert("scenario") }
        self.columns = columns
    }
}

extension RunPredictor {
    /// The tasks whose predictions fall with a price, in order.
    public var demandTasks: [String] { demand?.tasks.map(\.name) ?? [] }

    /// The column of the price of a task with a head of demand; nil where it has none.
    public func priceColumn(of task: String) -> String? {
        demand?.tasks.first { $0.name == task }?.price
    }

    /// The curves of rows: what tasks with a head of demand predict at every price, from one run of the model.
    ///
    /// - Parameters:
    ///   - rows: the rows, at least one; they need no price, and one that they have is not looked at.
    ///   - items: the rows of a table of items, if there is one.
    ///   - encoder: what encodes them as the training rows were.
    ///   - place: how a row is called in error sentences.
    /// - Returns: for each task the curve of each row, in order; nothing where no task has a head of demand.
    /// - Throws: `PreparationError` for the first value that cannot be encoded.
    public func demandCurves(
        _ rows: RawRows,
        items: ItemRows? = nil,
        _ encoder: RowEncoder,
        place: @escaping (Int) -> String = { "row \($0)" }
    ) throws -> [String: [DemandCurve]] {
        guard let demand else { return [:] }
        var rows = rows
        for task in demand.tasks { rows.columns[task.price] = .same(.number(task.reference)) }
        for column in items?.table.columns ?? [] where rows.columns[column] == nil {
            rows.columns[column] = items.flatMap { $0.table.values(column, $0.rows) }
        }
        let dataset = try encoder.encode(rows, into: demand.columns, place: place)
        let names = dataset.columns.map(\.name).filter(demand.columns.contains)
        let outputs = try Self.outputs(
            demand.predictor,
            try dataset.batch(names, scenarioCount: scenarioCount),
            first: 0,
            valuesPerRow: valuesPerRow
        )
        var curves: [String: [DemandCurve]] = [:]
        for task in demand.tasks {
            let numbers = outputs[task.name] ?? []
            curves[task.name] = stride(from: 0, to: numbers.count, by: 2).map { start in
                DemandCurve(
                    level: Double(numbers[start]),
                    elasticity: Double(numbers[start + 1]),
                    reference: task.reference,
                    link: task.link
                )
            }
        }
        return curves
    }
}
