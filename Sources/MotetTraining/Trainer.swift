public import MotetCore
public import MotetData
public import MotetGraph
public import MotetMetrics
public import MotetMultiTask
public import MotetNN
public import MotetOptimizers

/// A model made ready to learn: its parameters, optimizer and tasks.
///
/// A trainer has one owner. The parameters change in `fit` and stay between calls, so that training may go
/// on, be evaluated, or start from another model's parameters.
public final class Trainer {
    /// The column of the sample weights in prepared data.
    public static let sampleWeightColumn = "weight"
    /// The model.
    public let model: Model
    /// How the losses of tasks become one number.
    public let weighting: LossWeighting
    /// How the gradients of tasks become one direction in what they share; nil where they are added up.
    public let aggregation: GradientAggregation?
    let tasks: TaskList
    let states: StateStore
    let optimizer: Optimizer
    let backend: any Backend
    let key: RandomKey
    let usesSampleWeight: Bool
    let program: TrainingProgram
    let evaluator: Evaluator

    /// Makes a model ready to learn.
    ///
    /// - Parameters:
    ///   - model: what is trained.
    ///   - optimizer: how parameters follow their gradients.
    ///   - tasks: for outputs of the model, what they want.
    ///   - weighting: how their losses become one number.
    ///   - aggregation: how their gradients become one direction in what they share; nil for the sum, which is that
    ///     of the number.
    ///   - seed: the seed of initial values, the order of rows, and dropout.
    ///   - usesSampleWeight: whether the column `weight` weighs rows in losses and metrics.
    ///   - backend: what runs the programs.
    /// - Throws: `TrainingError` when tasks and model do not fit or nothing is shared that gradients could be
    ///   compared at, `GraphError` when a loss and its output do not fit.
    public init(
        _ model: Model,
        optimizer: Optimizer,
        tasks: [NamedTask],
        weighting: LossWeighting = .fixed,
        aggregation: GradientAggregation? = nil,
        seed: UInt64,
        usesSampleWeight: Bool = false,
        backend: any Backend
    ) throws {
        self.model = model
        self.optimizer = optimizer
        self.weighting = weighting
        self.aggregation = aggregation
        self.backend = backend
        self.usesSampleWeight = usesSampleWeight
        key = RandomKey(seed: seed)
        self.tasks = try TaskList(tasks, model)
        program = try Trainer.program(
            model,
            self.tasks,
            optimizer: optimizer,
            weighting: weighting,
            aggregation: aggregation,
            usesSampleWeight: usesSampleWeight,
            key: key
        )
        evaluator = try Evaluator(model, self.tasks, usesSampleWeight: usesSampleWeight)
        states = StateStore()
        let parameterKey = key.split("parameters")
        for parameter in model.parameters {
            states.set(
                parameter.name,
                parameter.initializer.tensor(
                    shape: parameter.shape,
                    key: parameterKey.split(parameter.name)
                )
            )
        }
        for name in weightingStates {
            states.set(name, Tensor([firstWeightingState], shape: []))
        }
        if let aggregation = aggregation ?? weighting.aggregation {
            let size = aggregation.stateCount(tasks: self.tasks.tasks.count) + 1
            states.set(CombinedGradients.stateName, Tensor(zeros: [size]))
        }
        if case .famo = weighting.kind {
            let size = FamoState.size(tasks: self.tasks.tasks.count)
            states.set(FamoState.name, Tensor(zeros: [size]))
        }
        for slot in program.aggregationSlots {
            states.set(slot.name, Tensor(zeros: slot.shape))
        }
        for slot in program.slots {
            states.set(slot.name, Tensor(zeros: slot.shape))
        }
    }

    /// The states of a weighting.
    var weightingStates: [String] {
        weighting.hasTaskStates ? tasks.tasks.map { LossSum.stateName($0.name) } : []
    }

    /// The parameters as they are now; setting them keeps the optimizer's states.
    public var parameters: ParameterStore {
        get {
            var store = ParameterStore()
            for parameter in model.parameters {
                store[parameter.name] = states.tensor(parameter.name)
            }
            return store
        }
        set {
            for parameter in model.parameters {
                if let tensor = newValue[parameter.name], tensor.shape == parameter.shape {
                    states.set(parameter.name, tensor)
                }
            }
        }
    }

    /// Labels and predictions of every task, on the rows it is defined on.
    ///
    /// - Parameters:
    ///   - data: prepared rows with labels.
    ///   - batchSize: rows at a time.
    /// - Returns: for each task its observations, for metrics and intervals.
    /// - Throws: `TrainingError` when the data do not fit the model.
    public func evaluate(
        _ data: PreparedDataset,
        batchSize: Int = 4096
    ) throws -> [TaskObservations] {
        try evaluate(data, batchSize: batchSize, tasks: Array(tasks.tasks.indices))
    }

