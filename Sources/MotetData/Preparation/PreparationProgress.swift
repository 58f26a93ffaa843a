/// How far a preparation is.
public struct PreparationProgress: Hashable, Sendable {
    /// What is being done.
    public enum Phase: String, Hashable, Sendable {
        /// Parsing files.
        case reading
        /// Learning vocabularies and statistics, and writing the prepared columns.
        case encoding
    }

    /// What is being done.
    public let phase: Phase
    /// Rows done in this phase.
    public let rows: Int
    /// Seconds since the phase began.
    public let seconds: Double

    /// Rows a second in this phase.
    public var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
}

/// Counts rows and tells a callback, at most ten times a second.
final class ProgressMeter {
    private let report: ((PreparationProgress) -> Void)?
    private let phase: PreparationProgress.Phase
    private let start = ContinuousClock.now
    private var last: ContinuousClock.Instant?
    private var rows = 0

    init(_ phase: PreparationProgress.Phase, _ report: ((PreparationProgress) -> Void)?) {
        self.phase = phase
        self.report = report
    }

    func add(_ count: Int) {
        rows += count
        guard report != nil else { return }
        let now = ContinuousClock.now
        if let last, now - last < .milliseconds(100) { return }
        last = now
        tell(now)
    }

    /// Tells the final number.
    func finish() { tell(ContinuousClock.now) }

    private func tell(_ now: ContinuousClock.Instant) {
        let elapsed = (now - start).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        report?(PreparationProgress(phase: phase, rows: rows, seconds: seconds))
    }
}
