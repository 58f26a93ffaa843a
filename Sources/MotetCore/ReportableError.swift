/// A stable name for a kind of mistake, such as `shape_mismatch`; it stands in JSON and in tests.
public struct ErrorCode: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The name in snake case.
    public let rawValue: String

    /// Creates a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The name.
    public var description: String { rawValue }
}

/// A mistake a user can make, told in one sentence.
///
/// `description` is that sentence, ready to print: `<who> "<name>": <what is wrong>; expected
/// <constraint>; received <value>. <what to do>`.
public protocol ReportableError: Error, Sendable, CustomStringConvertible {
    /// The kind of mistake.
    var code: ErrorCode { get }
}

/// A place in a user's program.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The file's identifier, `Module/File.swift`.
    public let fileID: String
    /// The line, from 1.
    public let line: Int

    /// Creates a location; layers take it from `#fileID` and `#line`.
    public init(fileID: String, line: Int) {
        self.fileID = fileID
        self.line = line
    }

    /// The file's name without its module, and the line: `main.swift:14`.
    public var description: String {
        let file = fileID.split(separator: "/").last.map(String.init) ?? fileID
        return "\(file):\(line)"
    }
}
