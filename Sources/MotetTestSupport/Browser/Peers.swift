import Foundation

/// The Python programs of `make bench-peers`, where they are set up.
public enum Peers {
    /// The interpreter.
    private static var python: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../.deps/peers/bin/python"
        ).standardizedFileURL.path
    }

    /// Whether TensorBoard is there.
    public static var hasTensorBoard: Bool {
        guard FileManager.default.isExecutableFile(atPath: python) else { return false }
        return (try? run("import tensorboard")) != nil
    }

    /// A number of a step, as TensorBoard read it.
    public struct Point: Decodable, Hashable, Sendable {
        /// The step.
        public var step: Int
        /// The number.
        public var value: Float
    }

    /// The numbers of a folder of event files, read by TensorBoard.
    ///
    /// - Parameter folder: the folder.
    /// - Returns: for each name its points.
    /// - Throws: an error when it cannot be read.
    public static func scalars(_ folder: String) throws -> [String: [Point]] {
        // In one line each: a line that begins with an import would look like one of this file.
        let program = [
            "import json, sys",
            "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator",
            "events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0})",
            "events.Reload()",
            "points = lambda tag: [{'step': e.step, 'value': e.value} for e in events.Scalars(tag)]",
            "print(json.dumps({tag: points(tag) for tag in events.Tags()['scalars']}))",
        ].joined(separator: "\n")
        return try JSONDecoder().decode([String: [Point]].self, from: try run(program, folder))
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func run(_ program: String, _ arguments: String...) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-W", "ignore", "-c", program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"]
        ) { $1 }
        let (output, errors) = (Pipe(), FileHandle.nullDevice)
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "python ended with \(process.terminationStatus)")
        }
        return data
    }
}
