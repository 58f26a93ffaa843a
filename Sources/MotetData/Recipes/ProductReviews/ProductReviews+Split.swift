/// Three parts of a data set, none of which tells of another.
public struct DatasetParts<Row: Sendable>: Sendable {
    /// What a model learns from.
    public let train: [Row]
    /// What chooses among models.
    public let validation: [Row]
    /// What measures the chosen model.
    public let test: [Row]
    /// Rows left out because they come again in a part behind theirs.
    public let repeated: Int
}

extension ProductReviews {
    /// Splits the sentences by review: all of a review are in one part, 60 % of the reviews train, 20 %
    /// validate and 20 % test, on average.
    ///
    /// A sentence whose tokens come again in a later part (train, validation, test) stays in the last one
    /// only, so that none is on two sides.
    ///
    /// - Parameter seed: what decides each review's part, together with its number.
    /// - Returns: the parts.
    public func split(seed: UInt64) -> DatasetParts<ReviewSentence> {
        let split = RowSplit(seed: seed)
        return parts { split.part($0.review) }
    }

    /// Splits the sentences by product, to measure on products that are new.
    ///
    /// - Parameters:
    ///   - validation: products that validate.
    ///   - test: products that test; all others train.
    /// - Returns: the parts, without sentences that come again in a later one.
    /// - Throws: ``DatasetError`` for a product there is none of, or one on both sides.
    public func split(
        validation: Set<String>,
        test: Set<String>
    ) throws(DatasetError) -> DatasetParts<ReviewSentence> {
        for product in validation.union(test).sorted() where !products.contains(product) {
            throw DatasetError(
                .datasetOption,
                "data set \"product_reviews\": no such product; expected one of "
                    + "\(products.joined(separator: ", ")); received \"\(product)\"."
            )
        }
        if let both = validation.intersection(test).min() {
            throw DatasetError(
                .datasetOption,
                "data set \"product_reviews\": a product is on two sides; expected each in one "
                    + "part; received \"\(both)\" in validation and test."
            )
        }
        return parts {
            test.contains($0.product)
                ? .test : validation.contains($0.product) ? .validation : .train
        }
    }

    private func parts(
        _ part: (ReviewSentence) -> RecipePart
    ) -> DatasetParts<ReviewSentence> {
        let parts = sentences.map(part)
        let (last, repeated) = Repetition.lastParts(sentences.map(\.tokens), parts)
        func rows(_ wanted: RecipePart) -> [ReviewSentence] {
            zip(sentences, last).filter { $1 == wanted }.map(\.0)
        }
        return DatasetParts(
            train: rows(.train),
            validation: rows(.validation),
            test: rows(.test),
            repeated: repeated
        )
    }
}

/// Keeps texts that come several times out of all parts but one.
enum Repetition {
    /// The part of each text; nil where the same tokens, without case, come in a later part.
    ///
    /// - Parameters:
    ///   - texts: the tokens of each.
    ///   - parts: the part of each.
    /// - Returns: the parts that stay, and how many do not.
    static func lastParts(
        _ texts: [[String]],
        _ parts: [RecipePart]
    ) -> (parts: [RecipePart?], repeated: Int) {
        let keys = texts.map { $0.map { $0.lowercased() } }
        let ranks = parts.map { RecipePart.allCases.firstIndex(of: $0) ?? 0 }
        var latest: [[String]: Int] = [:]
        for (key, rank) in zip(keys, ranks) { latest[key] = max(rank, latest[key] ?? 0) }
        let kept = keys.indices.map { latest[keys[$0]] == ranks[$0] ? parts[$0] : nil }
        return (kept, kept.count { $0 == nil })
    }
}