    /// Labels and predictions of some tasks, on the rows they are defined on.
    ///
    /// - Parameters:
    ///   - data: prepared rows with the labels of these tasks.
    ///   - names: the tasks; nil for all.
    ///   - batchSize: rows at a time.
    /// - Returns: for each task its observations, in the trainer's order.
    /// - Throws: `TrainingError` when the data do not fit the model or a task is not the trainer's.
    public func evaluate(
        _ data: PreparedDataset,
        tasks names: [String]?,
        batchSize: Int = 4096
    ) throws -> [TaskObservations] {
        try evaluate(data, batchSize: batchSize, tasks: try tasks.positions(names))
    }

    /// The predictions of every task: probabilities, rates or numbers, as the task's loss says.
    ///
    /// - Parameters:
    ///   - data: prepared rows; labels are not read.
    ///   - batchSize: rows at a time.
    /// - Returns: for each task `[R, ...]` in the order of the rows: `[R, 1]`, `[R, C]` of classes,
    ///   `[R, T, C]` of steps.
    /// - Throws: `TrainingError` when the data do not fit the model.
    public func predict(
        _ data: PreparedDataset,
        batchSize: Int = 1024
    ) throws -> [String: Tensor] {
        try evaluator.predict(
            data,
            states: states,
            backend: backend,
            batchSize: batchSize,
            groupsScenarios: scenarioCount
        )
    }

    /// Labels and predictions of the tasks at some positions.
    func evaluate(
        _ data: PreparedDataset,
        batchSize: Int,
        tasks: [Int]
    ) throws -> [TaskObservations] {
        try evaluator.evaluate(
            data,
            states: states,
            backend: backend,
            batchSize: batchSize,
            groupsScenarios: scenarioCount,
            only: tasks
        )
    }

    /// The number of scenarios whose rows the model wants sorted, or nil.
    var scenarioCount: Int? {
        model.inputs.first { $0.name == ScenarioOffsets.name }
            .flatMap { $0.type.shape.fixedCount }.map { $0 - 1 }
    }

    /// The greatest sizes of batches of a data set.
    static func capacity(_ data: PreparedDataset, batchSize: Int) -> [SizeSymbol: Int] {
        var capacity: [SizeSymbol: Int] = [.batch: batchSize]
        for column in data.columns where column.kind.isRagged {
            capacity[BatchInput.valueCount(ofColumn: column.name)] =
                max(batchSize * column.maximumLength, 1)
        }
        return capacity
    }

    /// The columns of the data behind inputs: lists have two inputs, scenario offsets none.
    static func columns(of inputs: [String]) -> [String] {
        inputs.filter { $0 != ScenarioOffsets.name }.map { name in
            for suffix in [".values", ".offsets"] where name.hasSuffix(suffix) {
                return String(name.dropLast(suffix.count))
            }
            return name
        }
    }

    /// A loader of what the training program reads.
    ///
    /// - Parameters:
    ///   - data: the rows.
    ///   - batchSize: the rows of a batch.
    ///   - key: what shuffles the rows; nil for their own order.
    ///   - tasks: the positions of the tasks whose labels are read; nil for all.
    ///   - rows: the rows to go through.
    ///   - lengthBuckets: the lengths at which batches are cut; nil for whole rows.
    /// - Returns: the loader.
    /// - Throws: `TrainingError` when a column is missing.
    func loader(
        _ data: PreparedDataset,
        batchSize: Int,
        key: RandomKey?,
        tasks: [Int]? = nil,
        rows: BatchRows = .all,
        lengthBuckets: LengthBuckets? = nil
    ) throws -> BatchLoader {
        var seen = Set<String>()
        var program = program
        if let tasks, tasks.count < self.tasks.tasks.count {
            program = try self.program(TrainingProgram.Part(tasks: tasks), counters: nil)
        }
        let inputs = program.graph.inputs.compactMap { program.columns[$0.name] }
        let columns = Trainer.columns(of: inputs).filter { seen.insert($0).inserted }
        let known = data.columns.map(\.name)
        for column in columns where !known.contains(column) {
            throw TrainingError(
                .dataMismatch,
                "data: there is no column \"\(column)\", which the model reads; it has \(known.joined(separator: ", "))."
                    + Suggestion.sentence(for: column, in: known)
            )
        }
        let options = BatchLoaderOptions(
            batchSize: batchSize,
            shuffleKey: key,
            scenarioColumn: scenarioCount == nil ? nil : "scenario",
            scenarioCount: scenarioCount ?? 0,
            rows: rows,
            lengthBuckets: lengthBuckets,
            augments: key != nil
        )
        return try BatchLoader(data, columns: columns, options: options)
    }
}
