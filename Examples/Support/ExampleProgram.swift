import Foundation
import Motet

/// The frame of every example's `main`.
public enum ExampleProgram {
    /// Reads the arguments and runs a program; a mistake ends it with one sentence and exit code 1.
    ///
    /// - Parameters:
    ///   - name: the program's name, which begins its error messages.
    ///   - switches: the switches it knows, such as `--encoder`.
    ///   - body: the program.
    public static func run(
        _ name: String,
        switches: [String] = [],
        _ body: (ExampleOptions) throws -> Void
    ) {
        OneDNNBackend.sleepWhenIdle()
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            try body(ExampleOptions(arguments: arguments, switches: switches))
        } catch {
            FileHandle.standardError.write(Data("\(name): \(error)\n".utf8))
            exit(1)
        }
    }

    /// How long something takes, in seconds.
    public static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let time = try ContinuousClock().measure(body)
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }
}
