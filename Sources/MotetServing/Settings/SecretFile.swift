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
}
