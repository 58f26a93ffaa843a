import Foundation

/// Why the operating system refused, in its own words.
public enum SystemReason {
    /// The reason within an error of Foundation, such as "No space left on device".
    ///
    /// - Parameter error: what a call of Foundation threw.
    /// - Returns: the system's words, or else Foundation's.
    public static func text(of error: any Error) -> String {
        let error = error as NSError
        if error.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(error.code)))
        }
        guard let inner = error.userInfo[NSUnderlyingErrorKey] as? any Error else {
            return error.localizedDescription
        }
        return text(of: inner)
    }
}
