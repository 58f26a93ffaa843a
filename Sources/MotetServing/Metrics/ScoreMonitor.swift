import MotetExperiments
import Synchronization

/// Watches the scores of the models that answer, and holds them against their references.
final class ScoreMonitor: Sendable {
    /// How many models are watched; the one that answered longest ago goes.
    static let models = 4

    private let windows = Mutex<[ScoreWindow]>([])
    private let start = ContinuousClock.now

    /// Seconds since the monitor was made.
    var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Counts the scores of an answer.
    ///
    /// - Parameters:
    ///   - tally: the scores.
    ///   - seconds: when, since the monitor was made; nil for now.
    func add(_ tally: ScoreTally, at seconds: Double? = nil) {
        let time = seconds ?? now
        windows.withLock { windows in
            // By the version: a run that is read again goes on where it was.
            let version = tally.layout.version
            if let index = windows.firstIndex(where: { $0.layout.version == version }) {
                // The last one answered last.
                if index != windows.count - 1 { windows.append(windows.remove(at: index)) }
                guard windows[windows.count - 1].follow(tally.layout) else { return }
            } else {
                if windows.count == Self.models { windows.removeFirst() }
                windows.append(ScoreWindow(tally.layout))
            }
            windows[windows.count - 1].add(tally, at: time)
        }
    }

    /// How the scores of a model lie to its reference.
    struct Model: Sendable {
        /// The model.
        let layout: ScoreLayout
        /// For each task all rows, then the scenarios that there are scores of.
        let tasks: [[ScoreDrift]]
    }

    /// The scores of the last hour, model by model; those without any are left out.
    ///
    /// - Parameter seconds: when, since the monitor was made; nil for now.
    /// - Returns: the models by version.
    func drift(at seconds: Double? = nil) -> [Model] {
        let time = seconds ?? now
        return windows.withLock { $0 }.compactMap { window -> Model? in
            let layout = window.layout
            let tasks = layout.tasks.indices.map { index in
                Self.drift(layout, index, window.cells(of: index, at: time))
            }
            guard tasks.contains(where: { ($0.first?.live.count ?? 0) > 0 }) else { return nil }
            return Model(layout: layout, tasks: tasks)
        }.sorted { $0.layout.version < $1.layout.version }
    }

    private static func drift(
        _ layout: ScoreLayout,
        _ index: Int,
        _ cells: [ScoreWindow.Cell]
    ) -> [ScoreDrift] {
        let task = layout.tasks[index]
        var all = ScoreWindow.Cell()
        for cell in cells { all.add(cell) }
        let whole = ScoreDrift(
            task: task.name,
            scenario: nil,
            live: all,
            reference: task.reference?.all
        )
        let parts = zip(layout.scenarios, cells).filter { $1.count > 0 }.map { name, cell in
            ScoreDrift(
                task: task.name,
                scenario: name,
                live: cell,
                reference: task.reference?.scenarios.first { $0.scenario == name }?.spread
            )
        }
        return [whole] + parts
    }

    /// Writes the metrics of drift.
    func write(to text: inout MetricsText) {
        let all = drift().flatMap { model in
            model.tasks.joined().map { (model.layout.version, $0) }
        }
        func write(_ name: String, _ help: String, _ value: (ScoreDrift) -> Double?) {
            text.metric(name, "gauge", help)
            for (version, drift) in all {
                guard let value = value(drift) else { continue }
                if let scenario = drift.scenario {
                    let labels: KeyValuePairs = [
                        "version": version, "task": drift.task, "scenario": scenario,
                    ]
                    text.value(name, labels, value)
                } else {
                    text.value(name, ["version": version, "task": drift.task], value)
                }
            }
        }
        write("motet_drift_scores", "Scores within the last hour.") { Double($0.live.count) }
        write("motet_drift_score_mean", "Mean score within the last hour.") { $0.live.mean }
        write("motet_drift_reference_mean", "Mean score on rows that were not learnt from.") {
            $0.reference?.mean
        }
        write("motet_drift_label_mean", "Mean label of the rows that were not learnt from.") {
            $0.reference?.labelMean
        }
        write("motet_drift_stability", "Population stability index of the last hour's scores.") {
            $0.stability
        }
    }
}
