import MotetFeatures

/// What the store of features did, for `/metrics`.
struct StoreMetrics: Sendable {
    /// What a store is asked to do.
    enum Operation: String, CaseIterable, Sendable {
        /// Taking in the events of a request, to their being durable.
        case apply
        /// Reading the features of a request.
        case features
        /// Reading a profile.
        case profile
        /// Forgetting a user.
        case forget
    }

    /// How many events became what.
    private(set) var outcomes: [EventOutcome: Int] = [:]
    private var batches = Histogram(Histogram.items)
    /// What the store took, by operation.
    private(set) var seconds: [Operation: Histogram] = [:]
    /// How often it could not answer.
    private(set) var failures = 0
    /// Whether the store cannot be asked, so that answers come from what was last known.
    var isAway = false

    /// Counts the events of a request.
    mutating func applied(_ counts: EventCounts) {
        outcomes[.applied, default: 0] += counts.applied
        outcomes[.duplicate, default: 0] += counts.duplicate
        outcomes[.late, default: 0] += counts.late
        batches.add(Double(counts.total))
    }

    /// Counts what the store did, and what it took.
    mutating func took(_ operation: Operation, _ seconds: Double) {
        self.seconds[operation, default: Histogram(Histogram.seconds)].add(seconds)
    }

    /// Counts a failure of the store.
    mutating func failed() { failures += 1 }

    func write(to text: inout MetricsText) {
        text.metric("motet_events_total", "counter", "Events by what became of them.")
        for outcome in [EventOutcome.applied, .duplicate, .late] {
            text.value(
                "motet_events_total",
                ["outcome": outcome.rawValue],
                Double(outcomes[outcome] ?? 0)
            )
        }
        text.metric("motet_event_batch", "histogram", "Events of a request.")
        text.histogram("motet_event_batch", [:], batches)
        text.metric("motet_feature_store_seconds", "histogram", "What the store did, by operation.")
        for operation in Operation.allCases {
            guard let histogram = seconds[operation] else { continue }
            text.histogram(
                "motet_feature_store_seconds",
                ["operation": operation.rawValue],
                histogram
            )
        }
        text.metric("motet_feature_store_failures_total", "counter", "Failures of the store.")
        text.value("motet_feature_store_failures_total", [:], Double(failures))
        text.metric("motet_feature_store_up", "gauge", "Whether the store can be asked.")
        text.value("motet_feature_store_up", [:], isAway ? 0 : 1)
    }
}

/// How many events of a request became what.
struct EventCounts: Hashable, Sendable {
    var applied = 0
    var duplicate = 0
    var late = 0

    init(_ outcomes: [EventOutcome]) {
        for outcome in outcomes {
            switch outcome {
            case .applied: applied += 1
            case .duplicate: duplicate += 1
            case .late: late += 1
            }
        }
    }

    /// The number of events.
    var total: Int { applied + duplicate + late }
}
