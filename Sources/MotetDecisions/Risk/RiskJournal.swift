import Foundation
import MotetCore

/// Records in files, one after the other: what was appended is there after any end of the process.
///
/// A folder has files `orders-00000001.log` and so on. A file is eight bytes that name its form, then records: length, checksum,
/// bytes. The last record of the last file may be cut off by an end in the middle of a write, and is removed then; anything else
/// that does not read is an error. Files are removed as a whole, from the oldest.
///
/// It has one owner, which calls one method at a time; what ``duplicate()`` gives may be synchronized beside them.
final class RiskJournal {
    private static let form = Array("MOTRISK1".utf8)
    private static let headBytes = 12
    /// The most bytes of a record: an answer with all its reasons is some kilobytes.
    private static let mostBytes = 1 << 20

    /// Writes bytes to a file: how many of them, below 0 for a failure that `errno` tells.
    typealias Write = @Sendable (Int32, UnsafeRawBufferPointer) -> Int
    /// Brings a file to the disk: whether it came there, as `errno` tells where not.
    typealias Synchronize = @Sendable (Int32) -> Bool

    /// The system's call.
    static let synchronize: Synchronize = { fdatasync($0) == 0 }

    private let folder: String
    private let writeBytes: Write
    private let synchronizeFile: Synchronize
    private var lock: LockedFolder?
    private var file: Int32 = -1
    private var length: Int = 0
    /// The number of the file that is written.
    private(set) var segment = 0
    /// The numbers of all files, ascending.
    private(set) var segments: [Int] = []
    /// Whether it takes no more records.
    private(set) var isBroken = false

    /// Opens a folder, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - folder: its path.
    ///   - write: writes bytes; the system's call.
    ///   - synchronize: brings a file to the disk; the system's call.
    ///   - read: told each record and the number of its file, in order; returns whether it reads.
    /// - Throws: `DecisionError` where another process has it, it cannot be read or written, or is damaged.
    init(
        _ folder: String,
        write: @escaping Write = { Foundation.write($0, $1.baseAddress, $1.count) },
        synchronize: @escaping Synchronize = RiskJournal.synchronize,
        read: (_ record: ArraySlice<UInt8>, _ segment: Int) -> Bool
    ) throws(DecisionError) {
        self.folder = folder
        writeBytes = write
        synchronizeFile = synchronize
        do { lock = try LockedFolder(folder) } catch {
            throw Self.failure(error.problem, folder, error.reason)
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        segments = names.compactMap { name in
            guard name.hasPrefix("orders-"), name.hasSuffix(".log") else { return nil }
            return Int(name.dropFirst(7).dropLast(4))
        }.sorted()
        var filled: Set<Int> = []
        for (index, segment) in segments.enumerated() {
            try load(segment, isLast: index == segments.count - 1) { record, segment in
                guard read(record, segment) else { return false }
                filled.insert(segment)
                return true
            }
        }
        // One without a record is what a full disk left, and no number of an order goes with it.
        for segment in segments.dropLast() where !filled.contains(segment) { unlink(path(segment)) }
        segments = segments.filter { filled.contains($0) || $0 == segments.last }
        if let last = segments.last { try openSegment(last) } else { try beginSegment() }
    }

    deinit { close() }

    /// Ends the use of the folder.
    func close() {
        isBroken = true
        Self.end(file)
        lock?.release()
        (file, lock) = (-1, nil)
    }

    /// Appends a record; it survives the end of the process once this returns.
    ///
    /// - Throws: `DecisionError` where it cannot be written; the file is then as before.
    func append(_ record: [UInt8]) throws(DecisionError) {
        guard !isBroken else { throw ended }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(record.count + Self.headBytes)
        Self.append(UInt64(record.count), bytes: 4, to: &bytes)
        Self.append(Self.checksum(record[...]), bytes: 8, to: &bytes)
        bytes += record
        do { try write(bytes, to: file) } catch {
            // A piece of a record in the middle could not be told from damage.
            if ftruncate(file, off_t(length)) != 0 || lseek(file, off_t(length), SEEK_SET) < 0 {
                isBroken = true
            }
            throw error
        }
        length += bytes.count
    }

    /// The file that is written, to be brought to the disk while others append to it.
    func duplicate() -> Int32 { fcntl(file, F_DUPFD_CLOEXEC, 0) }

    /// Ends the use of what ``duplicate()`` gave.
    static func end(_ file: Int32) { if file >= 0 { Foundation.close(file) } }

    /// Takes no more records, for one that was appended did not come to the disk.
    ///
    /// - Returns: the sentence.
    func broke() -> DecisionError {
        let reason = isBroken ? "an earlier failure" : String(cString: strerror(errno))
        isBroken = true
        return Self.failure("cannot be brought to the disk", folder, reason, code: .riskUnsure)
    }

    /// Begins another file, unless the one that is written has no record yet.
    ///
    /// - Throws: `DecisionError` where there is no room for it; the one that is written stays the same then.
    func beginSegment() throws(DecisionError) {
        guard !isBroken else { throw ended }
        guard file < 0 || length > Self.form.count else { return }
        if file >= 0, !synchronizeFile(file) { throw broke() }
        let next = (segments.last ?? 0) + 1
        let path = path(next)
        let made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard made >= 0 else { throw Self.failure("has a file that cannot be made", folder) }
        do { try write(Self.form, to: made) } catch {
            Self.end(made)
            unlink(path)
            throw error
        }
        Self.end(file)
        (file, segment, length) = (made, next, Self.form.count)
        segments.append(next)
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
            fsync(descriptor)
            Self.end(descriptor)
        }
    }

