import Foundation

/// What a file was when its content was hashed.
struct FileFingerprint: Codable, Hashable {
    /// What the file system says of a file; any change of content changes it.
    struct Status: Codable, Hashable {
        var size: Int
        var modified: [Int]
        var changed: [Int]
        var inode: UInt64
        var device: UInt64

        /// The state of a file; nil where there is none.
        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            size = Int(status.st_size)
            #if os(Linux)
            modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
            changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
            #else
            modified = [status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec]
            changed = [status.st_ctimespec.tv_sec, status.st_ctimespec.tv_nsec]
            #endif
            inode = UInt64(status.st_ino)
            device = UInt64(truncatingIfNeeded: status.st_dev)
        }
    }

    var status: Status
    var hash: String
    /// When the hash was taken, in seconds; a file changed within two seconds of it may have changed
    /// again without the file system's clock telling.
    var taken: Int

    /// Whether the hash still holds for a file in this state.
    func holds(for now: Status) -> Bool {
        now == status && max(status.modified[0], status.changed[0]) + 2 <= taken
    }

    /// Hashes the whole content of a file; throws `CancellationError` once `isCancelled` says so.
    init(path: String, isCancelled: () -> Bool = { false }) throws {
        guard let status = Status(path: path) else { throw Self.unreadable(path) }
        self.status = status
        taken = Int(time(nil))
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
        defer { close(descriptor) }
        var content = ContentHash()
        let size = 1 << 20
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
        defer { buffer.deallocate() }
        var filled = 0
        while true {
            if isCancelled() { throw CancellationError() }
            let count = read(descriptor, buffer.baseAddress.map { $0 + filled }, size - filled)
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.unreadable(path)
            }
            filled += count
            if filled == size || (count == 0 && filled > 0) {
                content.add(UnsafeRawBufferPointer(rebasing: buffer[0..<filled]))
                filled = 0
            }
            if count == 0 { break }
        }
        hash = content.hexadecimal
    }

    static func unreadable(_ path: String) -> PreparationError {
        PreparationError(
            "cannot_read",
            "\(path): the file cannot be read; expected a file and the right to read it; received "
                + "\"\(String(cString: strerror(errno)))\"."
        )
    }
}

/// The fingerprints of files seen before, kept in the cache's folder so that a file that did not
/// change is not hashed again.
struct FingerprintBook {
    private var entries: [String: FileFingerprint]
    private let url: URL

    init(folder: URL) {
        url = folder.appendingPathComponent("fingerprints.json")
        let data = try? Data(contentsOf: url)
        entries =
            data.flatMap { try? JSONDecoder().decode([String: FileFingerprint].self, from: $0) }
            ?? [:]
    }

    /// The fingerprint of a file as it is now.
    mutating func fingerprint(
        of path: String,
        isCancelled: () -> Bool = { false }
    ) throws -> FileFingerprint {
        let path = URL(fileURLWithPath: path).standardizedFileURL.path
        if let known = entries[path], let now = FileFingerprint.Status(path: path),
            known.holds(for: now)
        {
            return known
        }
        let fingerprint = try FileFingerprint(path: path, isCancelled: isCancelled)
        entries[path] = fingerprint
        return fingerprint
    }

    /// Keeps the fingerprints; losing them only costs time, so a failure is no error.
    func save() {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(entries) else { return }
        try? data.write(to: url, options: .atomic)
    }
}
