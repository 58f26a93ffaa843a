import Foundation
import MotetData

/// Vectors computed before, by the ids of the text, in one file for each encoder.
///
/// The file is a list of records of one size: a key of 16 bytes, the vector, and 8 bytes that tell whether
/// the record is whole. Only keys are held in memory. A run that was stopped leaves at most a part of a
/// record at the end, which the next one drops; a record that was damaged is computed anew. While another
/// run writes to the file, this one reads it and keeps what it computes in memory.
final class EmbeddingCache {
    /// The file.
    let path: String
    private let width: Int
    private var records: [Key: Int] = [:]
    private var recordCount = 0
    private var pending = Data()
    private let descriptor: Int32
    private let isWriting: Bool
    /// What was computed while another run writes.
    private var unwritten: [Key: [Float]] = [:]

    struct Key: Hashable {
        let first: UInt64
        let second: UInt64

        /// The key of a text's ids.
        init(_ ids: [Int32]) {
            var hash = ContentHash()
            ids.withUnsafeBytes { hash.add($0) }
            (first, second) = hash.words
        }

        fileprivate init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
            first = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            second = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
        }
    }

    private var recordSize: Int { 24 + 4 * width }

    /// Opens the file of an encoder in a folder, and makes both where they are missing.
    init(folder: String, encoder: String, width: Int) throws(EncoderError) {
        self.width = width
        path = "\(folder)/\(encoder).embeddings"
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        } catch {
            throw EncoderError(
                .inputOutput,
                "folder \"\(folder)\": cannot be made: \(SystemReason.text(of: error)). Name another one with `--cache`."
            )
        }
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        isWriting = descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0
        guard descriptor >= 0 else { throw failure() }
        try readKeys()
        guard isWriting else { return }
        let whole = off_t(recordCount * recordSize)
        guard ftruncate(descriptor, whole) == 0, lseek(descriptor, 0, SEEK_END) == whole else {
            throw failure()
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The vector of a key, or nil when there is none that is whole.
    func vector(_ key: Key) -> [Float]? {
        if let vector = unwritten[key] { return vector }
        guard let record = records[key] else { return nil }
        let size = recordSize
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { bytes in
            let count = pread(descriptor, bytes.baseAddress, size, off_t(record * size))
            let whole = UnsafeRawBufferPointer(bytes)
            let check = Self.check(UnsafeRawBufferPointer(rebasing: whole[..<(size - 8)]))
            guard count == size, Key(whole, at: 0) == key,
                check == whole.loadUnaligned(fromByteOffset: size - 8, as: UInt64.self)
            else { return nil }
            return (0..<width).map {
                whole.loadUnaligned(fromByteOffset: 16 + 4 * $0, as: Float.self)
            }
        }
    }

    /// Keeps a vector; it can be read after the next ``flush()``.
    func add(_ key: Key, _ vector: Slice<UnsafeBufferPointer<Float>>) {
        guard isWriting else {
            unwritten[key] = Array(vector)
            return
        }
        var record = Data()
        withUnsafeBytes(of: key.first) { record.append(contentsOf: $0) }
        withUnsafeBytes(of: key.second) { record.append(contentsOf: $0) }
        Array(vector).withUnsafeBytes { record.append(contentsOf: $0) }
        let check = record.withUnsafeBytes { Self.check($0) }
        withUnsafeBytes(of: check) { record.append(contentsOf: $0) }
        pending.append(record)
        records[key] = recordCount
        recordCount += 1
    }

    /// Writes what was added since.
    func flush() throws(EncoderError) {
        let count = pending.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count, let base = bytes.baseAddress {
                let written = write(descriptor, base + done, bytes.count - done)
                if written < 0 {
                    if errno == EINTR { continue }
                    break
                }
                done += written
            }
            return done
        }
        guard count == pending.count else { throw failure() }
        pending.removeAll(keepingCapacity: true)
    }

    /// Reads the keys of the records that are there in full length.
    private func readKeys() throws(EncoderError) {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw failure()
        }
        recordCount = contents.count / recordSize
        records.reserveCapacity(recordCount)
        contents.withUnsafeBytes { bytes in
            for record in 0..<recordCount { records[Key(bytes, at: record * recordSize)] = record }
        }
    }

    private static func check(_ record: UnsafeRawBufferPointer) -> UInt64 {
        var hash = ContentHash()
        hash.add(record)
        // The second word mixes all of the state, the first one half of it.
        return hash.words.1
    }

    private func failure() -> EncoderError {
        EncoderError(
            .inputOutput,
            "cache file \"\(path)\": cannot be read or written: \(String(cString: strerror(errno))). Free some space, name another folder with `--cache`, or leave the cache out with `--no-cache`."
        )
    }
}
