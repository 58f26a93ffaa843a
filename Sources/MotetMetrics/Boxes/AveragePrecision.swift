import MotetCore

/// Average precision of detections: the area under precision over recall, for one threshold of
/// intersection over union or as the mean over several.
///
/// Definition. The detections of a class go through all pictures by falling score. One is right if it
/// shares at least the threshold (intersection over union) with an object of its class in its picture
/// that no better detection took; every other one is wrong, also a second one on the same object and
/// any in a picture without objects. Recall is the share of objects found so far, precision the share
/// of right detections so far; the area is taken with all-point interpolation: the precision at a
/// recall is the greatest at this or a higher recall. Detections of equal score enter together.
/// The value of several classes is the mean over those that have objects.
///
/// - Source: Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", IJCV
///   111, 2015, §4.2 (AP@0.5); Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014
///   (mean over thresholds 0.5, 0.55, ..., 0.95). <https://doi.org/10.1007/s11263-014-0733-5>
/// - Departures: COCO's program reads precision at 101 recalls instead of all; the two differ by
///   about 0.01 at most on its own data.
public enum AveragePrecision {
    /// The thresholds 0.5, 0.55, ..., 0.95.
    public static let standardThresholds = (10..<20).map { Double($0) / 20 }

    /// The mean over classes and thresholds.
    ///
    /// - Parameters:
    ///   - detections: what the model claims, in any order.
    ///   - objects: what the pictures show; pictures without objects need no entry.
    ///   - thresholds: the least intersection over union of a right detection.
    /// - Returns: from 0 to 1.
    /// - Throws: `undefined_metric` without objects or with a score that is not a number.
    public static func value(
        detections: [Detection],
        objects: [LabelledObject],
        thresholds: [Double] = [0.5]
    ) throws(MetricError) -> Double {
        var total = 0.0
        for threshold in thresholds {
            let values = try byClass(
                detections: detections,
                objects: objects,
                threshold: threshold
            ).values
            guard !values.isEmpty else {
                throw .undefined("average precision needs an object; received none")
            }
            total += values.sorted().reduce(0, +) / Double(values.count)
        }
        precondition(!thresholds.isEmpty, "AveragePrecision: at least 1 threshold.")
        return total / Double(thresholds.count)
    }

    /// The value of each class that has objects, for one threshold.
    ///
    /// - Parameters:
    ///   - detections: what the model claims, in any order.
    ///   - objects: what the pictures show.
    ///   - threshold: the least intersection over union of a right detection.
    /// - Returns: average precision by class.
    /// - Throws: `undefined_metric` with a score that is not a number.
    public static func byClass(
        detections: [Detection],
        objects: [LabelledObject],
        threshold: Double = 0.5
    ) throws(MetricError) -> [Int: Double] {
        if detections.contains(where: \.score.isNaN) {
            throw .undefined("average precision needs scores that are numbers; received nan")
        }
        let claims = Dictionary(grouping: detections, by: \.label)
        var values: [Int: Double] = [:]
        for (label, known) in Dictionary(grouping: objects, by: \.label) {
            let ranked = RankedDetections(claims[label] ?? [], known, threshold: threshold)
            values[label] = ranked.averagePrecision
        }
        return values
    }

    static func prepare(
        _ observations: Observations,
        title: String,
        _ thresholds: [Double]
    ) throws(MetricError) -> any PreparedMetric {
        try observations.requireRows(of: .detections, for: title)
        let (labels, predictions) = (observations.labels, observations.predictions)
        if let wrong = predictions.first(where: { !$0.isFinite }) {
            throw .undefined("\(title) needs finite predictions; received \(wrong)")
        }
        var overlaps: [Double?] = []
        for start in stride(from: 0, to: labels.count, by: 5) {
            guard labels[start] != 0 else {
                overlaps.append(nil)
                continue
            }
            let box = Box(labels, at: start + 1)
            guard labels[start] == 1, !box.isEmpty, box.borders.allSatisfy(\.isFinite) else {
                throw .undefined(
                    "\(title) needs objects 0 or 1 with boxes that have an area; received "
                        + "\(Array(labels[start..<start + 5]))"
                )
            }
            overlaps.append(box.intersectionOverUnion(Box(predictions, at: start + 1)))
        }
        let scores = overlaps.indices.map { predictions[$0 * 5] }
        return Prepared(
            title: title,
            order: overlaps.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) },
            scores: scores,
            overlaps: overlaps,
            weights: overlaps.indices.map { Double(observations.weight($0)) },
            thresholds: thresholds
        )
    }

    /// Pictures with at most one object and one detection: what matches is known beforehand.
    private struct Prepared: PreparedMetric {
        let title: String
        let order: [Int]
        let scores: [Float]
        /// What detection and object share; nil where there is no object.
        let overlaps: [Double?]
        let weights: [Double]
        let thresholds: [Double]

        func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
            var objects = 0.0
            for row in overlaps.indices where overlaps[row] != nil {
                objects += weights[row] * Double(counts[row])
            }
            var total = 0.0
            for threshold in thresholds {
                let entries = order.map { row in
                    RankedDetections.Entry(
                        score: scores[row],
                        isRight: (overlaps[row] ?? -1) >= threshold,
                        weight: weights[row] * Double(counts[row])
                    )
                }
                guard let value = RankedDetections(entries, objects: objects).averagePrecision
                else { throw .undefined("\(title) needs an object; received none") }
                total += value
            }
            return Measurement(value: total / Double(thresholds.count))
        }
    }
}
