/// What one answer of recommendations took, and where its items came from.
struct RecommendRecord: Sendable {
    /// The stages of an answer, in order.
    enum Stage: String, CaseIterable, Sendable {
        /// Waiting for a thread.
        case queue
        /// Reading and checking the body.
        case parse
        /// Asking the sources for candidates.
        case retrieve
        /// Asking the source of features about the candidates.
        case features
        /// Encoding the rows.
        case encode
        /// Computing the model.
        case compute
        /// The formula, the rules and the list.
        case rank
        /// Writing the answer.
        case write
    }

    /// What became of a question to a source.
    enum Outcome: String, CaseIterable, Sendable {
        /// It brought candidates.
        case some
        /// It knew none.
        case empty
        /// It could not be asked.
        case failed
    }

    /// What a source brought.
    struct Source: Sendable {
        var name: String
        var outcome: Outcome
        var candidates = 0
        /// The code of what kept it from answering.
        var error: String?
    }

    /// Seconds by stage.
    private(set) var seconds: [Stage: Double] = [:]
    /// The sources that were asked, in order.
    var sources: [Source] = []
    /// How many different candidates there were.
    var candidates = 0
    /// How many candidates what became of, by its code.
    var outcomes: [String: Int] = [:]
    /// How many items are shown.
    var shown = 0
    /// Whether the source of last resort was asked.
    var usedFallback = false
    /// Whether features may have been old.
    var isDegraded = false
    /// The scores of each task.
    var scores: [String: Histogram] = [:]
    /// The scores counted by scenario, to be compared with those of training.
    var tally: ScoreTally?
    /// What the console shows of the answer; nil where it keeps none.
    var decision: Decision?
    /// The version of the model that answered.
    var model = ""
    /// The part of the experiment the user belongs to.
    var variant = ""
    private var last: ContinuousClock.Instant

    /// Begins where the request was handed to the threads.
    init(since start: ContinuousClock.Instant) { last = start }

    /// Ends a stage.
    mutating func end(_ stage: Stage) {
        let now = ContinuousClock.now
        seconds[stage, default: 0] += (now - last) / .seconds(1)
        last = now
    }
}
