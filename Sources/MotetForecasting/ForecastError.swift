public import MotetCore

/// A log, a panel, a forecast or a reorder that cannot be as it is described.
public struct ForecastError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String

    /// Creates an error from its code and sentence.
    public init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension ErrorCode {
    /// Sales that make no panel.
    public static let salesPanel = ErrorCode(rawValue: "sales_panel")
    /// A file of a panel that cannot be read or written.
    public static let panelFile = ErrorCode(rawValue: "panel_file")
    /// Quantiles that are none.
    public static let quantiles = ErrorCode(rawValue: "quantiles")
    /// Numbers of a reorder that are out of range.
    public static let reorder = ErrorCode(rawValue: "reorder")
    /// Forecasts that cannot be scored.
    public static let forecastScores = ErrorCode(rawValue: "forecast_scores")
    /// Sums that are too great.
    public static let forecastOverflow = ErrorCode(rawValue: "forecast_overflow")
}
