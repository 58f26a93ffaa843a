public import MotetCore

/// F1 of whole entities: one is right if its type and both its borders are.
///
/// Precision and recall are over all entities of all sentences (micro), as conlleval computes them.
/// Malformed sequences are read by the rule of `TagSet.entities(in:)`, and the repairs are counted.
///
/// - Source: Tjong Kim Sang and De Meulder, "Introduction to the CoNLL-2003 Shared Task:
///   Language-Independent Named Entity Recognition", CoNLL 2003, §2.3.
///   <https://doi.org/10.3115/1119176.1119195>
public struct EntityF1: Hashable, Sendable, Codable {
    /// The tags' meaning.
    public let tags: TagSet
    /// The scores of all types together.
    public private(set) var total = EntityScores()
    /// The scores of each type, in the order of `tags.types`.
    public private(set) var types: [EntityScores]
    /// In how many places labels were repaired.
    public private(set) var labelRepairs = 0
    /// In how many places predictions were repaired.
    public private(set) var predictionRepairs = 0

    /// Creates scores of no sentences.
    public init(_ tags: TagSet) {
        self.tags = tags
        types = tags.types.map { _ in EntityScores() }
    }

    /// Scores sentences.
    ///
    /// - Parameters:
    ///   - tags: the tags' meaning.
    ///   - labels: the right tag numbers of each sentence.
    ///   - predicted: as many tag numbers.
    /// - Throws: `metric_columns` if a sentence has another number of tags on one side.
    public init(_ tags: TagSet, labels: [[Int32]], predicted: [[Int32]]) throws(MetricError) {
        self.init(tags)
        guard labels.count == predicted.count else {
            throw .columns(
                "predictions: number of sentences differs from the labels'; expected "
                    + "\(labels.count); received \(predicted.count)."
            )
        }
        for (sentence, pair) in zip(labels, predicted).enumerated() {
            guard pair.0.count == pair.1.count else {
                throw .columns(
                    "predictions: sentence \(sentence) has another number of tags; expected "
                        + "\(pair.0.count); received \(pair.1.count)."
                )
            }
            add(labels: pair.0, predicted: pair.1)
        }
    }

    /// F1 of all entities of some sentences.
    ///
    /// - Parameters:
    ///   - tags: the tags' meaning.
    ///   - labels: the right tag numbers of each sentence.
    ///   - predicted: as many tag numbers.
    /// - Returns: from 0 to 1.
    /// - Throws: `undefined_metric` where neither side has an entity; `metric_columns` if a sentence
    ///   has another number of tags on one side.
    public static func value(
        _ tags: TagSet,
        labels: [[Int32]],
        predicted: [[Int32]]
    ) throws(MetricError) -> Double {
        let scores = try EntityF1(tags, labels: labels, predicted: predicted)
        guard let value = scores.total.f1 else { throw none }
        return value
    }

    private static let none = MetricError.undefined(
        "entity F1 needs an entity among labels or predictions; received none"
    )

    /// Adds a sentence; both sides have the same number of tags.
    ///
    /// - Returns: the sentence's own scores.
    @discardableResult
    public mutating func add(
        labels: some Collection<Int32>,
        predicted: some Collection<Int32>
    ) -> EntityScores {
        precondition(labels.count == predicted.count, "EntityF1: tags differ in number.")
        let (right, rightRepairs) = tags.entities(in: labels)
        let (found, foundRepairs) = tags.entities(in: predicted)
        labelRepairs += rightRepairs
        predictionRepairs += foundRepairs
        let known = Set(right)
        var sentence = EntityScores()
        for span in right {
            sentence.labelled += 1
            types[span.type].labelled += 1
        }
        for span in found {
            let isRight = known.contains(span)
            sentence.predicted += 1
            types[span.type].predicted += 1
            guard isRight else { continue }
            sentence.matched += 1
            types[span.type].matched += 1
        }
        total += sentence
        return sentence
    }

    static func prepare(
        _ observations: Observations,
        _ tags: TagSet
    ) throws(MetricError) -> any PreparedMetric {
        try observations.requireRows(of: .tags, for: "entity F1")
        let pairs = try observations.classPairs(for: "entity F1")
        var sides = [(labels: [Int32], predicted: [Int32])](
            repeating: ([], []),
            count: observations.count
        )
        for pair in pairs {
            sides[Int(pair.row)].labels.append(pair.label)
            sides[Int(pair.row)].predicted.append(pair.predicted)
        }
        var scores = EntityF1(tags)
        let quantities = sides.map { side in
            let sentence = scores.add(labels: side.labels, predicted: side.predicted)
            return SIMD3(
                Double(sentence.matched),
                Double(sentence.predicted),
                Double(sentence.labelled)
            )
        }
        return SumMetric("entity F1", observations, quantities: quantities) {
            sums throws(MetricError) in
            guard sums.z + sums.w > 0 else { throw none }
            return 2 * sums.y / (sums.z + sums.w)
        }
    }
}
