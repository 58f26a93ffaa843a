extension Metric {
    /// The mean over rows of the boxes' intersection over union; see ``MeanIoU``.
    public static let meanIoU = Metric(
        "mean_iou",
        title: "mean IoU",
        goal: .higher,
        rows: [.boxes],
        prepare: MeanIoU.prepare
    )

    /// Average precision at an intersection over union of at least 0.5; see ``AveragePrecision``.
    public static let averagePrecision = Metric(
        "average_precision",
        title: "AP@0.5",
        goal: .higher,
        rows: [.detections]
    ) { observations throws(MetricError) in
        try AveragePrecision.prepare(observations, title: "AP@0.5", [0.5])
    }

    /// The mean of average precision at the thresholds 0.5, 0.55, ..., 0.95; see ``AveragePrecision``.
    public static let meanAveragePrecision = Metric(
        "mean_average_precision",
        title: "mAP@[.5:.95]",
        goal: .higher,
        rows: [.detections]
    ) { observations throws(MetricError) in
        try AveragePrecision.prepare(
            observations,
            title: "mAP@[.5:.95]",
            AveragePrecision.standardThresholds
        )
    }
}
