import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where progress goes: a terminal that can redraw a line, or a file or pipe that cannot.
public struct TerminalOutput: Sendable {
    /// The columns of the terminal now, or nil if this is none.
    public let width: @Sendable () -> Int?
    /// Writes text.
    public let write: @Sendable (String) -> Void

    /// Creates an output.
    ///
    /// - Parameters:
    ///   - width: the columns of the terminal now, or nil if this is none.
    ///   - write: writes text.
    public init(
        width: @escaping @Sendable () -> Int?,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.width = width
        self.write = write
    }

    /// The standard error stream: progress there leaves the standard output to results.
    public static let standardError = TerminalOutput(descriptor: STDERR_FILENO)
    /// The standard output stream.
    public static let standardOutput = TerminalOutput(descriptor: STDOUT_FILENO)
    /// An output that shows nothing.
    public static let silent = TerminalOutput(width: { nil }, write: { _ in })

    private init(descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        width = { isTerminal ? Self.columns(of: descriptor) : nil }
        write = { text in
            // A closed pipe or a full disk must not end a training for the sake of its progress.
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            try? file.write(contentsOf: Data(text.utf8))
        }
    }

    /// The columns of a terminal; 80 if it does not tell.
    private static func columns(of descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
