/// How alike two candidates are: 1 for one and itself, 0 for no likeness.
public struct Similarity: Sendable {
    private enum Kind: Sendable {
        /// Unit vectors, one after the other, of so many numbers each.
        case vectors([Float], Int)
        case categories([String?], Double)
    }

    private let kind: Kind
    /// The number of candidates.
    let count: Int

    /// Compares by vectors: `(1 + cosine) / 2`.
    ///
    /// A vector of zeros is at right angles to all others.
    ///
    /// - Parameters:
    ///   - vectors: the candidates' vectors, one after the other.
    ///   - dimension: how many numbers one has.
    public init(vectors: [Float], dimension: Int) {
        precondition(
            dimension > 0 && vectors.count.isMultiple(of: dimension),
            "vectors of \(dimension) numbers expected"
        )
        count = vectors.count / dimension
        var unit = vectors
        for row in 0..<count {
            let range = (row * dimension)..<((row + 1) * dimension)
            let square = vectors[range].reduce(0.0) { $0 + Double($1) * Double($1) }
            guard square > 0 else { continue }
            let scale = 1 / square.squareRoot()
            for place in range { unit[place] = Float(Double(vectors[place]) * scale) }
        }
        kind = .vectors(unit, dimension)
    }

    /// Compares by categories: `alike` for two of the same, 0 for others and for those without one.
    ///
    /// - Parameters:
    ///   - categories: the candidates' categories.
    ///   - alike: from 0 to less than 1, so that two items of a category are not the same item.
    public init(categories: [String?], alike: Double = 0.9) {
        precondition((0..<1).contains(alike), "likeness of a category is from 0 to less than 1")
        kind = .categories(categories, alike)
        count = categories.count
    }

    subscript(left: Int, right: Int) -> Double {
        guard left != right else { return 1 }
        switch kind {
        case .vectors(let unit, let dimension):
            var product: Double = 0
            for place in 0..<dimension {
                product +=
                    Double(unit[left * dimension + place]) * Double(unit[right * dimension + place])
            }
            return (1 + product) / 2
        case .categories(let categories, let alike):
            return categories[left] != nil && categories[left] == categories[right] ? alike : 0
        }
    }
}
