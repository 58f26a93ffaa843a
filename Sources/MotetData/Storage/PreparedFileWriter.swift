import CKernels
import Foundation

/// Writes one file of a prepared data set through a buffer, with its checksum.
final class PreparedFileWriter {
    private static let bufferSize = 1 << 18
    private let path: String
    private let name: String
    private var descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var written = 0
    private var checksum = MotetChecksum()

    init(folder: String, name: String) throws {
        path = folder + "/" + name
        self.name = name
        buffer = .allocate(byteCount: PreparedFileWriter.bufferSize, alignment: 64)
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        motet_checksum_start(&checksum)
        if descriptor < 0 { throw writeError(path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        buffer.deallocate()
    }

    func append<Element: BitwiseCopyable>(_ values: UnsafeBufferPointer<Element>) throws {
        var bytes = UnsafeRawBufferPointer(values)
        if filled == 0 {
            // A large piece needs no copy.
            let whole = bytes.count / buffer.count * buffer.count
            try emit(UnsafeRawBufferPointer(rebasing: bytes.prefix(whole)))
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(whole))
        }
        while !bytes.isEmpty {
            let taken = min(bytes.count, buffer.count - filled)
            UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<(filled + taken)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(taken)))
            filled += taken
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(taken))
            if filled == buffer.count { try flush() }
        }
    }

    func append<Element: BitwiseCopyable>(_ value: Element) throws {
        try withUnsafePointer(to: value) { try append(UnsafeBufferPointer(start: $0, count: 1)) }
    }

    private func flush() throws {
        try emit(UnsafeRawBufferPointer(rebasing: buffer[0..<filled]))
        filled = 0
    }

    private func emit(_ bytes: UnsafeRawBufferPointer) throws {
        motet_checksum_add(&checksum, bytes.baseAddress, Int64(bytes.count))
        var start = 0
        while start < bytes.count {
            guard let address = bytes.baseAddress else { return }
            let count = write(descriptor, address + start, bytes.count - start)
            if count < 0 {
                if errno == EINTR { continue }
                throw writeError(path)
            }
            start += count
        }
        written += bytes.count
    }

    /// Brings everything to the disk and closes the file.
    func finish() throws -> PreparedManifest.File {
        try flush()
        guard fsync(descriptor) == 0 else { throw writeError(path) }
        close(descriptor)
        descriptor = -1
        return PreparedManifest.File(
            name: name,
            byteCount: written,
            checksum: hexadecimal(motet_checksum_value(&checksum))
        )
    }
}

/// The error of a system call that just failed to write.
func writeError(_ path: String) -> TableError {
    let reason = String(cString: strerror(errno))
    let advice = errno == ENOSPC ? " Free some space or choose another folder." : ""
    return TableError(
        .inputOutput,
        "\(path): file cannot be written; expected a writable folder with room; received "
            + "\"\(reason)\"." + advice
    )
}
