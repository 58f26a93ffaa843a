import Foundation
import MotetCore

/// Secrets in files.
enum SecretFile {
    /// Reads a secret, blanks around it left out.
    ///
    /// - Parameters:
    ///   - file: the file's path.
    ///   - key: the setting that names it.
    ///   - code: the code of the error.
    ///   - minimumBytes: the fewest bytes of a secret.
    /// - Returns: the secret.
    /// - Throws: `ServingError` where it cannot be read or is too short.
    static func text(
        _ file: String,
        key: String,
        _ code: ErrorCode,
        minimumBytes: Int
    ) throws(ServingError) -> String {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ServingError(
                code,
                "\(key): \(file) cannot be read; expected a file with a secret of at least "
                    + "\(minimumBytes) bytes. Check path and permissions."
            )
        }
        let text = String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count >= minimumBytes else {
            throw ServingError(
                code,
                "\(key): the secret in \(file) is too short; expected at least \(minimumBytes) "
                    + "bytes; received \(text.utf8.count)."
            )
        }
        return text
    }

    /// Why a secret is not on the disk.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Writes a secret that only the server's user may read; once it returns, file and name are on the disk.
    ///
    /// A reader finds the whole secret or what was there before. It is written under the name with `.new` first.
    ///
    /// - Parameters:
    ///   - bytes: the secret.
    ///   - file: the file's path.
    ///   - synchronize: brings a file or a folder to the disk; the system's call.
    /// - Throws: ``Failure`` with the system's reason; nothing is left of the new file then.
    static func write(
        _ bytes: [UInt8],
        to file: String,
        synchronize: (Int32) -> Bool = { fsync($0) == 0 }
    ) throws(Failure) {
        let temporary = file + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        var isWritten = true
        var rest = bytes[...]
        while isWritten, !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            isWritten = count > 0
            rest = rest.dropFirst(max(0, count))
        }
        isWritten = isWritten && synchronize(descriptor)
        let reason = failure()
        close(descriptor)
        guard isWritten else {
            unlink(temporary)
            throw reason
        }
        guard rename(temporary, file) == 0 else {
            let reason = failure()
            unlink(temporary)
            throw reason
        }
        let folder = open(
            (file as NSString).deletingLastPathComponent,
            O_RDONLY | O_CLOEXEC
        )
        let isNamed = folder >= 0 && synchronize(folder)
        let problem = failure()
        if folder >= 0 { close(folder) }
        // A name that may not be there after an end of the power is none: the next start makes another secret.
        guard isNamed else {
            unlink(file)
            throw problem
        }
    }

    private static func failure() -> Failure {
        Failure(description: String(cString: strerror(errno)))
    }
}
