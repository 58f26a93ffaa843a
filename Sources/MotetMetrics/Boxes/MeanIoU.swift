public import MotetCore

/// The mean over rows of the intersection over union of the right box and the predicted one.
///
/// A predicted box whose borders are in the wrong order is empty and scores 0.
public enum MeanIoU {
    /// The mean over pairs of boxes.
    ///
    /// - Parameters:
    ///   - labels: the right boxes, all of positive area.
    ///   - predicted: as many boxes.
    /// - Returns: from 0 to 1.
    /// - Throws: `undefined_metric` without boxes or with a label of no area; `metric_columns` if the
    ///   lengths differ.
    public static func value(labels: [Box], predicted: [Box]) throws(MetricError) -> Double {
        let observations = try Observations(
            .boxes,
            labels: labels.flatMap(\.borders),
            predictions: predicted.flatMap(\.borders)
        )
        return try Metric.meanIoU.value(observations)
    }

    static func prepare(_ observations: Observations) throws(MetricError) -> any PreparedMetric {
        try observations.requireRows(of: .boxes, for: "mean IoU")
        try observations.requireFinite(for: "mean IoU")
        var quantities: [SIMD3<Double>] = []
        for row in 0..<observations.count {
            let label = Box(observations.labels, at: row * 4)
            guard !label.isEmpty else {
                throw .undefined("mean IoU needs boxes with an area; received \(label.borders)")
            }
            let predicted = Box(observations.predictions, at: row * 4)
            quantities.append(SIMD3(label.intersectionOverUnion(predicted), 0, 0))
        }
        return SumMetric("mean IoU", observations, quantities: quantities) {
            sums throws(MetricError) in
            sums.y / sums.x
        }
    }
}

extension Box {
    /// The box whose four borders stand from an index on.
    init(_ values: [Float], at index: Int) {
        self.init(
            left: values[index],
            top: values[index + 1],
            right: values[index + 2],
            bottom: values[index + 3]
        )
    }
}
