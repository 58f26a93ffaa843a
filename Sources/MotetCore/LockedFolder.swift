#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A folder that one owner has at a time: its file `lock` is locked for as long.
///
/// The lock goes with the process, however it ends.
public struct LockedFolder: Sendable {
    /// Why a folder was not taken.
    public struct Refusal: Error {
        /// What is wrong with the folder, such as "cannot be made".
        public let problem: String
        /// What the system says of it.
        public let reason: String
        /// Whether another owner has it.
        public let isTaken: Bool

        fileprivate init(_ problem: String, _ error: Int32) {
            isTaken = error == EWOULDBLOCK
            self.problem = problem
            reason = String(cString: strerror(error))
        }
    }

    /// Where it is.
    public let path: String
    private let descriptor: Int32

    /// Takes a folder, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - isPrivate: whether a folder that is made is for this user's processes alone.
    /// - Throws: ``Refusal`` where it cannot be made or written, or another owner has it.
    public init(_ path: String, isPrivate: Bool = true) throws(Refusal) {
        guard Self.make(path, isPrivate ? 0o700 : 0o777) else {
            throw Refusal("cannot be made", errno)
        }
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Refusal("cannot be opened", errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            close(descriptor)
            throw Refusal("is used by another process", error)
        }
        self.path = path
        self.descriptor = descriptor
    }

    /// Gives the folder back; it is called once.
    public func release() {
        // A program that another thread starts may still hold a copy of the descriptor, and the lock with it.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Makes a folder and those above it; what is there already stays as it is.
    private static func make(_ path: String, _ mode: mode_t) -> Bool {
        var place = ""
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, name) in names.enumerated() {
            place += (index == 0 ? "" : "/") + name
            guard !name.isEmpty, name != "." else { continue }
            guard mkdir(place, index == names.count - 1 ? mode : 0o777) != 0 else { continue }
            guard errno == EEXIST else { return false }
        }
        return true
    }
}
