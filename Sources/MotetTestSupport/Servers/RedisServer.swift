import Foundation
import Synchronization

/// A Redis that a test starts, stops, kills and starts again, at a free port of this machine, with a folder of its
/// own.
///
/// It ends with the test's process, however that ends.
public final class RedisServer: Sendable {
    /// A server that does not start.
    public struct Failure: Error, CustomStringConvertible {
        /// What was seen.
        public let description: String
    }

    private struct Running {
        var shell: Process
        var orders: Pipe
        var identifier: Int32
    }

    /// The port.
    public let port: Int
    /// The path of its socket.
    public var socket: String { folder + "/socket" }
    private let folder: String
    private let arguments: [String]
    private let running = Mutex<Running?>(nil)

    /// What to say of tests that are skipped.
    public static let missing = "redis-server is not installed; scripts/setup.sh installs it"

    /// Whether there is a `redis-server` on this machine.
    public static let isInstalled = program("redis-server") != nil && program("redis-cli") != nil

    private static func program(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(
            separator: ":"
        )
        return folders.map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - isDurable: whether every write is on the disk before it is answered; else nothing is ever written.
    ///   - settings: further arguments of `redis-server`.
    /// - Throws: ``Failure`` where it does not answer.
    public init(isDurable: Bool = true, settings: [String] = []) throws {
        folder = NSTemporaryDirectory() + "/motet-redis-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        port = try Self.freePort()
        arguments =
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder, "--unixsocket",
                folder + "/socket", "--save", "", "--appendonly", isDurable ? "yes" : "no",
                "--appendfsync", "always",
            ] + settings
        try start()
    }

    deinit {
        stop(.kill)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts it again, with what it had on its disk, and waits until it answers.
    public func start() throws {
        guard let server = Self.program("redis-server") else {
            throw Failure(description: Self.missing)
        }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The pipe ends with the test's process, and the server with the pipe. No `wait`: the threads of tests
        // block signals, the shell inherits that, and would not hear of the end.
        let script = """
            "$@" >/dev/null 2>&1 &
            echo $!
            read order
            kill -KILL $!
            """
        shell.arguments = ["-c", script, "sh", server] + arguments
        let (orders, output) = (Pipe(), Pipe())
        shell.standardInput = orders
        shell.standardOutput = output
        try shell.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw Failure(description: "the shell ended") }
            line += part
        }
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
        guard let identifier = Int32(text) else { throw Failure(description: text) }
        running.withLock {
            $0 = Running(shell: shell, orders: orders, identifier: identifier)
        }
        for _ in 0..<1_000 where Self.isAlive(identifier) {
            if (try? command("PING"))?.hasSuffix("PONG") == true { return }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw Failure(description: "redis-server at port \(port) does not answer")
    }

    /// How a server is ended.
    public enum End: Sendable {
        /// It may finish what it does.
        case shutDown
        /// It may not.
        case kill
    }

    /// Ends the server, and waits for its end; one that is ended already stays so.
    public func stop(_ end: End = .shutDown) {
        guard let server = running.withLock({ $0.take() }) else { return }
        if end == .shutDown { _ = try? command("SHUTDOWN", "NOSAVE") }
        server.orders.fileHandleForWriting.write(Data("\n".utf8))
        while Self.isAlive(server.identifier) { Thread.sleep(forTimeInterval: 0.005) }
    }

    /// Whether a process runs; one that ended and nobody asked for does not.
    private static func isAlive(_ identifier: Int32) -> Bool {
        let path = "/proc/\(identifier)/stat"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return false }
        return !text[name...].dropFirst(2).hasPrefix("Z")
    }

    /// Halts the server: it keeps its connections and answers nothing.
    public func halt() { signal(SIGSTOP) }

    /// Lets it go on.
    public func resume() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        guard let identifier = running.withLock({ $0?.identifier }) else { return }
        kill(identifier, number)
    }

    /// What the server answers to a command, by `redis-cli`.
    @discardableResult
    public func command(_ words: String...) throws -> String {
        guard let program = Self.program("redis-cli") else {
            throw Failure(description: Self.missing)
        }
        let client = Process()
        client.executableURL = URL(fileURLWithPath: program)
        var arguments = ["-h", "127.0.0.1", "-p", "\(port)"]
        if let place = self.arguments.firstIndex(of: "--requirepass") {
            arguments += ["--no-auth-warning", "-a", self.arguments[place + 1]]
        }
        client.arguments = arguments + words
        let output = Pipe()
        client.standardOutput = output
        client.standardError = FileHandle.nullDevice
        try client.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        client.waitUntilExit()
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A port of this machine that nobody listens at.
    public static func freePort() throws -> Int {
        let descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        guard status else { throw Failure(description: "bind: \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
