import Foundation
import MotetMetrics
import MotetTraining

/// What became of a run.
public enum RunState: String, Codable, Hashable, Sendable {
    /// It is trained and measured.
    case finished
    /// It ended with an error.
    case failed
    /// The budget had no room for it.
    case notStarted = "not_started"
    /// The budget ended while it ran; it goes on from its checkpoint another time.
    case stopped
    /// Ctrl-C came before its end.
    case pending
}

/// A run's state and the reason for it.
struct RunOutcome: Hashable {
    var state: RunState
    var reason: String?

    static let finished = RunOutcome(state: .finished)
}

/// Runs trainings as processes of their own, as many at a time as the budget allows.
///
/// What a run computes depends on its experiment alone, which says how many threads it has: not on what
/// runs beside it.
final class ComparisonPool {
    private let folder: ComparisonFolder
    private let program: String
    private let budget: Comparison.Budget
    private let shouldStop: () -> Bool
    private let tell: (String) -> Void
    private let start = ContinuousClock.now
    private var running: [Job] = []
    private var limit: Int
    private var total = 0
    private var done = 0
    private var usage: [String: RunUsage]
    /// What became of each run.
    private(set) var outcomes: [ComparisonRun: RunOutcome] = [:]
    /// Whether Ctrl-C came.
    private(set) var isInterrupted = false

    /// Seconds a run gets to save when the budget has no more room for it.
    private static let grace = 20.0

    private final class Job {
        let run: ComparisonRun
        let process: ChildProcess
        /// Why it was asked to end.
        var cause: Cause?
        var askedAt = ContinuousClock.now

        init(_ run: ComparisonRun, _ process: ChildProcess) {
            self.run = run
            self.process = process
        }
    }

    private enum Cause { case interruption, time, memory, crowded }

    init(
        folder: ComparisonFolder,
        program: String,
        budget: Comparison.Budget,
        parallel: Int,
        shouldStop: @escaping () -> Bool,
        tell: @escaping (String) -> Void
    ) {
        self.folder = folder
        self.program = program
        self.budget = budget
        self.shouldStop = shouldStop
        self.tell = tell
        limit = parallel
        let data = FileManager.default.contents(atPath: folder.usageFile) ?? Data()
        usage = (try? JSONDecoder().decode([String: RunUsage].self, from: data)) ?? [:]
    }

    /// What a run took, as far as it is known.
    func usage(of run: ComparisonRun) -> RunUsage? { usage[run.path] }

    /// Says how many runs there will be, for the lines that tell how far it is.
    func expect(_ runs: Int) { total += runs }

    /// Runs trainings to their end, or to that of the budget.
    ///
    /// - Parameter runs: the trainings in the order they are started; finished ones are not redone.
    /// - Throws: an error of a process that cannot be started, or a file that cannot be written.
    func work(_ runs: [ComparisonRun]) throws {
        var queue: [ComparisonRun] = []
        for run in runs {
            if RunDirectory(folder.place(run)).isFinished {
                outcomes[run] = .finished
                done += 1
                tell("[\(done)/\(total)] \(run.title): finished before")
            } else {
                queue.append(run)
            }
        }
        do {
            while !queue.isEmpty || !running.isEmpty {
                if !isInterrupted, shouldStop() { interruptAll() }
                try launch(&queue)
                watchBudget()
                for job in running {
                    if let ending = job.process.poll() { try settle(job, ending, &queue) }
                }
                if !running.isEmpty { usleep(10_000) }
            }
        } catch {
            for job in running { job.process.kill() }
            throw error
        }
    }

    private func launch(_ queue: inout [ComparisonRun]) throws {
        while running.count < limit, let run = queue.first {
            if isInterrupted {
                outcomes[run] = RunOutcome(state: .pending, reason: "stopped before its start")
                queue.removeFirst()
            } else if let reason = refusal(run) {
                outcomes[run] = RunOutcome(state: .notStarted, reason: reason)
                done += 1
                tell("[\(done)/\(total)] \(run.title): not started: \(reason)")
                queue.removeFirst()
            } else if hasRoom(for: run) {
                queue.removeFirst()
                running.append(Job(run, try spawn(run)))
            } else {
                return
            }
        }
    }

    private func spawn(_ run: ComparisonRun) throws -> ChildProcess {
        let place = folder.place(run)
        try AtomicFile.write(place + ".yaml", text: run.yaml)
        let own = "\(ProcessInfo.processInfo.processIdentifier)"
        let goesOn = RunDirectory(place).isRun
        let what = goesOn ? [place, "--resume"] : [place + ".yaml", "--output", place]
        return try ChildProcess(
            program,
            ["train"] + what + ["--parent", own],
            log: place + ".log"
        )
    }

    // MARK: The budget

    private var secondsLeft: Double? {
        budget.minutes.map { $0 * 60 - Self.seconds(ContinuousClock.now - start) }
    }

    private var memoryLimit: Double? { budget.gigabytes.map { $0 * 0x1p30 } }

    /// Why a run does not fit; nil if it may be tried.
    private func refusal(_ run: ComparisonRun) -> String? {
        if let left = secondsLeft {
            guard left > 0 else { return "the time of the budget is over" }
            if let needed = expectation(run, \.seconds), needed > left {
                return
                    "it takes about \(Self.text(needed)), and \(Self.text(left)) are left of the "
                    + "budget's time"
            }
        }
        if let limit = memoryLimit {
            let least = run.leastMemory
            if Double(least) > limit {
                return
                    "its parameters alone take \(Self.text(bytes: least)), more than the budget's "
                    + "memory"
            }
            if let needed = expectation(run, \.memory), Double(needed) > limit {
                return
                    "a run of this cell took \(Self.text(bytes: needed)), more than the budget's "
                    + "memory"
            }
        }
        return nil
    }

