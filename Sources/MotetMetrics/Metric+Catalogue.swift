extension Metric {
    /// Every metric that has a name in YAML.
    public static let all: [Metric] = [
        .auc, .gauc, .gauc(weighting: .rows), .gauc(weighting: .equal), .prAUC, .logLoss,
        .normalisedEntropy, .calibration, .calibrationError,
        .calibrationError(binning: .equalWidth), .accuracy, .rmse, .mae, .wape, .macroF1, .microF1,
        .topK(5), .meanIoU, .averagePrecision, .meanAveragePrecision,
    ]

    /// The area under the ROC curve; see ``AUC``.
    public static let auc = Metric("auc", title: "AUC", goal: .higher, prepare: AUC.prepare)

    /// The mean AUC of groups, each weighted by the sum of its rows' weights; see ``GAUC``.
    public static let gauc = Metric.gauc(weighting: .sampleWeight)

    /// The mean AUC of groups, with a choice of the groups' weights; see ``GAUC``.
    public static func gauc(weighting: GAUC.Weighting) -> Metric {
        Metric(weighting.metricName, title: "GAUC", goal: .higher, needsGroups: true) {
            observations throws(MetricError) in
            try GAUC.prepare(observations, weighting: weighting)
        }
    }

    /// Average precision, the area under the precision-recall curve; see ``PRAUC``.
    public static let prAUC = Metric(
        "pr_auc",
        title: "PR-AUC",
        goal: .higher,
        prepare: PRAUC.prepare
    )

    /// The mean binary cross-entropy in nats; see ``LogLoss``.
    public static let logLoss = Metric(
        "log_loss",
        title: "log loss",
        goal: .lower,
        prepare: LogLoss.prepare
    )

    /// Log loss over that of always predicting the mean; see ``NormalisedEntropy``.
    public static let normalisedEntropy = Metric(
        "normalised_entropy",
        title: "normalised entropy",
        goal: .lower,
        prepare: NormalisedEntropy.prepare
    )

    /// The sum of predictions over the sum of labels; see ``Calibration``.
    public static let calibration = Metric(
        "calibration",
        title: "calibration",
        goal: .closerTo(1),
        prepare: Calibration.prepare
    )

    /// Expected calibration error over 10 bins of equal mass; see ``CalibrationError``.
    public static let calibrationError = Metric.calibrationError(binning: .equalMass)

    /// Expected calibration error over bins of equal mass or equal width; see ``CalibrationError``.
    ///
    /// - Parameters:
    ///   - binning: how predictions fall into bins.
    ///   - bins: the number of bins, at least 1.
    /// - Returns: the metric; only those of 10 bins have a name in YAML.
    public static func calibrationError(
        binning: CalibrationError.Binning,
        bins: Int = 10
    ) -> Metric {
        precondition(bins >= 1, "calibration error: needs at least 1 bin; received \(bins)")
        let suffix = bins == 10 ? "" : "_\(bins)_bins"
        return Metric(
            binning.metricName + suffix,
            title: "calibration error",
            goal: .lower
        ) { observations throws(MetricError) in
            try CalibrationError.prepare(observations, binning: binning, bins: bins)
        }
    }

    /// The root of the mean squared error; see ``RMSE``.
    public static let rmse = Metric("rmse", title: "RMSE", goal: .lower, prepare: RMSE.prepare)

    /// The mean absolute error; see ``MAE``.
    public static let mae = Metric("mae", title: "MAE", goal: .lower, prepare: MAE.prepare)

    /// The sum of absolute errors over the sum of absolute labels; see ``WAPE``.
    public static let wape = Metric("wape", title: "WAPE", goal: .lower, prepare: WAPE.prepare)
}
