import MotetFeatures

/// Which of the predictions that were answered came true: what was shown, and what became of it within a window.
///
/// A prediction counts from the event that shows its item to its user. Of a task `within` another it counts from the
/// other's outcome. An outcome belongs to the last showing before it; where none came within the window, the prediction
/// counts as one that did not come true. What is kept is bounded; what no longer fits is not measured.
struct OutcomeLedger: Sendable {
    /// A task whose predictions are held against what happened.
    struct Task: Hashable, Sendable {
        /// The event that makes it true.
        var event: EventKind
        /// How long after the showing it may come, in milliseconds.
        var window: Int64
        /// The place of the task within whose positives this one is defined; a parent stands before its tasks.
        var parent: Int?
    }

    /// A user and an item.
    struct Pair: Hashable, Sendable {
        var user: String
        var item: String
    }

    /// What a model said of an item for a user.
    struct Answer: Sendable {
        /// When, in milliseconds since 1970.
        var time: Int64
        /// Which model's figures it counts for.
        var model: Int
        /// The number of the scenario; nil for none.
        var scenario: Int?
        /// For each task the probability; NaN where the model does not say.
        var probabilities: [Float]
    }

    /// A prediction whose window is over.
    struct Closed: Hashable, Sendable {
        var task: Int
        var model: Int
        var scenario: Int?
        var probability: Float
        var cameTrue: Bool
    }

    /// A prediction whose window is not over.
    fileprivate struct Open: Sendable {
        var shown: Int64
        var answer: Answer
        var cameTrue = false
    }

    /// A queue of predictions of a task in the order in which they began to count.
    fileprivate struct Queue: Sendable {
        var opens: [Open] = []
        /// The number of the first of `opens`, counted from the start.
        var first = 0
        /// How many of `opens` are over.
        var over = 0
        /// For each pair the number of its last one.
        var last: [Pair: Int] = [:]
    }

    let tasks: [Task]
    /// The most answers that wait to be shown, and the most predictions of a task whose window is not over.
    let capacity: Int
    /// For how long an answer waits to be shown, in milliseconds.
    let patience: Int64

    private var answers: [Pair: Answer] = [:]
    /// The pairs in the order of their answers; a pair that was answered again stands there twice.
    private var order: [(pair: Pair, time: Int64)] = []
    private var forgotten = 0
    private var queues: [Queue]

    init(_ tasks: [Task], capacity: Int, patience: Int64 = 3_600_000) {
        self.tasks = tasks
        self.capacity = capacity
        self.patience = patience
        queues = tasks.map { _ in Queue() }
    }

    /// Keeps what was answered, until it is shown.
    mutating func answered(_ answer: Answer, _ pair: Pair) {
        answers[pair] = answer
        order.append((pair, answer.time))
        while order.count - forgotten > capacity { forgetFirst() }
        // Memory is given back now and then, not with each one.
        if forgotten > 1024, forgotten > order.count / 2 {
            order.removeFirst(forgotten)
            forgotten = 0
        }
    }

    private mutating func forgetFirst() {
        let (pair, time) = order[forgotten]
        if answers[pair]?.time == time { answers[pair] = nil }
        forgotten += 1
    }

    /// Takes an event in, in the order in which events come.
    mutating func happened(_ event: Event) {
        guard let item = event.item else { return }
        let pair = Pair(user: event.user, item: item)
        if event.kind == .exposure { show(pair, event.time) }
        for place in tasks.indices where tasks[place].event == event.kind {
            guard let number = queues[place].last[pair] else { continue }
            let index = number - queues[place].first
            guard index >= queues[place].over else { continue }
            let after = event.time - queues[place].opens[index].shown
            guard after >= 0, after <= tasks[place].window else { continue }
            let isNew = !queues[place].opens[index].cameTrue
            queues[place].opens[index].cameTrue = true
            guard isNew else { continue }
            let open = queues[place].opens[index]
            for child in tasks.indices where tasks[child].parent == place {
                begin(child, pair, open.shown, open.answer)
            }
        }
    }

    private mutating func show(_ pair: Pair, _ time: Int64) {
        guard let answer = answers[pair], time - answer.time <= patience else { return }
        for place in tasks.indices where tasks[place].parent == nil {
            begin(place, pair, time, answer)
        }
    }

    private mutating func begin(_ place: Int, _ pair: Pair, _ shown: Int64, _ answer: Answer) {
        guard answer.probabilities[place].isFinite,
            queues[place].opens.count - queues[place].over < capacity
        else { return }
        queues[place].opens.append(Open(shown: shown, answer: answer))
        queues[place].last[pair] = queues[place].first + queues[place].opens.count - 1
    }

    /// The predictions whose windows are over.
    ///
    /// - Parameter time: now, in milliseconds since 1970.
    /// - Returns: each once.
    mutating func close(at time: Int64) -> [Closed] {
        while forgotten < order.count, time - order[forgotten].time > patience { forgetFirst() }
        var closed: [Closed] = []
        for place in tasks.indices {
            while queues[place].over < queues[place].opens.count {
                let open = queues[place].opens[queues[place].over]
                // Events come in about the order of their times; a window that waits for one before it waits little.
                guard time - open.shown > tasks[place].window else { break }
                queues[place].over += 1
                // Of a user who was forgotten meanwhile.
                guard !open.answer.probabilities[place].isNaN else { continue }
                closed.append(
                    Closed(
                        task: place,
                        model: open.answer.model,
                        scenario: open.answer.scenario,
                        probability: open.answer.probabilities[place],
                        cameTrue: open.cameTrue
                    )
                )
            }
            if queues[place].over > 1024 || queues[place].over == queues[place].opens.count {
                queues[place].removeOver()
            }
        }
        return closed
    }
}

extension OutcomeLedger.Queue {
    /// Gives back the memory of those that are over.
    fileprivate mutating func removeOver() {
        guard over > 0 else { return }
        opens.removeFirst(over)
        first += over
        over = 0
        last = last.filter { $0.value >= first }
    }
}

extension OutcomeLedger {
    /// Removes what is kept of a user; predictions about them that are not over are not counted.
    mutating func forget(_ user: String) {
        answers = answers.filter { $0.key.user != user }
        for place in queues.indices {
            for (pair, number) in queues[place].last where pair.user == user {
                queues[place].opens[number - queues[place].first].answer.probabilities[place] = .nan
                queues[place].last[pair] = nil
            }
        }
    }
}