    private func hasRoom(for run: ComparisonRun) -> Bool {
        guard let limit = memoryLimit, !running.isEmpty else { return true }
        let inUse = running.reduce(0) { $0 + expectedMemory($1) }
        let needed = max(expectation(run, \.memory) ?? 0, run.leastMemory)
        return Double(inUse + needed) <= limit
    }

    private func expectedMemory(_ job: Job) -> Int64 {
        max(job.process.peakMemory, expectation(job.run, \.memory) ?? 0, job.run.leastMemory)
    }

    /// What the runs of the same cell took at most; nil where none has ended.
    private func expectation<Value: Comparable>(
        _ run: ComparisonRun,
        _ what: KeyPath<RunUsage, Value>
    ) -> Value? {
        usage.filter { path, _ in path.hasPrefix("cells/\(run.cell)/") }.values
            .map { $0[keyPath: what] }.max()
    }

    private func watchBudget() {
        if let left = secondsLeft, left <= 0 {
            for job in running where job.cause == nil { ask(job, .time) }
        }
        // Its metrics are measured in one piece; what is killed goes on from its checkpoint.
        for job in running where job.cause != nil && job.cause != .interruption {
            if Self.seconds(ContinuousClock.now - job.askedAt) > Self.grace { job.process.kill() }
        }
        guard let limit = memoryLimit else { return }
        let used = running.reduce(0) { $0 + $1.process.peakMemory }
        guard Double(used) > limit, let youngest = running.last, youngest.cause == nil else {
            return
        }
        ask(youngest, running.count > 1 ? .crowded : .memory)
    }

    private func ask(_ job: Job, _ cause: Cause) {
        job.cause = cause
        job.askedAt = ContinuousClock.now
        job.process.interrupt()
    }

    private func interruptAll() {
        isInterrupted = true
        for job in running where job.cause == nil { ask(job, .interruption) }
    }

    // MARK: The end of a run

    private func settle(
        _ job: Job,
        _ ending: ChildProcess.Ending,
        _ queue: inout [ComparisonRun]
    ) throws {
        running.removeAll { $0 === job }
        let run = job.run
        let place = folder.place(run)
        var used = usage[run.path] ?? RunUsage()
        used.memory = max(used.memory, job.process.peakMemory)
        let isFinished = RunDirectory(place).isFinished
        used.seconds += Self.seconds(ContinuousClock.now - job.process.start)
        // What was cut off says too little about the time another run takes.
        if isFinished || job.cause == .memory { try record(used, run) }
        if isFinished {
            done += 1
            outcomes[run] = .finished
            tell("[\(done)/\(total)] \(run.title): \(Self.text(used.seconds)), \(summary(place))")
            return
        }
        switch job.cause {
        case .crowded:
            limit = max(1, running.count)
            queue.insert(run, at: 0)
            tell("\(run.title): put off, as the runs together need more memory than the budget has")
        case .interruption:
            outcomes[run] = RunOutcome(state: .pending, reason: "stopped and saved")
        case .time:
            end(run, .stopped, "the time of the budget ended while it ran")
        case .memory:
            let needed = Self.text(bytes: used.memory)
            end(run, .stopped, "it took \(needed), more than the budget's memory")
        case nil:
            let text = (try? String(contentsOfFile: place + ".log", encoding: .utf8)) ?? ""
            let last = text.split(separator: "\n").last.map(String.init) ?? "it printed nothing"
            switch ending {
            case .exit(130):
                outcomes[run] = RunOutcome(state: .pending, reason: "stopped and saved")
            case .exit(let code): end(run, .failed, "exit code \(code): \(last)")
            case .signal(let number): end(run, .failed, "killed by signal \(number): \(last)")
            }
        }
    }

    private func end(_ run: ComparisonRun, _ state: RunState, _ reason: String) {
        done += 1
        outcomes[run] = RunOutcome(state: state, reason: reason)
        tell(
            "[\(done)/\(total)] \(run.title): \(state == .failed ? "failed" : "stopped"): \(reason)"
        )
    }

    private func record(_ used: RunUsage, _ run: ComparisonRun) throws {
        usage[run.path] = used
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(usage), as: UTF8.self)
        try AtomicFile.write(folder.usageFile, text: text + "\n")
    }

    /// The first metric of each task on the validation rows, or else on the test rows.
    private func summary(_ place: String) -> String {
        guard let report = try? RunDirectory(place).metrics(),
            let entries = (report.validation ?? report.test)?.entries
        else { return "no metrics" }
        var seen: Set<String> = []
        let values = entries.compactMap { entry -> String? in
            guard entry.scenario == nil, seen.insert(entry.task).inserted else { return nil }
            let value = entry.estimate.value.value.map { NumberText.fixed($0, digits: 4) }
            return "\(entry.task) \(entry.metric) \(value ?? "undefined")"
        }
        return values.joined(separator: ", ")
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

    private static func text(_ seconds: Double) -> String {
        seconds < 60
            ? "\(NumberText.fixed(max(0, seconds), digits: 1)) s"
            : NumberText.time(.seconds(seconds))
    }

    static func text(bytes: Int64) -> String {
        "\(NumberText.fixed(Double(bytes) / 0x1p20, digits: 0)) MiB"
    }
}
