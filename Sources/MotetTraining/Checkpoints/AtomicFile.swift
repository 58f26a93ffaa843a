import Foundation
import MotetData

/// Writes files so that a reader finds the old contents or the new, never a part.
public enum AtomicFile {
    /// Writes a file.
    ///
    /// - Parameters:
    ///   - path: the file; its folder is made when missing.
    ///   - body: hands over the contents piece by piece.
    /// - Throws: `TrainingError` with code `cannot_write`; then nothing is left of the new file.
    public static func write(
        _ path: String,
        _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let folder = (path as NSString).deletingLastPathComponent
        do {
            if !folder.isEmpty {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true
                )
            }
        } catch {
            throw TrainingError(
                .cannotWrite,
                "folder \"\(folder)\": cannot be made: \(SystemReason.text(of: error)). Name another folder."
            )
        }
        let temporary = path + ".partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        do {
            try body { try writeAll($0, descriptor, path) }
            guard fsync(descriptor) == 0 else { throw failure(path) }
            guard close(descriptor) == 0 else { throw failure(path) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure(path)
            unlink(temporary)
            throw error
        }
        synchronise(folder.isEmpty ? "." : folder)
    }

    /// Writes a text.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - text: its contents.
    /// - Throws: `TrainingError` with code `cannot_write`.
    public static func write(_ path: String, text: String) throws {
        try write(path) { sink in
            try Array(text.utf8).withUnsafeBytes(sink)
        }
    }

    private static func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        _ descriptor: Int32,
        _ path: String
    ) throws {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            let count = Foundation.write(descriptor, base, min(rest.count, 1 << 30))
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    /// Brings the folder's entry for the new name to the disk.
    private static func synchronise(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ path: String) -> TrainingError {
        let reason = String(cString: strerror(errno))
        let advice =
            errno == ENOSPC
            ? " Free some space or name another folder." : " What was there is kept."
        return TrainingError(
            .cannotWrite,
            "file \"\(path)\": cannot be written: \(reason).\(advice)"
        )
    }
}
