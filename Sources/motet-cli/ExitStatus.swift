import Motet

/// What the program tells the shell; documented in docs/cli.md.
enum ExitStatus: Int32, Error {
    /// A failure nobody foresaw.
    case unexpected = 1
    /// The command line is wrong.
    case usage = 2
    /// A configuration, a data file or a run directory is wrong.
    case input = 3
    /// A training cannot go on.
    case training = 4
    /// A file could not be written.
    case writing = 5
    /// Stopped by Ctrl-C, after a checkpoint.
    case interrupted = 130

    /// The status for a kind of mistake.
    init(for code: ErrorCode) {
        switch code {
        case .lossNotFinite: self = .training
        case .cannotWrite, .inputOutput: self = .writing
        case .internalFailure: self = .unexpected
        default: self = .input
        }
    }
}
