import MotetCore

/// What the phases of a schedule are made concrete with.
struct PhasePlanner {
    /// A source as the planner sees it.
    struct Source {
        /// The tasks with labels there, as positions in the trainer's list.
        let tasks: [Int]
        /// The batches of an epoch.
        let stepCount: Int
        /// The batches of an epoch of each scenario's rows.
        let scenarioSteps: [Int]
        /// For each of the trainer's tasks its labelled rows.
        let labelledRows: [Int]
    }

    let names: [String]
    let sources: [Source]

    /// Makes a phase concrete.
    ///
    /// - Parameters:
    ///   - phase: the phase.
    ///   - number: its number, for messages.
    ///   - found: the order of tasks that was found for it.
    /// - Returns: the plan.
    /// - Throws: `TrainingError` when the phase names what is not there or has no step.
    func plan(_ phase: TrainingPhase, number: Int, found: [String]?) throws -> PhasePlan {
        let who = "schedule, phase \(number)"
        switch phase.kind {
        case .joint(let wanted, let epochs):
            try check(who, "epochs", epochs)
            let tasks = try positions(wanted ?? names, who)
            let (streams, sets, choices) = choices([tasks])
            let cycle = PhasePlan.interleaved(choices[0], streams)
            return PhasePlan(
                phase,
                streams: streams,
                taskSets: sets,
                stepCount: epochs * cycle.count,
                stepsPerReport: cycle.count,
                rule: .cycle(cycle)
            )
        case .alternating(let wanted, let turn, let rounds):
            return try alternating(phase, wanted, turn, rounds, who)
        case .sequential(let order, let epochs, let accumulates):
            try check(who, "epochsEach", epochs)
            var listed = found ?? names
            if case .given(let names) = order { listed = names }
            return try sequential(phase, positions(listed, who), epochs, accumulates)
        case .mixed(let mixture, let epochs):
            try check(who, "epochs", epochs)
            return try mixed(phase, mixture, epochs, who)
        case .domainNegotiation(let domains, let steps, let rounds, let rate):
            try check(who, "stepsPerDomain", steps)
            try check(who, "rounds", rounds)
            guard rate > 0, rate.isFinite else {
                throw mistake("\(who): 'rate' is out of range; expected above 0; received \(rate).")
            }
            return try negotiation(phase, domains, steps, rounds, who)
        }
    }

    private func alternating(
        _ phase: TrainingPhase,
        _ wanted: [String],
        _ turn: TrainingPhase.Turn,
        _ rounds: Int,
        _ who: String
    ) throws -> PhasePlan {
        try check(who, "rounds", rounds)
        let tasks = try positions(wanted, who)
        let (streams, sets, choices) = choices(tasks.map { [$0] })
        var turns: [(choice: StepChoice, steps: Int)] = []
        var (whole, byEpochs) = (0, false)
        for own in choices {
            // A task with several sources has its turn on each of them.
            let epoch = own.map { streams[$0.stream].stepCount }
            whole += epoch.reduce(0, +)
            switch turn {
            case .steps(let steps):
                try check(who, "switchingEvery: .steps", steps)
                turns += Self.shared(steps, own, epoch)
            case .epochs(let epochs):
                try check(who, "switchingEvery: .epochs", epochs)
                byEpochs = true
                turns += zip(own, epoch).map { ($0, epochs * $1) }
            }
        }
        let round = turns.reduce(0) { $0 + $1.steps }
        return PhasePlan(
            phase,
            streams: streams,
            taskSets: sets,
            stepCount: rounds * round,
            // A report an epoch, and never inside a round of whole epochs.
            stepsPerReport: byEpochs ? round : whole,
            rule: .turns(turns)
        )
    }

    /// A number of steps divided among the sources of a task in proportion to their batches.
    private static func shared(
        _ steps: Int,
        _ choices: [StepChoice],
        _ batches: [Int]
    ) -> [(choice: StepChoice, steps: Int)] {
        let total = max(1, batches.reduce(0, +))
        var (seen, given) = (0, 0)
        return zip(choices, batches).map { choice, count in
            seen += count
            let end = steps * seen / total
            defer { given = end }
            return (choice, end - given)
        }
    }

    private func sequential(
        _ phase: TrainingPhase,
        _ tasks: [Int],
        _ epochs: Int,
        _ accumulates: Bool
    ) throws -> PhasePlan {
        let stages = tasks.indices.map { accumulates ? Array(tasks[...$0]) : [tasks[$0]] }
        let (streams, sets, choices) = choices(stages)
        let cycles = choices.map { PhasePlan.interleaved($0, streams) }
        // Stages are as long as the longest of them, so that a later one is not cut short.
        let longest = cycles.map(\.count).max() ?? 1
        return PhasePlan(
            phase,
            streams: streams,
            taskSets: sets,
            stepCount: stages.count * epochs * longest,
            stepsPerReport: longest,
            rule: .stages(cycles, steps: epochs * longest)
        )
    }

