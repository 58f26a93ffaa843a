/// What an example was asked for on its command line.
public struct ExampleOptions: Sendable, Hashable {
    /// The folder of the original files (`--from FOLDER`); nil to fetch them by recipe.
    public var folder: String?
    /// The seeds to repeat with, from 0 on (`--seeds N`).
    public var seeds: [UInt64]
    /// The switches that were given, such as `--encoder`.
    public var switches: Set<String>

    /// Creates options.
    public init(folder: String? = nil, seeds: [UInt64] = [0, 1, 2], switches: Set<String> = []) {
        self.folder = folder
        self.seeds = seeds
        self.switches = switches
    }

    /// Reads the arguments of a program.
    ///
    /// - Parameters:
    ///   - arguments: the arguments without the program's own name.
    ///   - switches: the switches the program knows, such as `--encoder`.
    /// - Throws: `ExampleError` naming what is not known or not a number.
    public init(arguments: [String], switches: [String] = []) throws(ExampleError) {
        self.init()
        let known = ["--from FOLDER", "--seeds N"] + switches
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--from":
                guard let folder = rest.popFirst() else {
                    throw ExampleError("--from: no folder; expected the folder of the data.")
                }
                self.folder = folder
            case "--seeds":
                guard let text = rest.popFirst(), let count = UInt64(text), (1...100) ~= count
                else {
                    throw ExampleError("--seeds: expected how many seeds, 1 to 100.")
                }
                seeds = Array(0..<count)
            case _ where switches.contains(argument):
                self.switches.insert(argument)
            default:
                throw ExampleError(
                    "arguments: expected \(known.joined(separator: ", ")); received \(argument)."
                )
            }
        }
    }
}
