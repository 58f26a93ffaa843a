import Foundation
import MotetCore
import MotetData
import Synchronization

/// Writes a simulated shop to a folder of Parquet files.
///
/// ```
/// impressions/part-00000.parquet ...        the log, in the order of time
/// users, items, item_days, campaigns        what the shop knows beside it, a file each
/// truth/impressions/part-00000.parquet ...  the truth of the same rows
/// truth/users, items, item_days, campaigns, rings
/// simulation.json                           settings, seed, version, constants and counts
/// ```
///
/// The folder is made under another name and takes its own only when it is complete. Its bytes are a function of
/// the settings alone: threads work on different files.
public struct Simulation: Sendable {
    /// The settings.
    public let settings: SimulationSettings
    /// The version of the program, for the record.
    public let version: String
    /// How many files are worked on at a time.
    public var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// The rows of a file.
    public static let partRows = 1 << 18
    /// The rows that are made at once.
    static let blockRows = 1 << 14

    /// Prepares a simulation.
    ///
    /// - Parameters:
    ///   - settings: what the shop is like.
    ///   - version: the version of the program.
    public init(_ settings: SimulationSettings, version: String) {
        self.settings = settings
        self.version = version
    }

    /// Writes the folder.
    ///
    /// - Parameters:
    ///   - folder: the folder to make; there must be nothing of that name.
    ///   - isStopped: asked before every block of rows; once it says yes, nothing is left and nil returned.
    ///   - progress: told the rows done and all of them, by the calling thread, ten times a second; rows are gone through
    ///     twice, and each time counts half.
    /// - Returns: what was simulated.
    /// - Throws: ``SimulationError`` for settings that do not go together and a place that is taken; `TableError`
    ///   when something cannot be written. Nothing is left then.
    public func write(
        to folder: String,
        isStopped: @escaping @Sendable () -> Bool = { false },
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> SimulationRecord? {
        try settings.check()
        let place = try SimulationFolder(folder)
        defer { place.discard() }
        // Half of the way: orders are found before rows are written, which need to know what is sold out.
        let found = try SimulatedWorld(settings, threads: threads, isStopped: isStopped) {
            progress($0 / 2, settings.rows)
        }
        guard let world = found else { return nil }
        for (path, table) in WorldTables(world).tables {
            try table.write("\(place.temporary)/\(path).parquet")
        }
        let work = PartWork(world, folder: place.temporary, isStopped: isStopped)
        WorkingThreads.run(min(threads, work.parts), label: "motet.simulation", work.run) {
            progress((settings.rows + work.rowsDone) / 2, settings.rows)
        }
        guard let counts = try work.result() else { return nil }
        progress(settings.rows, settings.rows)
        let record = SimulationRecord(
            world,
            version: version,
            parts: work.parts,
            counts: counts
        )
        try place.finish(record)
        return record
    }
}

/// The files of a simulation's rows, which threads take one after the other.
private final class PartWork: Sendable {
    private let generator: ImpressionGenerator
    private let folder: String
    private let isStopped: @Sendable () -> Bool
    private let next = Atomic<Int>(0)
    private let done = Atomic<Int>(0)
    private let state: Mutex<State>
    let parts: Int

    private struct State {
        var counts: [SimulationRecord.Counts?]
        var failure: (any Error)?
        var isStopped = false
    }

    init(_ world: SimulatedWorld, folder: String, isStopped: @escaping @Sendable () -> Bool) {
        generator = ImpressionGenerator(world)
        self.folder = folder
        self.isStopped = isStopped
        parts = (world.settings.rows + Simulation.partRows - 1) / Simulation.partRows
        state = Mutex(State(counts: Array(repeating: nil, count: parts)))
    }

    var rowsDone: Int { done.load(ordering: .relaxed) }

    /// The counts of all parts; nil when it was stopped.
    func result() throws -> SimulationRecord.Counts? {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard !state.isStopped else { return nil }
            var sum = SimulationRecord.Counts()
            for counts in state.counts { if let counts { sum.add(counts) } }
            return sum
        }
    }

    /// Whether there is nothing more to do.
    private var isOver: Bool {
        state.withLock { state in
            if !state.isStopped, isStopped() { state.isStopped = true }
            return state.isStopped || state.failure != nil
        }
    }

    /// Takes parts until there are none.
    func run() {
        var block = ImpressionBlock(generator.world)
        while true {
            let part = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard part < parts, !isOver else { return }
            do {
                guard let counts = try write(part, &block) else { return }
                state.withLock { $0.counts[part] = counts }
            } catch {
                state.withLock { if $0.failure == nil { $0.failure = error } }
                return
            }
        }
    }

    /// Writes the two files of a part; nil when it was stopped.
    private func write(
        _ part: Int,
        _ block: inout ImpressionBlock
    ) throws -> SimulationRecord.Counts? {
        let number = String(format: "%05d", part)
        var writers: (log: TableWriter, truth: TableWriter)?
        var counts = SimulationRecord.Counts()
        var row = part * Simulation.partRows
        let end = min(row + Simulation.partRows, generator.rows)
        while row < end {
            guard !isOver else { return nil }
            let next = min(row + Simulation.blockRows, end)
            generator.fill(&block, rows: row..<next)
            let log = SimulatedTable(log: block, scenarios: generator.world.settings.scenarios)
            let truth = SimulatedTable(truth: block)
            let open =
                try writers
                ?? (
                    log.writer("\(folder)/impressions/part-\(number).parquet"),
                    truth.writer("\(folder)/truth/impressions/part-\(number).parquet")
                )
            writers = open
            try open.log.append(log.columns.map(\.values))
            try open.truth.append(truth.columns.map(\.values))
            counts.add(block)
            done.add(next - row, ordering: .relaxed)
            row = next
        }
        try writers?.log.finish()
        try writers?.truth.finish()
        return counts
    }
}