    private func mixed(
        _ phase: TrainingPhase,
        _ mixture: TrainingPhase.Mixture,
        _ epochs: Int,
        _ who: String
    ) throws -> PhasePlan {
        var tasks = Array(names.indices)
        var weights = tasks.map { _ in 1.0 }
        switch mixture {
        case .lossProportional: break
        case .fixed(let given):
            tasks = try positions(given.keys.sorted(), who)
            let own = tasks.map { given[names[$0]] ?? 0 }
            guard own.allSatisfy({ $0 >= 0 && $0.isFinite }), own.contains(where: { $0 > 0 }) else {
                throw mistake(
                    "\(who): probabilities are out of range; expected finite numbers of at least 0, one of them above; received \(own)."
                )
            }
            weights = own
        case .temperature(let temperature):
            guard temperature > 0, temperature.isFinite else {
                throw mistake(
                    "\(who): 'temperature' is out of range; expected above 0; received \(temperature)."
                )
            }
            let rows = tasks.map { task in sources.reduce(0) { $0 + $1.labelledRows[task] } }
            weights = rows.map { power(Double($0), 1 / temperature) }
        }
        let (streams, sets, choices) = choices(tasks.map { [$0] })
        // A task with several sources is drawn as often as its weight says, and then by their size.
        var (drawn, drawnWeights): ([StepChoice], [Double]) = ([], [])
        for (index, own) in choices.enumerated() {
            let batches = own.map { Double(streams[$0.stream].stepCount) }
            drawn += own
            drawnWeights += batches.map { weights[index] * $0 / batches.reduce(0, +) }
        }
        let epoch = streams.reduce(0) { $0 + $1.stepCount }
        return PhasePlan(
            phase,
            streams: streams,
            taskSets: sets,
            stepCount: epochs * epoch,
            stepsPerReport: epoch,
            rule: .drawn(drawn, weights: drawnWeights, byLoss: mixture == .lossProportional)
        )
    }

    private func negotiation(
        _ phase: TrainingPhase,
        _ domains: TrainingPhase.Domains,
        _ steps: Int,
        _ rounds: Int,
        _ who: String
    ) throws -> PhasePlan {
        var streams: [StreamDescription] = []
        var sets: [[Int]] = []
        var flat: [StepChoice] = []
        switch domains {
        case .tasks:
            let made = choices(names.indices.map { [$0] })
            (streams, sets, flat) = (made.streams, made.sets, made.choices.flatMap { $0 })
        case .scenarios:
            for (index, source) in sources.enumerated() {
                sets.append(source.tasks)
                for (scenario, count) in source.scenarioSteps.enumerated() where count > 0 {
                    flat.append(StepChoice(stream: streams.count, tasks: index))
                    streams.append(
                        StreamDescription(source: index, scenario: scenario, stepCount: count)
                    )
                }
            }
            guard flat.count > 1 else {
                throw mistake(
                    "\(who): Domain Negotiation over scenarios needs at least 2 with training rows; received \(flat.count). Declare a scenario column, or negotiate over tasks."
                )
            }
        }
        let round = flat.count * steps
        let epoch = sources.reduce(0) { $0 + $1.stepCount }
        return PhasePlan(
            phase,
            streams: streams,
            taskSets: sets,
            stepCount: rounds * round,
            // Whole rounds: between them the parameters are on their way.
            stepsPerReport: max(1, (epoch + round / 2) / round) * round,
            rule: .domains(flat, steps: steps)
        )
    }

    /// The streams of all sources that have a wanted task, the sets of tasks they train, and for each
    /// wanted set the choices that train it.
    private func choices(
        _ wanted: [[Int]]
    ) -> (streams: [StreamDescription], sets: [[Int]], choices: [[StepChoice]]) {
        var streams: [StreamDescription] = []
        var sets: [[Int]] = []
        let choices = wanted.map { tasks in
            sources.enumerated().compactMap { index, source -> StepChoice? in
                let own = tasks.filter(source.tasks.contains)
                guard !own.isEmpty else { return nil }
                let stream = StreamDescription(source: index, stepCount: source.stepCount)
                let streamIndex = streams.firstIndex(of: stream) ?? streams.count
                if streamIndex == streams.count { streams.append(stream) }
                let setIndex = sets.firstIndex(of: own.sorted()) ?? sets.count
                if setIndex == sets.count { sets.append(own.sorted()) }
                return StepChoice(stream: streamIndex, tasks: setIndex)
            }
        }
        return (streams, sets, choices)
    }

    private func positions(_ tasks: [String], _ who: String) throws -> [Int] {
        guard !tasks.isEmpty else {
            throw mistake("\(who): no task is named; expected at least 1 of \(names).")
        }
        var seen = Set<String>()
        return try tasks.map { task in
            guard let position = names.firstIndex(of: task) else {
                throw mistake(
                    "\(who): there is no task \"\(task)\"; expected one of \(names)."
                        + Suggestion.sentence(for: task, in: names)
                )
            }
            guard seen.insert(task).inserted else {
                throw mistake("\(who): the task \"\(task)\" is named twice.")
            }
            return position
        }
    }

    private func check(_ who: String, _ what: String, _ value: Int) throws {
        guard value >= 1 else {
            throw mistake(
                "\(who): '\(what)' is out of range; expected at least 1; received \(value)."
            )
        }
    }

    private func mistake(_ text: String) -> TrainingError { TrainingError(.scheduleInvalid, text) }
}
