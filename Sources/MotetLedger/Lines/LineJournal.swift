import Dispatch
public import Foundation
import Synchronization

/// Lines in numbered files, one JSON object each: what was appended is there after any end of the process.
///
/// A folder has files `prices-00000001.jsonl` and so on, which any program that reads JSON lines reads; one process may write
/// them at a time. Lines that come while others are written are written together by the next write, and brought to the disk
/// together where the setting asks for it. A line that an end of the process tore is cut off at the next opening; nobody was told that
/// it was kept. Files are removed as a whole, from the oldest.
public final class LineJournal: Sendable {
    /// How much is kept, and how safely.
    public struct Options: Hashable, Sendable {
        /// What lines survive once `append` returns.
        public var durability = LedgerDurability.power
        /// The size at which another file is begun.
        public var fileBytes = 64 << 20
        /// For how many days lines are kept, at least; older files go.
        public var keepDays = 400
        /// The most bytes of all files; older files go.
        public var totalBytes = 16 << 30
        /// The most calls that may wait for the disk.
        public var maximumWaiting = 10_000

        /// The defaults.
        public init() {}
    }

    private struct Write: Sendable {
        var bytes: [UInt8]
        var time: Int64
        var appending: LineAppending
    }

    private struct Waiting {
        var writes: [Write] = []
        var isScheduled = false
        var isClosed = false
    }

    /// How much is kept, and how safely.
    public let options: Options
    private let folder: String
    private let queue = DispatchQueue(label: "motet.line-journal")
    private let waiting = Mutex(Waiting())
    private let files: Mutex<LineFiles>

    /// Opens the journal of a folder, or makes one.
    ///
    /// - Parameters:
    ///   - folder: where it is kept.
    ///   - name: what its files begin with.
    ///   - options: how much is kept, and how safely.
    ///   - since: lines from this time on are told; files that end before are not read.
    ///   - time: now, in milliseconds since 1970.
    ///   - timeOf: the time of a line; nil for what is no line of this journal.
    ///   - read: told each line, in order.
    /// - Throws: ``LedgerError`` where another process has it, it cannot be read or written, or a line does not read.
    public convenience init(
        folder: String,
        name: String,
        options: Options = Options(),
        since: Int64 = .max,
        at time: Int64,
        timeOf: (Data) -> Int64?,
        read: (Data) -> Void = { _ in }
    ) throws(LedgerError) {
        try self.init(
            folder: folder,
            name: name,
            options: options,
            since: since,
            at: time,
            timeOf: timeOf,
            read: read
        ) { Foundation.write($0, $1.baseAddress, $1.count) }
    }

    init(
        folder: String,
        name: String,
        options: Options,
        since: Int64,
        at time: Int64,
        timeOf: (Data) -> Int64?,
        read: (Data) -> Void,
        write: @escaping LineFiles.Write
    ) throws(LedgerError) {
        self.folder = folder
        self.options = options
        var files = try LineFiles(folder: folder, name: name, write: write)
        try files.open(since: since, timeOf: timeOf, read: read)
        files.removeOld(options, at: time)
        self.files = Mutex(files)
    }

    deinit { files.withLock { $0.close() } }

    /// Appends lines; when it returns they are kept, all of them.
    ///
    /// - Parameters:
    ///   - lines: the lines, without their ends; each a JSON object.
    ///   - time: now, in milliseconds since 1970.
    /// - Throws: ``LedgerError`` where they cannot be written: none of them is there then, but where the disk failed after
    ///   the writing.
    public func append(_ lines: [[UInt8]], at time: Int64) async throws {
        try await begin(lines, at: time).wait()
    }

    /// Begins to append lines, from any thread, so that other work can be done while they are written.
    ///
    /// - Parameters:
    ///   - lines: the lines, without their ends; each a JSON object.
    ///   - time: now, in milliseconds since 1970.
    /// - Returns: what tells when they are kept.
    /// - Throws: ``LedgerError`` where the journal is closed, or too much waits to be written.
    public func begin(
        _ lines: [[UInt8]],
        at time: Int64
    ) throws(LedgerError) -> LineAppending {
        let appending = LineAppending()
        guard !lines.isEmpty else {
            appending.end(nil)
            return appending
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
        for line in lines {
            // Without an end before the last byte, many are looked at at once.
            let feeds = line.reduce(into: UInt8(0)) { $0 |= $1 == 10 ? 1 : 0 }
            precondition(feeds == 0, "a line of a journal has no line feed in it")
            bytes += line
            bytes.append(10)
        }
        let write = Write(bytes: bytes, time: time, appending: appending)
        let refusal = waiting.withLock { waiting -> LedgerError? in
            guard !waiting.isClosed else {
                return LedgerError(
                    .ledger,
                    "journal \"\(folder)\": closed; expected an open one."
                )
            }
            guard waiting.writes.count < options.maximumWaiting else {
                return LedgerError(
                    .ledgerFull,
                    "journal \"\(folder)\": too much waits to be written; expected at most \(options.maximumWaiting) "
                        + "calls. Send it again later."
                )
            }
            waiting.writes.append(write)
            guard !waiting.isScheduled else { return nil }
            waiting.isScheduled = true
            queue.async { self.writeWaiting() }
            return nil
        }
        if let refusal { throw refusal }
        return appending
    }

    /// The files, the oldest first, and their bytes.
    public var contents: [(file: String, bytes: Int)] {
        files.withLock { files in files.all.map { (files.path($0.number), $0.bytes) } }
    }

    /// Waits for what was begun, and ends the use of the folder, so that another process can open it.
    public func close() async {
        waiting.withLock { $0.isClosed = true }
        await withCheckedContinuation { reply in
            queue.async {
                self.writeWaiting()
                self.files.withLock { $0.close() }
                reply.resume()
            }
        }
    }

    /// Writes all that waits together, and comes back for what comes meanwhile.
    private func writeWaiting() {
        let writes = waiting.withLock { waiting -> [Write] in
            let writes = waiting.writes
            waiting.writes = []
            if writes.isEmpty { waiting.isScheduled = false }
            return writes
        }
        guard !writes.isEmpty else { return }
        let failure = files.withLock { files -> LedgerError? in
            do throws(LedgerError) {
                let time = writes.reduce(Int64.min) { max($0, $1.time) }
                if files.length >= options.fileBytes {
                    try files.begin(syncs: options.durability == .power)
                    files.removeOld(options, at: time)
                }
                var bytes = writes[0].bytes
                bytes.reserveCapacity(writes.reduce(0) { $0 + $1.bytes.count })
                for write in writes.dropFirst() { bytes += write.bytes }
                try files.append(
                    bytes,
                    at: time,
                    syncs: options.durability == .power
                )
                return nil
            } catch { return error }
        }
        for write in writes { write.appending.end(failure) }
        queue.async { self.writeWaiting() }
    }
}
