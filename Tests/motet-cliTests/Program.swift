import Foundation

/// The program `motet` as a user runs it: the binary the tests were built with.
struct Program {
    /// What a run of the program left.
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    private struct NotBuilt: Error, CustomStringConvertible {
        let description: String
    }

    /// The binary beside the tests' own.
    static func binary() throws -> String {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let file = folder.appendingPathComponent("motet").path
            if FileManager.default.isExecutableFile(atPath: file), !isFolder(file) { return file }
            folder.deleteLastPathComponent()
        }
        throw NotBuilt(description: "no binary motet beside \(CommandLine.arguments[0])")
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - folder: where it runs; its temporary files go to `tmp` there.
    ///   - fileBlocks: the greatest size of a file it may write in blocks of 512 bytes; nil for no limit.
    /// - Returns: exit status and what was printed.
    /// - Throws: an error of the system, or that there is no binary.
    static func run(
        _ arguments: [String],
        in folder: String,
        fileBlocks: Int? = nil
    ) throws -> Result {
        let process = Process()
        if let fileBlocks {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            let script = "ulimit -f \(fileBlocks); exec \"$0\" \"$@\""
            process.arguments = ["-c", script, try binary()] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: try binary())
            process.arguments = arguments
        }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment
            .merging(["TMPDIR": folder + "/tmp"]) { $1 }
        // Files, not pipes: nobody has to read while the program runs.
        let place = NSTemporaryDirectory() + "/motet-output-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        func sink(_ name: String) -> FileHandle? {
            guard FileManager.default.createFile(atPath: place + name, contents: nil) else {
                return nil
            }
            return FileHandle(forWritingAtPath: place + name)
        }
        process.standardOutput = sink("/output")
        process.standardError = sink("/errors")
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: place + name, encoding: .utf8)
        }
        return Result(
            status: process.terminationStatus,
            output: try text("/output"),
            errors: try text("/errors")
        )
    }
}
