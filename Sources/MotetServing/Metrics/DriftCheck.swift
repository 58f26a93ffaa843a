import MotetExperiments
import MotetMetrics

/// How far an input or a score of live traffic is from the rows of training, and whether that is an alarm.
struct DriftCheck: Sendable {
    /// What is compared.
    enum Kind: String, CaseIterable, Sendable {
        /// An input of the model, with the rows it learnt from.
        case feature
        /// The scores of a task, with rows it has not learnt from.
        case score
        /// The predictions of a task, with what then happened.
        case outcome
    }

    /// The version of the model.
    let version: String
    let kind: Kind
    /// The feature or the task.
    let name: String
    /// The live values that were compared.
    let rows: Int
    /// The population stability index.
    let stability: Double?
    /// The two-sample test of Kolmogorov and Smirnov; nil for categories.
    let test: TwoSampleTest.Result?
    /// The ratio of expected to observed outcomes; nil of inputs and scores.
    var calibration: Double?
    /// Whether a threshold is passed.
    let isAlarm: Bool

    /// Compares the last hour of a model with its references; what has fewer rows than the settings want is not compared.
    ///
    /// - Parameters:
    ///   - model: the model with its scores.
    ///   - settings: the thresholds.
    ///   - seconds: when, since the samples were made; nil for now.
    /// - Returns: inputs, then scores.
    static func all(
        _ model: ScoreMonitor.Model,
        _ settings: ServingSettings.Drift,
        at seconds: Double? = nil
    ) -> [DriftCheck] {
        let layout = model.layout
        let columns = layout.samples.columns(at: seconds)
        let features = layout.samples.reference?.features ?? []
        guard columns.count == features.count + layout.tasks.count else { return [] }
        var checks: [DriftCheck] = []
        func add(
            _ kind: Kind,
            _ name: String,
            _ rows: Int,
            _ stability: Double?,
            _ test: TwoSampleTest.Result?
        ) {
            guard stability != nil || test != nil else { return }
            checks.append(
                DriftCheck(
                    version: layout.version,
                    kind: kind,
                    name: name,
                    rows: rows,
                    stability: stability,
                    test: test,
                    isAlarm: settings.isAlarm(stability, test)
                )
            )
        }
        for (feature, values) in zip(features, columns) where values.count >= settings.rows {
            let drift = feature.drift(of: values)
            add(.feature, feature.name, values.count, drift.stability, drift.test)
        }
        for (place, task) in layout.tasks.enumerated() {
            let values = columns[features.count + place]
            guard values.count >= settings.rows else { continue }
            // The index of scores is of all of them, the test of the sampled rows.
            let test = (task.reference?.sample).flatMap {
                TwoSampleTest.compare(sorted: $0, values)
            }
            add(.score, task.name, values.count, model.tasks[place].first?.stability, test)
        }
        return checks
    }
}

extension ServingSettings.Drift {
    /// Whether a threshold is passed.
    func isAlarm(_ stability: Double?, _ test: TwoSampleTest.Result?) -> Bool {
        if let stability, stability >= self.stability { return true }
        guard let test else { return false }
        return test.distance >= distance && test.probability <= significance
    }
}

extension ScoreMonitor {
    /// How far inputs and scores of the last hour are from training, model by model.
    func checks(_ settings: ServingSettings.Drift) -> [DriftCheck] {
        drift().flatMap { DriftCheck.all($0, settings) }
    }
}

extension DriftCheck {
    /// Writes the metrics of checks.
    static func write(_ checks: [DriftCheck], to text: inout MetricsText) {
        func write(_ name: String, _ help: String, _ value: (DriftCheck) -> Double?) {
            text.metric(name, "gauge", help)
            for check in checks {
                guard let value = value(check) else { continue }
                text.value(
                    name,
                    ["version": check.version, "kind": check.kind.rawValue, "name": check.name],
                    value
                )
            }
        }
        write("motet_drift_rows", "Sampled rows within the last hour.") { Double($0.rows) }
        write("motet_drift_index", "Population stability index of inputs and scores.") {
            $0.stability
        }
        write("motet_drift_distance", "Kolmogorov-Smirnov distance to the rows of training.") {
            $0.test?.distance
        }
        write("motet_drift_probability", "How probable a greater distance is by chance.") {
            $0.test?.probability
        }
        write("motet_drift_alarm", "1 where a threshold is passed.") { $0.isAlarm ? 1 : 0 }
    }
}
