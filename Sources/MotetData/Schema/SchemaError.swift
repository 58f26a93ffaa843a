public import MotetCore

/// A schema that cannot work: all its problems at once.
public struct SchemaError: ReportableError, Hashable {
    /// One sentence a problem, in the order of the schema.
    public let problems: [String]

    /// Creates an error of at least one problem.
    public init(_ problems: [String]) { self.problems = problems }

    /// `invalid_schema`.
    public var code: ErrorCode { ErrorCode(rawValue: "invalid_schema") }

    /// The problems, one a line.
    public var description: String { problems.joined(separator: "\n") }
}
