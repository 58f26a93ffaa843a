import Foundation
import MotetCore

/// The files of a journal of lines; it has one owner, which calls one method at a time.
struct LineFiles {
    /// A file of the journal.
    struct File {
        let number: Int
        /// The time of its first line; nil while it has none.
        var start: Int64?
        var bytes: Int
    }

    /// Writes bytes to a file: how many of them, below 0 for a failure that `errno` tells.
    typealias Write = @Sendable (Int32, UnsafeRawBufferPointer) -> Int

    /// All files, ascending; the last is the one that is written.
    private(set) var all: [File] = []
    private let folder: String
    private let name: String
    private let writeBytes: Write
    private var lock: LockedFolder?
    private var file: Int32 = -1
    private var isBroken = false

    /// The bytes of the file that is written.
    var length: Int { all.last?.bytes ?? 0 }

    /// Takes a folder, and makes it where there is none.
    init(folder: String, name: String, write: @escaping Write) throws(LedgerError) {
        self.folder = folder
        self.name = name
        writeBytes = write
        do { lock = try LockedFolder(folder) } catch {
            throw Self.failure(error.problem, folder, error.reason)
        }
    }

    /// Reads what is there, cuts off a line that was torn, and opens the last file.
    mutating func open(
        since: Int64,
        timeOf: (Data) -> Int64?,
        read: (Data) -> Void
    ) throws(LedgerError) {
        do throws(LedgerError) {
            try find(timeOf)
            for (index, file) in all.enumerated() {
                // The lines of a file are no later than the first of the next.
                let next = all[(index + 1)...].lazy.compactMap(\.start).first
                if let next, next < since { continue }
                try tell(file, isLast: index == all.count - 1, timeOf, read)
            }
            guard let last = all.last else { return try begin(syncs: true) }
            file = Foundation.open(path(last.number), O_WRONLY | O_APPEND | O_CLOEXEC)
            guard file >= 0 else { throw Self.failure("has a file that cannot be opened", folder) }
            let end = lseek(file, 0, SEEK_END)
            guard end >= 0 else { throw Self.failure("has a file that cannot be read", folder) }
            all[all.count - 1].bytes = Int(end)
        } catch {
            close()
            throw error
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``LedgerError`` where they cannot be written; the file is then as before, else no more is taken.
    mutating func append(_ bytes: [UInt8], at time: Int64, syncs: Bool) throws(LedgerError) {
        guard !isBroken else {
            throw LedgerError(
                .ledger,
                "journal \"\(folder)\": it takes no more lines, for it was closed, or one could not be brought to the disk; "
                    + "expected a restart."
            )
        }
        let before = length
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { writeBytes(file, $0) }
            if count < 0, errno == EINTR { continue }
            if count > 0 {
                written += count
                continue
            }
            let failure = Self.failure("cannot be written", folder)
            // A piece of a line in the middle could not be told from damage.
            if ftruncate(file, off_t(before)) != 0 { isBroken = true }
            throw failure
        }
        all[all.count - 1].bytes += bytes.count
        if all[all.count - 1].start == nil { all[all.count - 1].start = time }
        guard syncs else { return }
        guard fdatasync(file) == 0 else {
            // What the disk has of it is not known: nothing may follow.
            isBroken = true
            throw Self.failure("cannot be brought to the disk", folder)
        }
    }

    /// Begins another file.
    mutating func begin(syncs: Bool) throws(LedgerError) {
        let number = (all.last?.number ?? 0) + 1
        let next = Foundation.open(
            path(number),
            O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
            0o600
        )
        guard next >= 0 else { throw Self.failure("has a file that cannot be made", folder) }
        if file >= 0 { Foundation.close(file) }
        file = next
        all.append(File(number: number, start: nil, bytes: 0))
        guard syncs else { return }
        let descriptor = Foundation.open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        Foundation.close(descriptor)
    }

    /// Removes files that are too old or too many, never the one that is written.
    mutating func removeOld(_ options: LineJournal.Options, at time: Int64) {
        let oldest = time - Int64(options.keepDays) * 86_400_000
        var bytes = all.reduce(0) { $0 + $1.bytes }
        while all.count > 1 {
            let next = all[1...].lazy.compactMap(\.start).first
            guard bytes > options.totalBytes || next.map({ $0 < oldest }) ?? false else { return }
            bytes -= all[0].bytes
            unlink(path(all.removeFirst().number))
        }
    }

    /// Ends the use of the folder.
    mutating func close() {
        isBroken = true
        if file >= 0 { Foundation.close(file) }
        lock?.release()
        (file, lock) = (-1, nil)
    }

    /// The path of a file.
    func path(_ number: Int) -> String {
        let digits = String(number)
        return folder + "/\(name)-" + String(repeating: "0", count: max(0, 8 - digits.count))
            + digits + ".jsonl"
    }

    static func failure(
        _ problem: String,
        _ folder: String,
        _ reason: String = String(cString: strerror(errno))
    ) -> LedgerError {
        LedgerError(
            .ledger,
            "journal \"\(folder)\": the folder \(problem); expected one of its own on a disk with room; received \"\(reason)\"."
        )
    }
}

extension LineFiles {
    /// Finds the files, and the time of the first line of each.
    private mutating func find(_ timeOf: (Data) -> Int64?) throws(LedgerError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let numbers = names.compactMap { file -> Int? in
            guard file.hasPrefix(name + "-"), file.hasSuffix(".jsonl") else { return nil }
            return Int(file.dropFirst(name.count + 1).dropLast(6))
        }.sorted()
        for number in numbers {
            let path = path(number)
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw Self.failure("has a file that cannot be read", folder)
            }
            defer { try? handle.close() }
            let bytes = Int((try? handle.seekToEnd()) ?? 0)
            try? handle.seek(toOffset: 0)
            let head = (try? handle.read(upToCount: 1 << 20)) ?? Data()
            let start = head.firstIndex(of: 10).flatMap { timeOf(Data(head[..<$0])) }
            all.append(File(number: number, start: start, bytes: bytes))
        }
    }

    /// Tells the lines of a file; what was torn at its end is cut off where it is the last.
    private mutating func tell(
        _ file: File,
        isLast: Bool,
        _ timeOf: (Data) -> Int64?,
        _ read: (Data) -> Void
    ) throws(LedgerError) {
        let path = path(file.number)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Self.failure("has a file that cannot be read", folder)
        }
        var (start, number) = (data.startIndex, 0)
        while start < data.endIndex {
            number += 1
            let end = data[start...].firstIndex(of: 10)
            let line = end.map { Data(data[start..<$0]) }
            if let line, timeOf(line) != nil {
                read(line)
                start = (end ?? data.endIndex) + 1
                continue
            }
            // Only the last write can be torn, or have its length on the disk and not yet its bytes.
            let isEnd = end.map { $0 == data.endIndex - 1 } ?? true
            guard isLast, isEnd else {
                throw LedgerError(
                    .ledger,
                    "\(path):\(number): the line does not read; expected one that this journal wrote; received other bytes. Take "
                        + "the folder from a backup, or begin a new one."
                )
            }
            guard truncate(path, off_t(start)) == 0 else {
                throw Self.failure("has a file that cannot be written", folder)
            }
            all[all.count - 1].bytes = start
            if start == 0 { all[all.count - 1].start = nil }
            return
        }
    }
}
