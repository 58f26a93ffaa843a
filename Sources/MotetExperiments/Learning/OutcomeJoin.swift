public import MotetFeatures

/// What became of items that were shown: joins exposures with the events that followed.
///
/// An event belongs to the last exposure of the same item to the same user at or before it, if it came within the task's
/// window; of a task within another, to the last of those that had the other's outcome. So an item shown twice and bought
/// once has one exposure that led to it.
public struct OutcomeJoin: Sendable {
    /// An item that was shown.
    public struct Exposure: Hashable, Sendable {
        /// When, in milliseconds since 1970.
        public var time: Int64
        /// To whom.
        public var user: String
        /// What.
        public var item: String

        /// Creates an exposure.
        public init(time: Int64, user: String, item: String) {
            self.time = time
            self.user = user
            self.item = item
        }
    }

    /// How a task's labels come about.
    public struct Task: Hashable, Sendable {
        /// The task's name.
        public var name: String
        /// The event that makes a positive.
        public var event: EventKind
        /// How long after the exposure it may come, in milliseconds.
        public var window: Int64
        /// Whether a row is learnt as a negative at once, and again as a positive when its outcome comes.
        ///
        /// However soon that is: weighted fake negatives are right where each positive stands beside a negative. Else it
        /// waits until its window is over.
        public var isLearntAtOnce: Bool
        /// The place of the task within whose positives this one is defined; nil for all rows.
        public var parent: Int?

        /// Creates a task.
        public init(
            _ name: String,
            event: EventKind,
            window: Int64,
            isLearntAtOnce: Bool = false,
            parent: Int? = nil
        ) {
            self.name = name
            self.event = event
            self.window = window
            self.isLearntAtOnce = isLearntAtOnce
            self.parent = parent
        }
    }

    /// An exposure and its labels.
    public struct Row: Hashable, Sendable {
        /// The place of the exposure.
        public var exposure: Int
        /// For each task 0, 1, or nil where the row says nothing of it.
        public var labels: [Float?]
        /// Whether a task learns it as a positive beside the negative it was, or is, learnt as.
        public var isCorrection = false
    }

    /// The tasks.
    public let tasks: [Task]
    private let exposures: [Exposure]
    /// For each exposure, for each task when its outcome came; nil for never.
    private let outcomes: [[Int64?]]

    /// Joins exposures and events.
    ///
    /// - Parameters:
    ///   - exposures: in any order.
    ///   - events: in any order; those of kinds no task is about are not looked at.
    ///   - tasks: how labels come about; a parent stands before its tasks.
    public init(_ exposures: [Exposure], _ events: [Event], tasks: [Task]) {
        self.tasks = tasks
        self.exposures = exposures
        struct Pair: Hashable {
            let user: String
            let item: String
        }
        var shown: [Pair: [Int]] = [:]
        for (index, exposure) in exposures.enumerated() {
            shown[Pair(user: exposure.user, item: exposure.item), default: []].append(index)
        }
        for pair in Array(shown.keys) {
            shown[pair]?.sort { (exposures[$0].time, $0) < (exposures[$1].time, $1) }
        }
        var outcomes = [[Int64?]](
            repeating: [Int64?](repeating: nil, count: tasks.count),
            count: exposures.count
        )
        for (place, task) in tasks.enumerated() {
            for event in events where event.kind == task.event {
                guard let item = event.item, let all = shown[Pair(user: event.user, item: item)]
                else { continue }
                let own = all[..<Self.count(of: all, exposures, through: event.time)].last {
                    guard let parent = task.parent else { return true }
                    // What leads to an outcome within another's is what had that one: an item that was clicked, shown
                    // again and then bought was bought because of the click.
                    return outcomes[$0][parent].map { $0 <= event.time } ?? false
                }
                guard let own, event.time - exposures[own].time <= task.window else { continue }
                let known = outcomes[own][place]
                outcomes[own][place] = min(known ?? event.time, event.time)
            }
        }
        self.outcomes = outcomes
    }

    /// How many of some exposures in the order of time are at or before a moment.
    private static func count(
        of all: [Int],
        _ exposures: [Exposure],
        through time: Int64
    ) -> Int {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if exposures[all[middle]].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The rows that are to be learnt in a span of time: what is shown and what becomes known in it.
    ///
    /// Rows are a function of the logs and of the span alone, so what was interrupted can be done again.
    ///
    /// - Parameters:
    ///   - start: the end of the span before, in milliseconds since 1970; it is not part of this one.
    ///   - end: the end of the span, which is.
    ///   - isLearnt: which exposures may be learnt from.
    /// - Returns: the rows in the order of their exposures' times.
    public func rows(
        after start: Int64,
        through end: Int64,
        where isLearnt: (Exposure) -> Bool = { _ in true }
    ) -> [Row] {
        var rows: [Row] = []
        for index in exposures.indices {
            let exposure = exposures[index]
            guard exposure.time <= end, isLearnt(exposure) else { continue }
            var row = Row(exposure: index, labels: tasks.map { _ in nil })
            // Positives that came so soon that their negatives are in this span too.
            var soon = row
            for (place, task) in tasks.enumerated() {
                // Rows within another task's positives begin when that is known.
                guard let begin = begin(index, place), begin <= end else { continue }
                let outcome = outcomes[index][place]
                guard task.isLearntAtOnce else {
                    let due = max(exposure.time + task.window, begin)
                    if due > start, due <= end { row.labels[place] = outcome == nil ? 0 : 1 }
                    continue
                }
                let isKnown = outcome.map { $0 > start && $0 <= end } ?? false
                if begin > start {
                    row.labels[place] = 0
                    if isKnown { soon.labels[place] = 1 }
                } else if isKnown {
                    row.labels[place] = 1
                    row.isCorrection = true
                }
            }
            if row.labels.contains(where: { $0 != nil }) { rows.append(row) }
            if soon.labels.contains(where: { $0 != nil }) {
                soon.isCorrection = true
                rows.append(soon)
            }
        }
        return rows.sorted {
            (exposures[$0.exposure].time, $0.exposure, $0.isCorrection ? 1 : 0) < (
                exposures[$1.exposure].time, $1.exposure, $1.isCorrection ? 1 : 0
            )
        }
    }

    /// What is known at a time of recent exposures.
    ///
    /// - Parameters:
    ///   - end: the moment; outcomes after it are not known.
    ///   - window: how long the span of the exposures of a task is, in milliseconds.
    ///   - age: for each task how long before the moment that span ends: as old an exposure must be to have a label.
    ///   - isMeasured: which exposures are taken.
    /// - Returns: rows with labels as known at the moment.
    public func known(
        at end: Int64,
        window: Int64,
        age: [Int64],
        where isMeasured: (Exposure) -> Bool
    ) -> [Row] {
        exposures.indices.compactMap { index in
            let exposure = exposures[index]
            guard exposure.time <= end, isMeasured(exposure) else { return nil }
            let labels = tasks.indices.map { place -> Float? in
                let latest = end - age[place]
                guard exposure.time > latest - window, exposure.time <= latest,
                    let begin = begin(index, place), begin <= end
                else { return nil }
                return outcomes[index][place].map { $0 <= end } == true ? 1 : 0
            }
            return labels.contains { $0 != nil } ? Row(exposure: index, labels: labels) : nil
        }
    }

    /// When a row begins to take part in a task; nil where its parent's outcome never came.
    private func begin(_ exposure: Int, _ task: Int) -> Int64? {
        guard let parent = tasks[task].parent else { return exposures[exposure].time }
        guard begin(exposure, parent) != nil else { return nil }
        return outcomes[exposure][parent]
    }
}
