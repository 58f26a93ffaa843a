public import MotetCore

/// A mistake in the description of a model, found while its graph is built.
public struct GraphError: ReportableError, Equatable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// What is wrong, what was expected, what was received, and what to do.
    public let message: String
    /// Where the user's program made the mistake, when known.
    public let location: SourceLocation?

    /// Creates an error; `message` is the whole sentence without the location.
    public init(_ code: ErrorCode, _ message: String, location: SourceLocation? = nil) {
        self.code = code
        self.message = message
        self.location = location
    }

    /// The sentence, and the place in the user's program when known.
    public var description: String {
        guard let location else { return message }
        return "\(message) (\(location))"
    }

    /// The same error with a place, unless it has one already.
    public func at(_ location: SourceLocation?) -> GraphError {
        GraphError(code, message, location: self.location ?? location)
    }

    /// The same error told of a layer: `Dense "shared_bottom": ...`.
    public func of(_ who: String, _ name: String) -> GraphError {
        GraphError(code, "\(who) \"\(name)\": \(message)", location: location)
    }
}

extension ErrorCode {
    /// Shapes that do not fit together.
    public static let shapeMismatch = ErrorCode(rawValue: "shape_mismatch")
    /// An element type an operation does not take.
    public static let typeMismatch = ErrorCode(rawValue: "type_mismatch")
    /// A setting outside its range.
    public static let outOfRange = ErrorCode(rawValue: "out_of_range")
    /// Two things under one name.
    public static let duplicateName = ErrorCode(rawValue: "duplicate_name")
    /// A name that stands for nothing.
    public static let unknownName = ErrorCode(rawValue: "unknown_name")
    /// An operation that cannot be differentiated where a gradient is asked for.
    public static let notDifferentiable = ErrorCode(rawValue: "not_differentiable")
    /// A graph that breaks the rules of graphs: a defect of the package, not of its user.
    public static let invalidGraph = ErrorCode(rawValue: "invalid_graph")
    /// Numbers that the processor does not multiply.
    public static let precisionUnsupported = ErrorCode(rawValue: "precision_unsupported")
}
