public import MotetCore

/// One mistake in a configuration, with its place.
public struct ConfigurationProblem: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The file as the user named it.
    public let file: String
    /// The line, from 1, or nil if the mistake is about the whole file.
    public let line: Int?
    /// The column, from 1, for mistakes of syntax.
    public let column: Int?
    /// The keys that lead to the place, such as `features[2].name`; empty at the top.
    public let path: String
    /// What is wrong, from the colon on.
    public let message: String

    /// Creates a problem.
    public init(
        _ code: ErrorCode,
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        path: String = "",
        message: String
    ) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }

    /// The place and the message on one line.
    public var description: String {
        var place = file
        if let line { place += ":\(line)" }
        if let column { place += ":\(column)" }
        if !path.isEmpty { place += ", \(path)" }
        return "\(place): \(message)"
    }
}

/// Every mistake found in a configuration, in the order of the lines.
public struct ConfigurationError: ReportableError, Hashable {
    /// The mistakes, at least one.
    public let problems: [ConfigurationProblem]

    /// Creates an error from mistakes, which must not be empty.
    public init(_ problems: [ConfigurationProblem]) {
        precondition(!problems.isEmpty, "a configuration error needs a problem")
        // Sorted stably: problems of one line stay in the order they were found.
        self.problems = problems.enumerated().sorted {
            ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset)
        }.map(\.element)
    }

    /// The kind of the first mistake.
    public var code: ErrorCode { problems[0].code }

    /// One line for each mistake.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

extension ErrorCode {
    /// A configuration file cannot be read.
    public static let unreadableConfiguration = ErrorCode(rawValue: "unreadable_configuration")
    /// A configuration is not valid YAML.
    public static let brokenYAML = ErrorCode(rawValue: "broken_yaml")
    /// A configuration has a key nobody reads.
    public static let unknownKey = ErrorCode(rawValue: "unknown_key")
    /// A configuration lacks a key.
    public static let missingKey = ErrorCode(rawValue: "missing_key")
    /// A configuration gives one key twice.
    public static let duplicateKey = ErrorCode(rawValue: "duplicate_key")
    /// A value has another type than expected.
    public static let wrongType = ErrorCode(rawValue: "wrong_type")
    /// A value is out of its range, or not among the choices.
    public static let unusableValue = ErrorCode(rawValue: "unusable_value")
}

/// Collects the problems of one document while it is read.
final class ProblemLog {
    let file: String
    private(set) var problems: [ConfigurationProblem] = []

    init(file: String) { self.file = file }

    /// Records a problem; the file is named for nodes that come from another than the document.
    func record(
        _ code: ErrorCode,
        line: Int,
        file other: String? = nil,
        path: String,
        _ message: String
    ) {
        problems.append(
            ConfigurationProblem(
                code,
                file: other ?? file,
                line: line > 0 ? line : nil,
                path: path,
                message: message
            )
        )
    }
}
