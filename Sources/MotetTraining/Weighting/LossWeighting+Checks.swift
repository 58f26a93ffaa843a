import MotetCore
import MotetMetrics
import MotetMultiTask
import MotetNN

extension LossWeighting {
    /// What is wrong with a weighting of tasks, each a sentence.
    ///
    /// - Parameter tasks: the tasks whose losses are weighed.
    /// - Returns: the problems; empty when there is none.
    public func problems(_ tasks: [NamedTask]) -> [String] {
        switch kind {
        case .fixed, .uncertainty, .impartial, .step(.random): []
        case .gradNorm: (aggregation?.problems ?? []).map { "weighting: \($0)" }
        case .famo:
            Self.logarithmProblems(tasks, "FAMO") + Self.positive("rate", famoRate)
                + (famoDecay >= 0 && famoDecay.isFinite
                    ? []
                    : [
                        "weighting: 'decay' is out of range; expected at least 0; received \(famoDecay)."
                    ])
        case .step(.geometricMean): Self.logarithmProblems(tasks, "a geometric mean")
        case .step(.smoothMaximum(let mu)):
            Self.positive("mu", mu)
        case .epoch(.dynamicAverage(let temperature)):
            Self.positive("temperature", temperature)
        case .epoch(.prioritised(let gamma, let smoothing)):
            Self.priorityProblems(tasks, gamma, smoothing)
        case .epoch(.decaying(let rates)):
            rates.keys.sorted().flatMap { name -> [String] in
                let known = tasks.map(\.name)
                let unknown =
                    known.contains(name)
                    ? []
                    : [
                        "weighting: there is no task \"\(name)\"; expected one of \(known)."
                            + Suggestion.sentence(for: name, in: known)
                    ]
                return unknown + Self.positive("rate of \(name)", rates[name] ?? 1)
            }
        }
    }

    private static func logarithmProblems(_ tasks: [NamedTask], _ what: String) -> [String] {
        tasks.filter { $0.objective.loss == .poisson }.map { task in
            "weighting: \(what) needs losses that are never below 0; expected another loss or weighting for task \"\(task.name)\"; received Poisson loss."
        }
    }

    private static func priorityProblems(
        _ tasks: [NamedTask],
        _ gamma: Double,
        _ smoothing: Double
    ) -> [String] {
        var problems: [String] = []
        if !(gamma >= 0 && gamma.isFinite) {
            problems.append(
                "weighting: 'gamma' is out of range; expected at least 0; received \(gamma)."
            )
        }
        if !(smoothing > 0 && smoothing <= 1) {
            problems.append(
                "weighting: 'smoothing' is out of range; expected above 0 and at most 1; received \(smoothing)."
            )
        }
        return problems
            + tasks.filter { EpochRule.metric(of: $0) == nil }.map { task in
                "weighting: task \"\(task.name)\" has no metric between 0 and 1 by which to judge it; expected one such as `auc` or `accuracy`; received \(task.objective.metrics.map(\.name))."
            }
    }

    private static func positive(_ what: String, _ value: Double) -> [String] {
        value > 0 && value.isFinite
            ? []
            : ["weighting: '\(what)' is out of range; expected above 0; received \(value)."]
    }
}
