public import MotetCore

/// A mistake that keeps a server from starting, or a model from being served.
public struct ServingError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String

    init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension ErrorCode {
    /// A run whose model cannot answer requests.
    public static let modelUnusable = ErrorCode(rawValue: "model_unusable")
    /// Admin routes that cannot be opened safely.
    public static let adminUnusable = ErrorCode(rawValue: "admin_unusable")
    /// A certificate or key that cannot be used.
    public static let tlsUnusable = ErrorCode(rawValue: "tls_unusable")
    /// A second run that reads or answers something else than the first.
    public static let armMismatch = ErrorCode(rawValue: "arm_mismatch")
    /// A store of features that a run cannot use.
    public static let featuresUnusable = ErrorCode(rawValue: "features_unusable")
    /// A salt that users' identities cannot be hashed with.
    public static let identitiesUnusable = ErrorCode(rawValue: "identities_unusable")
    /// A table of items that a run cannot use.
    public static let itemsUnusable = ErrorCode(rawValue: "items_unusable")
    /// A catalogue or a source of recommendations that a run cannot use.
    public static let recommendUnusable = ErrorCode(rawValue: "recommend_unusable")
    /// A task, a column or a folder of risk that a server cannot use.
    public static let riskUnusable = ErrorCode(rawValue: "risk_unusable")
    /// Ads that a run cannot be asked about, or campaigns that cannot be sold.
    public static let adsUnusable = ErrorCode(rawValue: "ads_unusable")
    /// A task whose predictions a server cannot hold against what happens.
    public static let outcomesUnusable = ErrorCode(rawValue: "outcomes_unusable")
    /// A history or a task of forecasts that a server cannot use.
    public static let forecastUnusable = ErrorCode(rawValue: "forecast_unusable")
    /// A task, a column or a table of items that prices cannot be chosen by.
    public static let pricesUnusable = ErrorCode(rawValue: "prices_unusable")
    /// A column whose values no run can be asked to know.
    public static let knownValuesUnusable = ErrorCode(rawValue: "known_values_unusable")
    /// An address that a server cannot listen at.
    public static let cannotListen = ErrorCode(rawValue: "cannot_listen")
}
