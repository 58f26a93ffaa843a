import Foundation

/// A program that runs beside this one, with what it takes.
///
/// It is in a process group of its own, so that Ctrl-C reaches it only through ``interrupt()``.
final class ChildProcess {
    /// How a program ended.
    enum Ending: Hashable {
        case exit(Int32)
        case signal(Int32)
    }

    /// The number of the process.
    let number: pid_t
    /// The most memory of its own so far, in bytes.
    private(set) var peakMemory: Int64 = 0
    /// When it began.
    let start = ContinuousClock.now
    private var ending: Ending?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: the path of the program.
    ///   - arguments: the arguments after its name.
    ///   - log: the file that gets what it prints.
    /// - Throws: `ExperimentError` when it cannot be started.
    init(_ program: String, _ arguments: [String], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A thread of a dispatch queue blocks signals, and a program inherits that.
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK)
        )
        posix_spawnattr_setpgroup(&attributes, 0)
        let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        let words = ChildProcess.list([program] + arguments)
        let variables = ChildProcess.list(environment)
        defer { for text in words + variables { free(text) } }
        var process = pid_t()
        let status = posix_spawn(&process, program, &actions, &attributes, words, variables)
        guard status == 0 else {
            throw ExperimentError(
                .runInvalid,
                "program \"\(program)\": cannot be started: \(String(cString: strerror(status)))."
            )
        }
        number = process
    }

    /// Texts as C takes a list of them: ended by nil, to be freed.
    private static func list(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { strdup($0) } + [nil]
    }

    /// How it ended; nil while it runs.
    func poll() -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        guard waitpid(number, &status, WNOHANG) == number else {
            measure()
            return nil
        }
        let signal = status & 0x7F
        ending = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
        return ending
    }

    /// Asks it to finish its step, save and end.
    func interrupt() { send(SIGINT) }

    /// Ends it at once.
    func kill() { send(SIGKILL) }

    private func send(_ signal: Int32) {
        // After its end the number may be another's.
        if ending == nil { Foundation.kill(number, signal) }
    }

    /// Reads its own memory: pages of mapped files belong to the system, which may take them back.
    private func measure() {
        #if os(Linux)
        guard let status = try? String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
            let kilobytes = line.split(separator: " ").compactMap({ Int64($0) }).first
        else { return }
        peakMemory = max(peakMemory, kilobytes * 1024)
        #endif
    }

    /// The path of the program that runs here.
    static var ownPath: String {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return path ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
    }
}
