import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN

/// A schedule over sources: the programs, streams and plans its phases need.
final class ScheduleRunner {
    let trainer: Trainer
    let schedule: TrainingSchedule
    let sources: [TrainingSource]
    let batchSize: Int
    let lengthBuckets: LengthBuckets?
    let planner: PhasePlanner
    /// For each source the rows of each scenario.
    private let scenarioRows: [[[Int]]]
    /// For each parameter the group of those that are updated in the same steps; nil when all are.
    private let counters: [String: Int]?
    /// How many groups there are.
    let groupCount: Int
    private var streams: [String: BatchStream] = [:]

    init(
        _ trainer: Trainer,
        _ schedule: TrainingSchedule,
        _ sources: [TrainingSource],
        batchSize: Int,
        scenarioCount: Int,
        lengthBuckets: LengthBuckets? = nil
    ) throws {
        self.trainer = trainer
        self.schedule = schedule
        self.sources = sources
        self.batchSize = batchSize
        self.lengthBuckets = lengthBuckets
        let rows =
            try schedule.negotiatesScenarios
            ? sources.map { try Self.rows($0.training, scenarios: scenarioCount) } : []
        scenarioRows = rows
        func batches(_ source: TrainingSource, _ rows: BatchRows, _ count: Int) throws -> Int {
            try lengthBuckets?.batchCount(of: source.training, rows: rows, batchSize: batchSize)
                ?? (count + batchSize - 1) / batchSize
        }
        let planned = try sources.indices.map { index in
            let source = sources[index]
            return PhasePlanner.Source(
                tasks: try trainer.tasks.positions(source.tasks),
                stepCount: try batches(source, .all, source.training.rowCount),
                scenarioSteps: try rows.isEmpty
                    ? [] : rows[index].map { try batches(source, .indices($0), $0.count) },
                labelledRows: try schedule.drawsByRows
                    ? trainer.labelledRows(source) : trainer.tasks.tasks.map { _ in 0 }
            )
        }
        planner = PhasePlanner(names: trainer.tasks.tasks.map(\.name), sources: planned)
        (counters, groupCount) = try Self.groups(trainer, schedule, planner)
    }

    /// Sorts parameters by the steps that update them: each group has its own count of updates.
    ///
    /// A step updates a parameter when one of its tasks reaches it and its phase does not freeze it. So
    /// parameters that the same tasks reach, and the same phases freeze, are updated together.
    private static func groups(
        _ trainer: Trainer,
        _ schedule: TrainingSchedule,
        _ planner: PhasePlanner
    ) throws -> ([String: Int]?, Int) {
        guard !schedule.phases.isEmpty else {
            throw TrainingError(
                .scheduleInvalid,
                "schedule: there is no phase; expected at least 1."
            )
        }
        let all = Array(trainer.tasks.tasks.indices)
        var frozen: [Set<String>] = []
        var isOneGroup = true
        for (number, phase) in schedule.phases.enumerated() {
            let plan = try planner.plan(phase, number: number + 1, found: nil)
            frozen.append(
                try Trainer.frozen(phase.frozen, of: trainer.model, number: number + 1)
            )
            if plan.taskSets != [all] || !phase.frozen.isEmpty { isOneGroup = false }
        }
        if isOneGroup { return (nil, 0) }
        var signatures: [String: [Int]] = [:]
        for task in all {
            let part = TrainingProgram.Part(tasks: [task])
            for name in try trainer.program(part, counters: nil).trained {
                signatures[name, default: []].append(task)
            }
        }
        // Weights of losses alone are nothing to train.
        let learned = Set(trainer.weightingStates)
        for (number, names) in frozen.enumerated() {
            let still = names.union(learned)
            guard signatures.keys.contains(where: { !still.contains($0) }) else {
                throw TrainingError(
                    .scheduleInvalid,
                    "schedule, phase \(number + 1): every parameter is frozen; expected one that is trained."
                )
            }
            for name in names { signatures[name]?.append(all.count + number) }
        }
        let kinds = Set(signatures.values).sorted { $0.lexicographicallyPrecedes($1) }
        return (signatures.mapValues { kinds.firstIndex(of: $0) ?? 0 }, kinds.count)
    }

    private static func rows(_ data: PreparedDataset, scenarios: Int) throws -> [[Int]] {
        guard data.columns.contains(where: { $0.name == "scenario" }) else { return [] }
        return try data.withIntegers("scenario") { values in
            let count = max(scenarios, Int(values.max() ?? -1) + 1)
            var rows = [[Int]](repeating: [], count: count)
            for (row, scenario) in values.enumerated() where scenario >= 0 {
                rows[Int(scenario)].append(row)
            }
            return rows
        }
    }

