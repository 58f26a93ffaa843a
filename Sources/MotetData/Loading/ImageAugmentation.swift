import MotetCore

/// Random changes of training pictures, drawn anew in each epoch while batches are made.
///
/// What is drawn depends on the seed, the epoch and the number of the row alone, so a fit that is resumed
/// sees the same pictures as one that was not interrupted. Boxes follow their pictures.
///
/// ```swift
/// let train = try prepared.augmented(
///     ImageAugmentation(
///         "image", height: 64, width: 64, channels: 1, boxes: "label/box",
///         flipProbability: 0.5, maximumShift: 6, seed: 7
///     )
/// )
/// ```
public struct ImageAugmentation: Hashable, Sendable {
    /// The column of the pictures: `[R, H * W * C]` floats or bytes.
    public var column: String
    /// The number of rows of a picture `H`.
    public var height: Int
    /// The number of columns `W`.
    public var width: Int
    /// The number of channels `C`.
    public var channels: Int
    /// The column of boxes, or nil.
    ///
    /// `[R, 4]` floats in shares of the picture: left, top, right, bottom; NaN where a picture has none.
    public var boxes: String?
    /// How likely a picture is mirrored left to right.
    public var flipProbability: Double
    /// How many pixels a picture is moved at most, along each axis.
    ///
    /// What comes into view is 0, and a picture is never moved so far that a part of its box is lost.
    public var maximumShift: Int
    /// By how much the factor of all pixels differs from 1 at most.
    ///
    /// For columns of bytes only: the result is kept at most the greatest value a byte stands for.
    public var brightness: Double
    /// The seed of what is drawn.
    public var seed: UInt64

    /// Creates a rule.
    public init(
        _ column: String,
        height: Int,
        width: Int,
        channels: Int,
        boxes: String? = nil,
        flipProbability: Double = 0,
        maximumShift: Int = 0,
        brightness: Double = 0,
        seed: UInt64
    ) {
        self.column = column
        self.height = height
        self.width = width
        self.channels = channels
        self.boxes = boxes
        self.flipProbability = flipProbability
        self.maximumShift = maximumShift
        self.brightness = brightness
        self.seed = seed
    }
}

extension PreparedDataset {
    /// The same rows, whose pictures are changed whenever a trainer makes batches of them to learn from;
    /// evaluation and prediction read them as they are.
    ///
    /// - Parameter augmentation: what is changed.
    /// - Returns: a data set that shares the memory of this one.
    /// - Throws: `TableError` when there is no such column or an option is out of range, `ImageError`
    ///   with `image_size` when pictures have another size, with `box_outside` when a box is not inside
    ///   its picture.
    public func augmented(_ augmentation: ImageAugmentation) throws -> PreparedDataset {
        try augmentation.checkOptions()
        let kind = columns[try index(of: augmentation.column)].kind
        let size = augmentation.height * augmentation.width * augmentation.channels
        guard !kind.isRagged, !kind.isInteger, kind.width == size else {
            throw ImageError(
                .imageSize,
                "augmentation, column \"\(augmentation.column)\": the column holds other pictures; "
                    + "expected \(size) floats or bytes a row (\(augmentation.height) x "
                    + "\(augmentation.width) x \(augmentation.channels)); received \(kind)."
            )
        }
        guard augmentation.brightness == 0 || kind.byteScale != nil else {
            throw TableError(
                .tableOption,
                "augmentation, column \"\(augmentation.column)\": 'brightness' is for bytes; expected "
                    + "0; received \(augmentation.brightness)."
            )
        }
        if let boxes = augmentation.boxes { try requireBoxes(boxes) }
        return PreparedDataset(
            rowCount: rowCount,
            columns: columns,
            contentKey: contentKey,
            values: values,
            offsets: offsets,
            augmentations: augmentations + [augmentation]
        )
    }
}

extension ImageAugmentation {
    fileprivate func checkOptions() throws(TableError) {
        func check(
            _ isRight: Bool,
            _ option: String,
            _ expected: String,
            _ value: some Any
        )
            throws(TableError)
        {
            guard !isRight else { return }
            throw TableError(
                .tableOption,
                "augmentation, column \"\(column)\": '\(option)' is out of range; expected "
                    + "\(expected); received \(value)."
            )
        }
        try check((0...1).contains(flipProbability), "flipProbability", "0 to 1", flipProbability)
        let most = min(height, width) - 1
        try check(
            maximumShift >= 0 && maximumShift <= most,
            "maximumShift",
            "0 to \(most)",
            maximumShift
        )
        try check((0..<1).contains(brightness), "brightness", "0 to below 1", brightness)
    }
}
