import MotetMetrics
import MotetTraining

/// The calibrators of a run, found by task and by the number of the scenario.
struct FittedCalibration: Sendable {
    private struct Task: Sendable {
        var all: Calibrator
        /// For each scenario its own or that of all rows; empty where none has one of its own.
        var scenarios: [Calibrator]
    }

    private var tasks: [String: Task] = [:]

    /// Calibrates nothing.
    static let none = FittedCalibration()

    private init() {}

    /// Finds the calibrators of a run.
    ///
    /// - Parameters:
    ///   - calibration: what was learnt; nil for nothing.
    ///   - scenarios: the names of the scenarios, in order.
    init(_ calibration: RunCalibration?, scenarios: [String]) {
        for task in calibration?.tasks ?? [] {
            let own = Dictionary(
                task.scenarios.map { ($0.scenario, $0.fit.calibrator) },
                uniquingKeysWith: { first, _ in first }
            )
            tasks[task.task] = Task(
                all: task.all.calibrator,
                scenarios: own.isEmpty ? [] : scenarios.map { own[$0] ?? task.all.calibrator }
            )
        }
    }

    /// Whether nothing is calibrated.
    var isEmpty: Bool { tasks.isEmpty }

    /// Whether rows need their scenarios.
    var needsScenarios: Bool { tasks.values.contains { !$0.scenarios.isEmpty } }

    /// Calibrates the probabilities of a task.
    ///
    /// - Parameters:
    ///   - values: a probability for each row; changed where the task is calibrated.
    ///   - task: the task.
    ///   - scenarios: the number of each row's scenario, or one for all; nil takes the calibrator of all rows.
    func apply(to values: inout [Float], _ task: String, _ scenarios: [Int32]?) {
        guard let scenarios else {
            return apply(to: &values, task, nil as UnsafeBufferPointer<Int32>?)
        }
        scenarios.withUnsafeBufferPointer { apply(to: &values, task, $0) }
    }

    /// Calibrates the probabilities of a task; the numbers of scenarios stand in somebody's memory.
    func apply(
        to values: inout [Float],
        _ task: String,
        _ scenarios: UnsafeBufferPointer<Int32>?
    ) {
        guard let task = tasks[task] else { return }
        guard let scenarios, !scenarios.isEmpty, !task.scenarios.isEmpty else {
            for row in values.indices { values[row] = task.all(values[row]) }
            return
        }
        let isShared = scenarios.count == 1
        for row in values.indices {
            let scenario = Int(scenarios[isShared ? 0 : row])
            let own = task.scenarios.indices.contains(scenario)
            values[row] = own ? task.scenarios[scenario](values[row]) : task.all(values[row])
        }
    }

    /// Observations with calibrated predictions.
    ///
    /// - Parameter observations: labels and predictions as the model gives them.
    /// - Returns: the same rows.
    /// - Throws: never in practice: the rows stay the same.
    func applied(to observations: [TaskObservations]) throws -> [TaskObservations] {
        guard !isEmpty else { return observations }
        return try observations.map { task in
            guard tasks[task.task] != nil else { return task }
            var predictions = task.observations.predictions
            apply(to: &predictions, task.task, task.observations.scenarios)
            return TaskObservations(
                task: task.task,
                metrics: task.metrics,
                observations: try task.observations.replacing(predictions: predictions)
            )
        }
    }
}
