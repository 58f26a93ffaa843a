import Foundation
import MotetData

/// Vectors computed before, by the ids of the text, in one file for each encoder.
///
/// The file is a list of records of one size: a key of 16 bytes, the vector, and 8 bytes that tell whether
/// the record is whole. A run that was stopped leaves at most one part of a record at the end, which the
/// next one drops. A second run at the same time reads, and writes nothing.
final class EmbeddingCache {
    /// The file.
    let path: String
    private let width: Int
    private var vectors: [Key: Int] = [:]
    private var stored: [Float] = []
    private var pending = Data()
    private var descriptor: Int32 = -1

    struct Key: Hashable {
        let first: UInt64
        let second: UInt64

        /// The key of a text's ids.
        init(_ ids: [Int32]) {
            var hash = ContentHash()
            ids.withUnsafeBytes { hash.add($0) }
            (first, second) = hash.words
        }

        fileprivate init(_ bytes: UnsafeRawBufferPointer) {
            first = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            second = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
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
        guard descriptor >= 0 else { throw failure() }
        let isAlone = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        let whole = try load()
        if isAlone {
            guard ftruncate(descriptor, off_t(whole)) == 0,
                lseek(descriptor, 0, SEEK_END) >= 0
            else { throw failure() }
        } else {
            close(descriptor)
            descriptor = -1
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The vector of a key, or nil.
    func vector(_ key: Key) -> ArraySlice<Float>? {
        vectors[key].map { stored[$0 * width..<($0 + 1) * width] }
    }

    /// Keeps a vector.
    func add(_ key: Key, _ vector: Slice<UnsafeBufferPointer<Float>>) {
        guard vectors[key] == nil else { return }
        vectors[key] = stored.count / width
        stored += vector
        guard descriptor >= 0 else { return }
        let record = Self.bytes(key, vector)
        pending.append(record)
        withUnsafeBytes(of: Self.check(record)) { pending.append(contentsOf: $0) }
    }

    /// Writes what was added since.
    func flush() throws(EncoderError) {
        guard descriptor >= 0 else { return }
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

    /// Reads the whole records.
    private func load() throws(EncoderError) -> Int {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw failure()
        }
        var whole = 0
        contents.withUnsafeBytes { bytes in
            while whole + recordSize <= bytes.count {
                let record = UnsafeRawBufferPointer(
                    rebasing: bytes[whole..<whole + recordSize - 8]
                )
                let check = bytes.loadUnaligned(
                    fromByteOffset: whole + recordSize - 8,
                    as: UInt64.self
                )
                guard check == Self.check(Data(record)) else { break }
                let key = Key(record)
                if vectors[key] == nil {
                    vectors[key] = stored.count / width
                    for unit in 0..<width {
                        stored.append(
                            record.loadUnaligned(fromByteOffset: 16 + 4 * unit, as: Float.self)
                        )
                    }
                }
                whole += recordSize
            }
        }
        return whole
    }

    private static func bytes(_ key: Key, _ vector: Slice<UnsafeBufferPointer<Float>>) -> Data {
        var record = Data()
        withUnsafeBytes(of: key.first) { record.append(contentsOf: $0) }
        withUnsafeBytes(of: key.second) { record.append(contentsOf: $0) }
        Array(vector).withUnsafeBytes { record.append(contentsOf: $0) }
        return record
    }

    private static func check(_ record: Data) -> UInt64 {
        var hash = ContentHash()
        record.withUnsafeBytes { hash.add($0) }
        return hash.words.0
    }

    private func failure() -> EncoderError {
        EncoderError(
            .inputOutput,
            "cache file \"\(path)\": cannot be read or written: \(String(cString: strerror(errno))). Free some space, name another folder with `--cache`, or leave the cache out with `--no-cache`."
        )
    }
}