    /// Removes the oldest file, never the one that is written.
    func removeOldest() {
        guard segments.count > 1 else { return }
        unlink(path(segments.removeFirst()))
    }

    private func path(_ segment: Int) -> String {
        let digits = String(segment)
        return folder + "/orders-" + String(repeating: "0", count: max(0, 8 - digits.count))
            + digits + ".log"
    }

    private func openSegment(_ number: Int) throws(DecisionError) {
        file = open(path(number), O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("has a file that cannot be opened", folder) }
        let end = lseek(file, 0, SEEK_END)
        guard end >= 0 else { throw Self.failure("has a file that cannot be read", folder) }
        segment = number
        length = Int(end)
        // An end between the making of a file and its first bytes.
        if length < Self.form.count {
            guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else {
                throw Self.failure("has a file that cannot be written", folder)
            }
            length = 0
            try write(Self.form, to: file)
            length = Self.form.count
        }
    }

    private func load(
        _ segment: Int,
        isLast: Bool,
        _ read: (ArraySlice<UInt8>, Int) -> Bool
    ) throws(DecisionError) {
        // Mapped, so that a file of hundreds of megabytes takes no memory of its own.
        let bytes: Data
        do {
            let file = URL(fileURLWithPath: path(segment))
            bytes = try Data(contentsOf: file, options: .alwaysMapped)
        } catch { throw Self.failure("has a file that cannot be read", folder, "\(error)") }
        func part(_ range: Range<Int>) -> ArraySlice<UInt8> { [UInt8](bytes[range])[...] }
        guard bytes.starts(with: Self.form) else {
            // What is shorter than its first bytes was cut off, by an end or by a disk that was full.
            if bytes.count < Self.form.count { return }
            throw damaged(segment, 0)
        }
        var place = Self.form.count
        while place < bytes.count {
            let start = place
            let rest = bytes.count - place
            let isWhole: Bool
            var size = 0
            if rest >= Self.headBytes {
                size = Int(Self.number(part(place..<(place + 4))))
                isWhole = size <= rest - Self.headBytes
            } else {
                isWhole = false
            }
            guard isWhole else {
                guard isLast, size <= Self.mostBytes else { throw damaged(segment, start) }
                return try cut(segment, to: start)
            }
            let sum = Self.number(part((place + 4)..<(place + Self.headBytes)))
            place += Self.headBytes + size
            let record = part((start + Self.headBytes)..<place)
            if sum == Self.checksum(record), read(record, segment) { continue }
            // The disk may have the length of the last record and not yet its bytes.
            guard isLast, place == bytes.count else { throw damaged(segment, start) }
            return try cut(segment, to: start)
        }
    }

    private func cut(_ segment: Int, to length: Int) throws(DecisionError) {
        guard truncate(path(segment), off_t(length)) == 0 else {
            throw Self.failure("has a file that cannot be written", folder)
        }
    }

    private func write(_ bytes: [UInt8], to file: Int32) throws(DecisionError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { writeBytes(file, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("cannot be written", folder) }
            written += count
        }
    }

    /// The sentence of a journal that takes no more records.
    private var ended: DecisionError {
        DecisionError(
            .riskStore,
            "risk store \"\(folder)\": it takes no more orders, for it was closed, or one could not be brought to the disk; "
                + "expected a restart."
        )
    }

    private func damaged(_ segment: Int, _ place: Int) -> DecisionError {
        DecisionError(
            .riskStore,
            "risk store \"\(folder)\": file \(segment) is damaged; expected what this store wrote; received other "
                + "bytes at \(place). Take the folder from a backup, or begin a new one."
        )
    }

    private static func failure(
        _ problem: String,
        _ folder: String,
        _ reason: String = String(cString: strerror(errno)),
        code: ErrorCode = .riskStore
    ) -> DecisionError {
        DecisionError(
            code,
            "risk store \"\(folder)\": the folder \(problem); expected one of its own on a disk with room; received "
                + "\"\(reason)\"."
        )
    }

    static func append(_ value: UInt64, bytes count: Int, to bytes: inout [UInt8]) {
        for shift in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift)))
        }
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// FNV-1a with 64 bits.
    ///
    /// - Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm", IETF draft, 2012.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
