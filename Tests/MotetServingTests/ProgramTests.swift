import Foundation
import Testing

@testable import MotetServing

/// `motet serve` as a process of its own, ended when it goes away.
final class ServeProcess {
    private let process = Process()
    private let log: String

    /// Starts the program in a folder.
    ///
    /// - Parameters:
    ///   - arguments: those after `motet serve`.
    ///   - folder: where it runs.
    ///   - wrapper: a program that becomes this one, such as a shell that ends in `exec "$0" "$@"`.
    /// - Throws: where it cannot be started.
    init(_ arguments: [String], in folder: String, through wrapper: [String] = []) throws {
        let command = wrapper + [try Self.binary(), "serve"] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        // A file, not a pipe: nobody has to read while the program runs.
        log = folder + "/log-" + UUID().uuidString
        guard FileManager.default.createFile(atPath: log, contents: nil) else {
            throw Wire.Failure(description: "\(log) cannot be made")
        }
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { process.interrupt() }
    }

    var identifier: Int32 { process.processIdentifier }

    /// What was logged so far.
    var lines: [String] {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Waits for an event of the log.
    func event(_ message: String) async throws -> [String: Any] {
        for _ in 0..<1200 {
            for line in lines where line.contains("\"message\":\"\(message)\"") {
                let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
                if let event = value as? [String: Any] { return event }
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw Wire.Failure(description: "no event \(message): \(lines.joined(separator: "\n"))")
    }

    /// Waits for the end of the program.
    func status() async throws -> Int32 {
        for _ in 0..<1200 where process.isRunning { try await Task.sleep(for: .milliseconds(25)) }
        guard !process.isRunning else {
            throw Wire.Failure(description: "still running: \(lines.joined(separator: "\n"))")
        }
        return process.terminationStatus
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// The binary that was built with the tests.
    private static func binary() throws -> String {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let file = folder.appendingPathComponent("motet").path
            var isFolder: ObjCBool = false
            if FileManager.default.isExecutableFile(atPath: file),
                FileManager.default.fileExists(atPath: file, isDirectory: &isFolder),
                !isFolder.boolValue
            {
                return file
            }
            folder.deleteLastPathComponent()
        }
        throw Wire.Failure(description: "no binary motet beside \(CommandLine.arguments[0])")
    }
}

@Suite("motet serve") struct ProgramTests {
    private static let body = "{\"items\":[{\"id\":1,\"price\":2}]}"

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalLetsARequestInFlightEndAndTheProgramEndsWithZero(signal: Int32) async throws {
        let shop = try ServedShop.shared.get()
        let name = "serve-\(signal).yaml"
        try shop.write(name, "workers: 1\nlimits: { candidates: 16 }\n")
        let program = try ServeProcess(
            ["run", "--port", "0", "--config", name],
            in: shop.path
        )
        let port = try #require(try await program.event("listening")["port"] as? Int)
        _ = try await program.event("ready")
        let (head, rest) = (Self.body.prefix(9), Self.body.dropFirst(9))
        let identifier = program.identifier
        let reply = try await blocking {
            let idle = try Wire(port: port)
            let wire = try Wire(port: port)
            wire.send(
                "POST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.body.utf8.count)\r\n\r\n"
                    + head
            )
            Thread.sleep(forTimeInterval: 0.3)
            kill(identifier, signal)
            Thread.sleep(forTimeInterval: 0.3)
            // It listens no more, and closes what is idle; the request goes on.
            #expect(throws: (any Error).self) { _ = try Wire(port: port) }
            #expect(idle.readToEnd().isEmpty)
            wire.send(String(rest))
            return try wire.answer()
        }
        #expect(reply.status == 200, "\(reply.text)")
        #expect(try await program.status() == 0)
        #expect(program.lines.last?.contains("\"message\":\"stopped\"") == true)
        // No other output stands in the log.
        for line in program.lines {
            #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)")
        }
    }

    @Test func mistakesAreASentenceAndTheStatusThree() async throws {
        let shop = try ServedShop.shared.get()
        try shop.write("bad.yaml", "prot: 3\n")
        for (arguments, sentence) in [
            (["nowhere"], "run \"nowhere\": this is no run directory"),
            (["run", "--config", "bad.yaml"], "bad.yaml:1, prot: unknown key"),
            (["run", "--config", "none.yaml"], "none.yaml: no such file"),
            (["run", "--port", "0", "--host", "203.0.113.7"], "it cannot listen at 203.0.113.7"),
        ] {
            let program = try ServeProcess(arguments, in: shop.path)
            #expect(try await program.status() == 3, "\(arguments)")
            let text = program.lines.joined(separator: "\n")
            #expect(text.contains(sentence), "\(text)")
        }
    }
}
