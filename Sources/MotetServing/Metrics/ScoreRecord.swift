import MotetData

/// What one answer of scores took, and what it said.
struct ScoreRecord: Sendable {
    /// The stages of an answer, in order.
    enum Stage: String, CaseIterable, Sendable {
        /// Waiting for a thread.
        case queue
        /// Reading and checking the body.
        case parse
        /// Asking the source of features.
        case features
        /// Encoding the rows.
        case encode
        /// Computing the model.
        case compute
        /// Writing the answer.
        case write
    }

    /// Seconds by stage.
    private(set) var seconds = StageSeconds()
    /// The number of items.
    var items = 0
    /// Whether features may have been old.
    var isDegraded = false
    /// The scores of each task.
    var scores: [String: Histogram] = [:]
    /// The scores, counted by task, scenario and bin.
    var tally: ScoreTally?
    /// What the console is to show of the answer; nil where it shows enough already.
    var decision: Decision?
    /// The version of the model that answered.
    var model = ""
    /// The part of the experiment the user belongs to.
    var variant = ""
    /// The model that is to be asked beside.
    var shadow: ServedModel?
    /// The numbers of each task, kept where a shadow is asked.
    var values: [String: [Float]] = [:]
    /// What the source of features gave, kept where a shadow is asked: it is to answer the same question.
    var sourced: [String: RawRows.Column] = [:]
    private var last: ContinuousClock.Instant

    /// Begins where the request was handed to the threads.
    init(since start: ContinuousClock.Instant) { last = start }

    /// Ends a stage.
    mutating func end(_ stage: Stage) {
        let now = ContinuousClock.now
        seconds.add((now - last) / .seconds(1), to: stage)
        last = now
    }
}

/// Seconds by stage, in no memory of their own: every request has them.
struct StageSeconds: Sequence, Sendable {
    /// By the places of the stages; NaN where a stage was not gone through.
    private var values = SIMD8<Double>(repeating: .nan)

    /// Adds to the time of a stage.
    mutating func add(_ seconds: Double, to stage: ScoreRecord.Stage) {
        let place = stage.place
        values[place] = (values[place].isNaN ? 0 : values[place]) + seconds
    }

    /// The stages gone through, in order.
    func makeIterator() -> AnyIterator<(ScoreRecord.Stage, Double)> {
        let known = ScoreRecord.Stage.allCases.filter { !values[$0.place].isNaN }
        return AnyIterator(known.map { ($0, values[$0.place]) }.makeIterator())
    }
}

extension ScoreRecord.Stage {
    /// The place among the stages.
    fileprivate var place: Int {
        switch self {
        case .queue: 0
        case .parse: 1
        case .features: 2
        case .encode: 3
        case .compute: 4
        case .write: 5
        }
    }
}
