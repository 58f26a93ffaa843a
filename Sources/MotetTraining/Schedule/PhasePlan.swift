import MotetCore

/// A source's rows, or those of one of its scenarios, in batches.
struct StreamDescription: Hashable {
    /// The position of the source.
    let source: Int
    /// The scenario whose rows alone are taken, or nil for all.
    var scenario: Int?
    /// The batches of an epoch.
    let stepCount: Int
}

/// What one step trains: some tasks, on the next batch of a stream.
struct StepChoice: Hashable {
    /// The position of the stream among those of the phase.
    let stream: Int
    /// The position of the set of tasks among those of the phase.
    let tasks: Int
}

/// A phase made concrete: which steps it has, and what each of them trains.
///
/// Everything depends on the number of the step and a key only, but for mixtures by loss.
struct PhasePlan {
    let phase: TrainingPhase
    let streams: [StreamDescription]
    /// The sets of tasks that steps train, as positions in the trainer's list.
    let taskSets: [[Int]]
    /// The steps of the phase.
    let stepCount: Int
    /// The steps between two reports.
    let stepsPerReport: Int
    private let rule: Rule

    enum Rule {
        /// Parts with their own cycle of choices, repeated.
        case cycle([StepChoice])
        /// Stages of equal length, each a cycle.
        case stages([[StepChoice]], steps: Int)
        /// Turns: for each choice how many steps it has.
        case turns([(choice: StepChoice, steps: Int)])
        /// A choice for each task, drawn by weight, and in proportion to its recent losses too.
        case drawn([StepChoice], weights: [Double], byLoss: Bool)
        /// A choice for each domain, in random order in every round.
        case domains([StepChoice], steps: Int)
    }

    init(
        _ phase: TrainingPhase,
        streams: [StreamDescription],
        taskSets: [[Int]],
        stepCount: Int,
        stepsPerReport: Int,
        rule: Rule
    ) {
        self.phase = phase
        self.streams = streams
        self.taskSets = taskSets
        self.stepCount = stepCount
        self.stepsPerReport = max(1, stepsPerReport)
        self.rule = rule
    }

    /// How many reports the phase has.
    var reportCount: Int { (stepCount + stepsPerReport - 1) / stepsPerReport }

    /// Whether there is a report after a number of steps.
    func reports(after steps: Int) -> Bool {
        steps.isMultiple(of: stepsPerReport) || steps >= stepCount
    }

    /// The steps of a round of Domain Negotiation, or nil in other phases.
    var negotiationSteps: Int? {
        if case .domains(let choices, let steps) = rule { choices.count * steps } else { nil }
    }

    /// What a step trains.
    ///
    /// - Parameters:
    ///   - step: the step of the phase, from 0.
    ///   - key: what random choices are drawn from.
    ///   - losses: the tasks' recent losses.
    /// - Returns: the tasks and the stream of their batch.
    func choice(_ step: Int, key: RandomKey, losses: EpochLosses) -> StepChoice {
        switch rule {
        case .cycle(let choices): return choices[step % choices.count]
        case .stages(let stages, let steps):
            let stage = stages[min(step / steps, stages.count - 1)]
            return stage[step % steps % stage.count]
        case .turns(let turns):
            var left = step % turns.reduce(0) { $0 + $1.steps }
            for turn in turns {
                if left < turn.steps { return turn.choice }
                left -= turn.steps
            }
            return turns[0].choice
        case .drawn(let choices, let weights, let byLoss):
            return draw(step, choices, key: key) { index in
                let task = taskSets[choices[index].tasks][0]
                return weights[index] * (byLoss ? losses.recentOrTypical(task) : 1)
            }
        case .domains(let choices, let steps):
            let round = step / (choices.count * steps)
            let place = step / steps % choices.count
            return choices[PhasePlan.shuffled(choices.count, place, key.split(round))]
        }
    }

    private func draw(
        _ step: Int,
        _ choices: [StepChoice],
        key: RandomKey,
        weight: (Int) -> Double
    ) -> StepChoice {
        var total = 0.0
        for index in choices.indices { total += weight(index) }
        // 53 random bits make a number in [0, 1).
        var place = Double(key.bits(step) >> 11) * 0x1p-53 * total
        for index in choices.indices {
            place -= weight(index)
            if place < 0 { return choices[index] }
        }
        // Rounding may leave a rest: it belongs to the last choice that can be drawn.
        for index in choices.indices.reversed() where weight(index) > 0 { return choices[index] }
        return choices[0]
    }

    /// The element at a place of a random order of `0 ..< count`, without holding the order.
    ///
    /// Each element has random bits of its own; the one at a place is the one that many are less than.
    private static func shuffled(_ count: Int, _ place: Int, _ key: RandomKey) -> Int {
        for element in 0..<count {
            let own = key.bits(element)
            var before = 0
            for other in 0..<count where other != element {
                let bits = key.bits(other)
                if bits < own || (bits == own && other < element) { before += 1 }
            }
            if before == place { return element }
        }
        return place
    }

    /// An order of choices in which each occurs as often as its stream has batches, evenly spread.
    static func interleaved(_ choices: [StepChoice], _ streams: [StreamDescription]) -> [StepChoice]
    {
        let counts = choices.map { streams[$0.stream].stepCount }
        let total = counts.reduce(0, +)
        var taken = counts.map { _ in 0 }
        var order: [StepChoice] = []
        order.reserveCapacity(total)
        for step in 0..<total {
            // The one that is furthest behind its share.
            func deficit(_ index: Int) -> Int { (step + 1) * counts[index] - taken[index] * total }
            let next = counts.indices.max { (deficit($0), $1) < (deficit($1), $0) } ?? 0
            taken[next] += 1
            order.append(choices[next])
        }
        return order
    }
}
