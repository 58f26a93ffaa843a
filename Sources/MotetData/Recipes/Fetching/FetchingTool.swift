import Foundation

/// A program of the system that fetches or unpacks something.
struct FetchingTool {
    /// What it works for, such as `package "x"`: how its error begins.
    let purpose: String
    /// What it should bring, for its error.
    let expected: String
    /// What to do when it fails.
    let remedy: String

    /// Runs a program and throws with the last line it said when it fails.
    ///
    /// - Parameters:
    ///   - program: its name, found by `PATH`.
    ///   - arguments: its arguments.
    ///   - folder: the folder it works in; nil for this program's own.
    /// - Throws: ``DatasetError`` with the code `download_failed`.
    func run(_ program: String, _ arguments: [String], in folder: String? = nil) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return }
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        // `ERROR: Exception:` stands before a traceback, whose last line says what happened.
        let reason =
            lines.last {
                ($0.hasPrefix("ERROR: ") && $0 != "ERROR: Exception:") || $0.hasPrefix("E: ")
            } ?? lines.last ?? "no message"
        let isFull = reason.contains("No space left")
        throw DatasetError(
            isFull ? .inputOutput : .downloadFailed,
            "\(purpose): `\(program) \(arguments.prefix(3).joined(separator: " "))` failed; expected "
                + "\(expected); received exit status \(process.terminationStatus): \(reason). "
                + (isFull ? "Free some space or choose another folder." : remedy)
        )
    }
}
