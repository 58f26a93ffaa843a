public import Motet

/// How good the answers of a model, or of several models together, are on scenes.
public enum SceneScores {
    /// The metrics, for a ``SeedTable``.
    public static let metrics: KeyValuePairs<String, MetricGoal> = [
        "accuracy": .higher, "mean IoU": .higher, "AP@0.5": .higher, "mAP": .higher,
    ]

    /// Measures answers.
    ///
    /// - `accuracy`: of the pictures that show a product, the share whose class is right.
    /// - `mean IoU`: of those pictures, between their box and the predicted one.
    /// - `AP@0.5`: average precision of the boxes, whatever their class, ranked by objectness; a box is
    ///   right from an intersection over union of 0.5 on.
    /// - `mAP`: average precision of boxes with a class, ranked by objectness times the class's
    ///   probability; mean over the classes and the thresholds 0.5, 0.55, ..., 0.95.
    ///
    /// - Parameters:
    ///   - predictions: `class [R, C]` probabilities, `object [R, 1]`, `box [R, 4]`; of several models
    ///     put together, if need be.
    ///   - scenes: the pictures.
    /// - Returns: the values of the metrics.
    /// - Throws: `ExampleError` when an output is missing, `MetricError` when a metric is undefined.
    public static func values(
        _ predictions: [String: Tensor],
        _ scenes: Scenes
    ) throws -> [String: Double] {
        guard let classes = predictions["class"], let object = predictions["object"]?.floats,
            let borders = predictions["box"]?.floats
        else { throw ExampleError("scores: expected the outputs class, object and box.") }
        let width = classes.shape[1]
        let all = (0..<object.count).map { picture in
            let scores = classes.floats[picture * width..<(picture + 1) * width]
            let best = scores.indices.max { scores[$0] < scores[$1] } ?? scores.startIndex
            return (
                label: best - scores.startIndex,
                probability: scores[best],
                box: Box(borders: Array(borders[4 * picture..<4 * picture + 4]))
                    .clipped(width: 1, height: 1)
            )
        }
        let objects = scenes.objects
        let right = objects.count { all[$0.picture].label == $0.label }
        func detections(_ isClassed: Bool) -> [Detection] {
            all.enumerated().map { picture, answer in
                Detection(
                    picture: picture,
                    label: isClassed ? answer.label : 0,
                    box: answer.box,
                    score: object[picture] * (isClassed ? answer.probability : 1)
                )
            }
        }
        return [
            "accuracy": Double(right) / Double(max(objects.count, 1)),
            "mean IoU": try MeanIoU.value(
                labels: objects.map(\.box),
                predicted: objects.map { all[$0.picture].box }
            ),
            "AP@0.5": try AveragePrecision.value(
                detections: detections(false),
                objects: objects.map { LabelledObject(picture: $0.picture, box: $0.box) }
            ),
            "mAP": try AveragePrecision.value(
                detections: detections(true),
                objects: objects,
                thresholds: AveragePrecision.standardThresholds
            ),
        ]
    }
}
