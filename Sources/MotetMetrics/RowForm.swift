/// What a row of observations holds: the meaning and number of its labels and predictions.
public struct RowForm: Hashable, Sendable {
    /// The forms without their sizes.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// One number beside one number.
        case numbers
        /// The number of the right class beside a score for each class.
        case classes
        /// The tags of a sequence of tokens beside the predicted ones.
        case tags
        /// A box beside a box.
        case boxes
        /// Whether a picture shows an object and where, beside a score and a box.
        case detections

        /// How sentences call the rows.
        var phrase: String {
            switch self {
            case .numbers: "one number"
            case .classes: "class scores"
            case .tags: "tags"
            case .boxes: "boxes"
            case .detections: "detections"
            }
        }
    }

    /// The form without its size.
    public let kind: Kind
    /// The labels of a row.
    public let labelWidth: Int
    /// The predictions of a row.
    public let predictionWidth: Int

    private init(_ kind: Kind, _ labelWidth: Int, _ predictionWidth: Int) {
        precondition(labelWidth > 0 && predictionWidth > 0, "RowForm: sizes are at least 1.")
        self.kind = kind
        self.labelWidth = labelWidth
        self.predictionWidth = predictionWidth
    }

    /// One number beside one number.
    ///
    /// Label: a number, NaN where there is none. Prediction: a probability or quantity.
    public static let numbers = RowForm(.numbers, 1, 1)

    /// A class beside a score for each of `count` classes.
    ///
    /// Label: a class from 0, NaN where there is none. Predictions: logits or probabilities.
    public static func classes(_ count: Int) -> RowForm { RowForm(.classes, 1, count) }

    /// The tags of `length` tokens beside the predicted ones.
    ///
    /// Labels: tag numbers, NaN or negative where there is no token. Predictions: tag numbers, such as
    /// those of the best path or of the greatest scores; what stands where there is no token does not
    /// matter.
    public static func tags(_ length: Int) -> RowForm { RowForm(.tags, length, length) }

    /// A box beside a box.
    ///
    /// Labels and predictions: left, top, right, bottom, in one unit; labels NaN where there is no box.
    public static let boxes = RowForm(.boxes, 4, 4)

    /// A picture with at most one object and one detection.
    ///
    /// Labels: 1 or 0 for an object or none, NaN where that is unknown, then its box, which does not
    /// matter without an object. Predictions: a score, higher where an object is more likely, then the
    /// box.
    public static let detections = RowForm(.detections, 5, 5)
}
