import Foundation
import MotetCore
import MotetData

/// Brings any number of events into the order of their times, with bounded memory.
///
/// Full runs of events are sorted and written to files of their own, which go away with the sorter; reading
/// merges the runs.
final class EventSorter {
    private let runLength: Int
    private var pending: [Event] = []
    private var files: [FileHandle] = []
    private var cursors: [RunCursor] = []
    private var nextPending = 0

    /// Creates a sorter that keeps so many events in memory.
    init(runLength: Int = 500_000) { self.runLength = runLength }

    deinit { for file in files { try? file.close() } }

    /// The number of runs that were written to files.
    var runCount: Int { files.count }

    /// Adds events, before any is read.
    func add(_ events: [Event]) throws {
        pending.append(contentsOf: events)
        if pending.count >= runLength { try spill() }
    }

    private func sortPending() {
        let isSorted = zip(pending, pending.dropFirst()).allSatisfy { $0.time <= $1.time }
        if !isSorted { pending.sort { $0.time < $1.time } }
    }

    private func spill() throws {
        sortPending()
        let path = NSTemporaryDirectory() + "/motet-events-" + UUID().uuidString
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forUpdatingAtPath: path)
        else {
            throw FeatureError(
                .inputOutput,
                "\(path): cannot be written; expected a folder for temporary files with room."
            )
        }
        // The open file keeps its content; the name is not needed, and nothing stays after any end.
        unlink(path)
        files.append(file)
        do {
            var start = 0
            while start < pending.count {
                let end = min(start + 4_096, pending.count)
                var writer = ByteWriter()
                for event in pending[start..<end] { event.write(to: &writer) }
                var head = ByteWriter()
                head.write(fixed: UInt64(writer.bytes.count))
                head.write(fixed: UInt64(end - start))
                try file.write(contentsOf: head.bytes)
                try file.write(contentsOf: writer.bytes)
                start = end
            }
            try file.seek(toOffset: 0)
        } catch {
            throw FeatureError(
                .inputOutput,
                "temporary files: cannot be written; received \"\(error.localizedDescription)\". Free some "
                    + "space or name another folder in TMPDIR."
            )
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Ends the adding.
    func finish() throws {
        sortPending()
        cursors = files.map { RunCursor($0) }
        for cursor in cursors { try cursor.advance() }
    }

    /// The time of the next event; nil at the end.
    var nextTime: Int64? {
        var least = nextPending < pending.count ? pending[nextPending].time : nil
        for cursor in cursors {
            if let time = cursor.current?.time, time < least ?? .max { least = time }
        }
        return least
    }

    /// The next event in the order of times; nil at the end.
    func next() throws -> Event? {
        var best: RunCursor?
        var least = nextPending < pending.count ? pending[nextPending].time : Int64.max
        for cursor in cursors {
            guard let time = cursor.current?.time, time < least else { continue }
            (best, least) = (cursor, time)
        }
        if let best {
            let event = best.current
            try best.advance()
            return event
        }
        guard nextPending < pending.count else {
            // Nothing is pending, so a run can only be left if its times are the greatest there are.
            return nil
        }
        defer { nextPending += 1 }
        return pending[nextPending]
    }
}

/// Reads a run from its file, some thousand events at a time.
private final class RunCursor {
    private let file: FileHandle
    private var events: [Event] = []
    private var place = 0

    init(_ file: FileHandle) { self.file = file }

    var current: Event? { place < events.count ? events[place] : nil }

    func advance() throws {
        place += 1
        guard place >= events.count else { return }
        events.removeAll(keepingCapacity: true)
        place = 0
        guard let head = try file.read(upToCount: 16), head.count == 16 else { return }
        var headReader = ByteReader([UInt8](head)[...])
        let length = Int(try headReader.fixed())
        let count = Int(try headReader.fixed())
        let bytes = [UInt8](try file.read(upToCount: length) ?? Data())
        var reader = ByteReader(bytes[...])
        events.reserveCapacity(count)
        for _ in 0..<count { events.append(try Event(from: &reader)) }
    }
}
