public import MotetCore

/// Why a metric has no value, or why its columns cannot be used.
public struct MetricError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let message: String

    private init(code: ErrorCode, message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }

    /// The metric has no value on these rows: one class only, no rows, a zero denominator.
    public static func undefined(_ reason: String) -> MetricError {
        MetricError(code: .undefinedMetric, message: reason)
    }

    static func columns(_ message: String) -> MetricError {
        MetricError(code: .metricColumns, message: message)
    }

    static func unknown(_ name: String) -> MetricError {
        let known = Metric.all.map(\.name)
        let hint = Suggestion.sentence(for: name, in: known)
        let names = known.map { "`\($0)`" }.joined(separator: ", ")
        return MetricError(
            code: .unknownMetric,
            message: "metric \"\(name)\": unknown name; expected one of \(names).\(hint)"
        )
    }
}

extension ErrorCode {
    /// A metric has no value on the rows it was given.
    public static let undefinedMetric = ErrorCode(rawValue: "undefined_metric")
    /// The columns of a metric disagree or hold values no metric can use.
    public static let metricColumns = ErrorCode(rawValue: "metric_columns")
    /// No metric has this name.
    public static let unknownMetric = ErrorCode(rawValue: "unknown_metric")
}
