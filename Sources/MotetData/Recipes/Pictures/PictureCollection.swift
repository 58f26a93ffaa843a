import MotetCore

/// A label of every picture of a collection: the number of a class, or none.
public struct PictureLabel: Hashable, Sendable {
    /// The label's name, such as `class`.
    public let name: String
    /// The names of the classes, by number.
    public let classes: [String]
    /// A sentence on each class where the data set has one; else empty.
    public let descriptions: [String]
    /// For each picture the number of its class, or -1 where nobody knows it.
    public let numbers: [Int32]

    /// Creates a label.
    public init(
        _ name: String,
        classes: [String],
        descriptions: [String] = [],
        numbers: [Int32]
    ) {
        self.name = name
        self.classes = classes
        self.descriptions = descriptions
        self.numbers = numbers
    }

    /// The numbers of some pictures as a column of labels; NaN where nobody knows the class.
    public func floats(_ rows: [Int]) -> [Float] {
        rows.map { numbers[$0] < 0 ? .nan : Float(numbers[$0]) }
    }

    /// A label with the classes of texts, numbered in the order of their names.
    ///
    /// - Parameters:
    ///   - name: the label's name.
    ///   - texts: for each picture its class, or nil.
    init(_ name: String, texts: [String?]) {
        let classes = Set(texts.compactMap { $0 }).sorted()
        let known = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
        self.init(name, classes: classes, numbers: texts.map { $0.flatMap { known[$0] } ?? -1 })
    }
}

/// The pictures of a data set with what is known of each.
public struct PictureCollection: Sendable {
    /// The pictures, all of one size.
    public let pictures: ImageStack
    /// What each picture is called in its source.
    public let keys: [String]
    /// What must not be torn apart by a split, such as who took the picture.
    public let groups: [String]
    /// The part each picture belongs to.
    public let parts: [RecipePart]
    /// The labels.
    public let labels: [PictureLabel]

    /// Creates a collection; everything has as many entries as there are pictures.
    public init(
        pictures: ImageStack,
        keys: [String],
        groups: [String],
        parts: [RecipePart],
        labels: [PictureLabel]
    ) {
        let counts = [keys.count, groups.count, parts.count] + labels.map(\.numbers.count)
        precondition(
            counts.allSatisfy { $0 == pictures.count },
            "PictureCollection: \(pictures.count) pictures, and entries \(counts)."
        )
        self.pictures = pictures
        self.keys = keys
        self.groups = groups
        self.parts = parts
        self.labels = labels
    }

    /// The numbers of the pictures of a part, in order.
    public func rows(of part: RecipePart) -> [Int] { parts.indices.filter { parts[$0] == part } }

    /// The label of a name.
    ///
    /// - Throws: ``DatasetError`` with the code `dataset_option` when there is none.
    public func label(_ name: String) throws(DatasetError) -> PictureLabel {
        if let label = labels.first(where: { $0.name == name }) { return label }
        let known = labels.map(\.name)
        throw DatasetError(
            .datasetOption,
            "pictures, label \"\(name)\": there is no such label; expected one of "
                + known.joined(separator: ", ") + "; received \"\(name)\"."
                + Suggestion.sentence(for: name, in: known)
        )
    }

    /// The pictures of a part as a trainer reads them: `image`, bytes as floats from 0 to 1, and
    /// `label/<name>` for each label, NaN where nobody knows the class.
    public func dataset(_ part: RecipePart) throws -> PreparedDataset {
        let rows = rows(of: part)
        var columns: [(name: String, values: PreparedValues)] = [
            ("image", pictures.pictures(rows).column())
        ]
        for label in labels {
            columns.append(("label/\(label.name)", .floats(label.floats(rows))))
        }
        return try PreparedDataset(inMemory: columns)
    }
}
