import MotetCore
import MotetData
import MotetGraph

/// A phase while it runs: its plan, its streams, and the programs its steps need.
///
/// Programs live as long as the phase, so that their memory is free for the next one's.
final class ActivePhase {
    let plan: PhasePlan
    let streams: [BatchStream]
    /// What random choices of the phase are drawn from.
    let key: RandomKey
    private let runner: ScheduleRunner
    private let frozen: Set<String>
    private var sessions: [[TrainingSession?]]
    /// For each set of tasks, length bucket and stream how batches reach the program.
    private var bindings: [[[BatchBinding?]]]
    /// Programs run one after the other, so that they need the memory of one.
    private let memory = WorkingMemory()
    /// What looks at the gradients of a set of tasks at the length of a bucket; nil inside where nothing is shared.
    private var probes: [ProbePlace: GradientProbe?] = [:]
    private var probeBindings: [ProbePlace: [Int: BatchBinding]] = [:]
    private let negotiation: (domains: DomainNegotiation, steps: Int, rate: Float)?

    private struct ProbePlace: Hashable {
        let tasks: Int
        let bucket: Int
    }

    init(
        _ runner: ScheduleRunner,
        _ number: Int,
        found: [String]?,
        _ cursors: [String: FitState.Cursor]
    ) throws {
        let phase = runner.schedule.phases[number]
        let plan = try runner.planner.plan(phase, number: number + 1, found: found)
        self.runner = runner
        self.plan = plan
        streams = try plan.streams.map { try runner.stream($0, cursors) }
        key = runner.trainer.key.split("schedule").split(number)
        frozen = try Trainer.frozen(
            phase.frozen,
            of: runner.trainer.model,
            number: number + 1
        )
        let buckets = runner.lengthBuckets?.lengths ?? [0]
        sessions = plan.taskSets.map { _ in buckets.map { _ in nil } }
        bindings = plan.taskSets.map { _ in buckets.map { _ in plan.streams.map { _ in nil } } }
        if case .domainNegotiation(_, _, _, let rate) = phase.kind,
            let steps = plan.negotiationSteps
        {
            negotiation = (runner.negotiation, steps, rate)
        } else {
            negotiation = nil
        }
    }

    /// The program of a choice at the length of a bucket, and how its stream reaches it; made when first
    /// needed.
    func session(
        _ choice: StepChoice,
        bucket: Int
    ) throws -> (TrainingSession, BatchBinding) {
        if let session = sessions[choice.tasks][bucket],
            let binding = bindings[choice.tasks][bucket][choice.stream]
        {
            return (session, binding)
        }
        let part = TrainingProgram.Part(tasks: plan.taskSets[choice.tasks], frozen: frozen)
        let session =
            try sessions[choice.tasks][bucket]
            ?? runner.session(part, plan, bucket: bucket, memory: memory)
        sessions[choice.tasks][bucket] = session
        let binding = try session.binding(streams[choice.stream].loader, bucket: bucket)
        bindings[choice.tasks][bucket][choice.stream] = binding
        return (session, binding)
    }

    /// What looks at the gradients of a choice's tasks, and how its stream reaches it; nil where nothing is shared.
    func probe(
        _ choice: StepChoice,
        bucket: Int
    ) throws -> (GradientProbe, BatchBinding)? {
        let place = ProbePlace(tasks: choice.tasks, bucket: bucket)
        let probe: GradientProbe?
        if let known = probes[place] {
            probe = known
        } else {
            let part = TrainingProgram.Part(tasks: plan.taskSets[choice.tasks], frozen: frozen)
            probe = try runner.probe(part, plan, bucket: bucket, memory: memory)
            probes[place] = .some(probe)
        }
        guard let probe else { return nil }
        if let binding = probeBindings[place]?[choice.stream] { return (probe, binding) }
        let binding = try probe.binding(streams[choice.stream].loader, bucket: bucket)
        probeBindings[place, default: [:]][choice.stream] = binding
        return (probe, binding)
    }

    /// Before a step: remembers the parameters where a round of Domain Negotiation begins.
    func beginRound(at step: Int) {
        guard let negotiation, step.isMultiple(of: negotiation.steps) else { return }
        negotiation.domains.begin()
    }

    /// After a step: moves the parameters back a part of the way where a round ends.
    func endRound(at step: Int) {
        guard let negotiation, step.isMultiple(of: negotiation.steps) else { return }
        negotiation.domains.end(rate: negotiation.rate)
    }

    /// The rows of the steps between two reports, about.
    func rowsPerReport(at step: Int) -> Int {
        if streams.count == 1, plan.stepsPerReport == streams[0].loader.stepCount {
            return streams[0].loader.rowCount
        }
        return min(plan.stepsPerReport, plan.stepCount) * runner.batchSize
    }
}
