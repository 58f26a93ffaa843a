extension OutcomeWatch {
    /// How many standard deviations a difference must be for chance not to explain it.
    static let deviations = 3.0

    /// The tasks with enough predictions whose windows are over.
    var checks: [DriftCheck] {
        figures.filter { $0.scenario == nil && $0.sums.rows >= settings.rows }.map { figure in
            // Where nothing came true, everything that was expected is too much.
            let ratio = figure.calibration ?? (figure.sums.expected > 0 ? .infinity : 1)
            return DriftCheck(
                version: figure.version,
                kind: .outcome,
                name: figure.task,
                rows: figure.sums.rows,
                stability: nil,
                test: nil,
                calibration: ratio,
                isAlarm: abs(ratio - 1) > settings.calibration
                    && abs(figure.deviation) > Self.deviations
            )
        }
    }

    /// Writes what came of predictions.
    func write(to text: inout MetricsText) {
        let figures = figures
        func write(_ name: String, _ help: String, _ value: (Figures) -> Double?) {
            text.metric(name, "gauge", help)
            for figure in figures {
                guard let value = value(figure) else { continue }
                if let scenario = figure.scenario {
                    let labels: KeyValuePairs = [
                        "version": figure.version, "task": figure.task, "scenario": scenario,
                    ]
                    text.value(name, labels, value)
                } else {
                    text.value(name, ["version": figure.version, "task": figure.task], value)
                }
            }
        }
        write("motet_outcome_predictions", "Predictions whose windows ended within a day.") {
            Double($0.sums.rows)
        }
        write("motet_outcome_expected", "The sum of their probabilities.") { $0.sums.expected }
        write("motet_outcome_observed", "How many of them came true.") {
            Double($0.sums.positives)
        }
    }
}
