/// How often each class was taken for each class.
///
/// Row `i`, column `j` counts the rows (or tokens) of class `i` that were predicted as class `j`,
/// each as often as its weight says.
public struct ConfusionMatrix: Hashable, Sendable, Codable {
    /// The number of classes `C`.
    public let classes: Int
    /// The counts `[C, C]`, row-major: `counts[label * classes + predicted]`.
    public private(set) var counts: [Double]

    /// Creates a matrix of zeros.
    public init(classes: Int) {
        precondition(classes > 0, "ConfusionMatrix: at least 1 class; received \(classes)")
        self.classes = classes
        counts = [Double](repeating: 0, count: classes * classes)
    }

    /// Counts the decisions of observations: rows of class scores, of tags, or of a binary task.
    ///
    /// - Parameter observations: the rows.
    /// - Throws: `undefined_metric` where there are no rows or a value is no class.
    public init(_ observations: Observations) throws(MetricError) {
        let pairs = try observations.classPairs(for: "confusion matrix")
        self.init(classes: ConfusionMatrix.classes(of: pairs, observations.form))
        for pair in pairs {
            add(Int(pair.label), Int(pair.predicted), Double(observations.weight(Int(pair.row))))
        }
    }

    /// The number of classes there are: those of the scores, else up to the greatest that occurs.
    static func classes(of pairs: [ClassPair], _ form: RowForm) -> Int {
        switch form.kind {
        case .classes: form.predictionWidth
        case .numbers: 2
        default: 1 + Int(pairs.reduce(0) { max($0, $1.label, $1.predicted) })
        }
    }

    /// Counts one decision.
    public mutating func add(_ label: Int, _ predicted: Int, _ weight: Double = 1) {
        precondition(
            (0..<classes).contains(label) && (0..<classes).contains(predicted),
            "ConfusionMatrix: classes are 0 to \(classes - 1); received \(label), \(predicted)"
        )
        counts[label * classes + predicted] += weight
    }

    /// The count of a class taken for a class.
    public subscript(label: Int, predicted: Int) -> Double { counts[label * classes + predicted] }

    /// How often a class is the right one.
    public func labelled(_ index: Int) -> Double {
        (0..<classes).reduce(0) { $0 + self[index, $1] }
    }

    /// How often a class was predicted.
    public func predicted(_ index: Int) -> Double {
        (0..<classes).reduce(0) { $0 + self[$1, index] }
    }

    /// The share of a class's predictions that are right; nil where it was never predicted.
    public func precision(_ index: Int) -> Double? { share(self[index, index], predicted(index)) }

    /// The share of a class's rows that were found; nil where there are none.
    public func recall(_ index: Int) -> Double? { share(self[index, index], labelled(index)) }

    /// Twice the right decisions for a class over its rows and predictions together; nil where it has
    /// neither.
    public func f1(_ index: Int) -> Double? {
        share(2 * self[index, index], labelled(index) + predicted(index))
    }

    /// The share of right decisions; nil where nothing was counted.
    public var accuracy: Double? {
        share((0..<classes).reduce(0) { $0 + self[$1, $1] }, counts.reduce(0, +))
    }

    private func share(_ part: Double, _ whole: Double) -> Double? {
        whole > 0 ? part / whole : nil
    }
}