    /// The program that trains a part of the model, ready to run.
    ///
    /// - Parameters:
    ///   - part: what it trains.
    ///   - plan: the phase, for the sizes of its batches.
    ///   - bucket: the position of the batches' length among the length buckets.
    ///   - memory: where its intermediate results may be.
    /// - Returns: the session.
    /// - Throws: `GraphError` when the model cannot be traced at that length.
    func session(
        _ part: TrainingProgram.Part,
        _ plan: PhasePlan,
        bucket: Int,
        memory: WorkingMemory
    ) throws -> TrainingSession {
        let program = try trainer.program(part, counters: counters, steps: steps(bucket))
        return try TrainingSession(program, of: trainer, capacity: capacity(plan), memory: memory)
    }

    /// What looks at the gradients of a part's tasks; nil where they share nothing.
    func probe(
        _ part: TrainingProgram.Part,
        _ plan: PhasePlan,
        bucket: Int,
        memory: WorkingMemory
    ) throws -> GradientProbe? {
        try GradientProbe(
            part,
            of: trainer,
            capacity: capacity(plan),
            steps: steps(bucket),
            memory: memory
        )
    }

    /// The greatest sizes of the batches of a phase.
    private func capacity(_ plan: PhasePlan) -> [SizeSymbol: Int] {
        var capacity: [SizeSymbol: Int] = [:]
        for stream in plan.streams {
            let data = sources[stream.source].training
            capacity.merge(Trainer.capacity(data, batchSize: batchSize)) { max($0, $1) }
        }
        return capacity
    }

    /// The steps of the inputs whose batches a bucket cuts; none at the full length.
    private func steps(_ bucket: Int) -> [String: Int] {
        guard let buckets = lengthBuckets, bucket < buckets.lengths.count - 1 else { return [:] }
        let cut = trainer.model.inputs.map(\.name).filter(buckets.columns.contains)
        return Dictionary(uniqueKeysWithValues: cut.map { ($0, buckets.lengths[bucket]) })
    }

    /// The stream of a description; made once, so that its epochs go on from phase to phase.
    func stream(
        _ description: StreamDescription,
        _ cursors: [String: FitState.Cursor]
    ) throws -> BatchStream {
        let name = BatchStream.name(description)
        if let known = streams[name] { return known }
        let source = sources[description.source]
        var key = trainer.key.split("order")
        if description.source > 0 { key = key.split(description.source) }
        if let scenario = description.scenario { key = key.split("scenario").split(scenario) }
        let rows: BatchRows =
            description.scenario.map { .indices(scenarioRows[description.source][$0]) } ?? .all
        let loader = try trainer.loader(
            source.training,
            batchSize: batchSize,
            key: key,
            tasks: planner.sources[description.source].tasks,
            rows: rows,
            lengthBuckets: lengthBuckets
        )
        let made = BatchStream(name, loader, cursors[name] ?? FitState.Cursor())
        streams[name] = made
        return made
    }

    /// The reports of all phases.
    func reportCount() throws -> Int {
        try schedule.phases.enumerated().reduce(0) { count, phase in
            let plan = try planner.plan(phase.element, number: phase.offset + 1, found: nil)
            return count + plan.reportCount
        }
    }

    /// The outer loop of Domain Negotiation over the trained parameters.
    var negotiation: DomainNegotiation {
        let trained = trainer.model.parameters.filter(\.isTrained).map(\.name)
        return DomainNegotiation(trainer.states, parameters: trained + trainer.weightingStates)
    }

    /// Makes room for what a round of Domain Negotiation starts from, before a checkpoint is read.
    func registerNegotiation() { if schedule.negotiates { _ = negotiation } }

    /// Predictions beside labels on the validation rows of every source.
    func validate(batchSize: Int) throws -> [TaskObservations] {
        var all: [TaskObservations] = []
        for (source, planned) in zip(sources, planner.sources) {
            guard let data = source.validation else { continue }
            for part in try trainer.evaluate(data, batchSize: batchSize, tasks: planned.tasks) {
                guard let place = all.firstIndex(where: { $0.task == part.task }) else {
                    all.append(part)
                    continue
                }
                // A task of several sources is measured on the rows of all of them.
                var merged = all[place].observations
                try merged.append(part.observations)
                all[place] = TaskObservations(
                    task: part.task,
                    metrics: part.metrics,
                    observations: merged
                )
            }
        }
        return all
    }

    /// Where all streams are.
    var cursors: [String: FitState.Cursor] { streams.mapValues(\.cursor) }
}

extension TrainingSchedule {
    var negotiatesScenarios: Bool {
        phases.contains {
            if case .domainNegotiation(.scenarios, _, _, _) = $0.kind { true } else { false }
        }
    }

    var negotiates: Bool {
        phases.contains {
            if case .domainNegotiation = $0.kind { true } else { false }
        }
    }

    fileprivate var drawsByRows: Bool {
        phases.contains {
            if case .mixed(.temperature, _) = $0.kind { true } else { false }
        }
    }
}
