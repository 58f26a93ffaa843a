import MotetCore

/// What a sentence says of its product as a whole.
public enum ReviewSentiment: Int32, Hashable, Sendable, CaseIterable {
    /// More bad than good.
    case negative = 0
    /// Good and bad in equal measure.
    case mixed = 1
    /// More good than bad.
    case positive = 2
}

/// A sentence of a product review.
public struct ReviewSentence: Hashable, Sendable {
    /// The product, by the name of its file.
    public let product: String
    /// The number of its review in the whole data set: sentences of one review have one number.
    public let review: Int
    /// The text as it is written.
    public let text: String
    /// The text's tokens.
    public let tokens: [String]
    /// The aspects it has an opinion on; none for most sentences.
    public let aspects: [ReviewAspect]
    /// For each token the number of its tag in ``ProductReviews/tags``.
    public let tags: [Int32]
    /// For each aspect how it was found among the tokens.
    public let matches: [AspectMatch]

    /// The sum of the aspects' strengths; nil where there is no aspect or one has no polarity.
    public var strength: Int? {
        guard !aspects.isEmpty else { return nil }
        var sum = 0
        for aspect in aspects {
            guard let strength = aspect.strength else { return nil }
            sum += strength
        }
        return sum
    }

    /// The sign of ``strength``; nil, no label, where that is nil.
    public var sentiment: ReviewSentiment? {
        strength.map { $0 == 0 ? .mixed : $0 > 0 ? .positive : .negative }
    }

    init(
        product: String,
        review: Int,
        text: String,
        aspects: [ReviewAspect],
        tokenizer: WordTokenizer
    ) {
        self.product = product
        self.review = review
        self.text = text
        self.aspects = aspects
        tokens = tokenizer.tokens(text)
        let matcher = AspectMatcher(tokens)
        let names = aspects.map { tokenizer.tokens($0.name) }
        (tags, matches) = matcher.tags(of: names)
    }
}

/// How an aspect was found among the tokens of its sentence.
public enum AspectMatch: Hashable, Sendable, CaseIterable {
    /// Token by token.
    case exact
    /// But for an `s` at the end of a token.
    case inflected
    /// Only where a longer aspect stands already, which is tagged instead.
    case covered
    /// Not at all: it has no tags.
    case absent
}

/// Finds aspects in a sentence and spells them as BIO tags.
///
/// Longer aspects come first. An aspect is tagged wherever its tokens stand one behind the other,
/// compared without case, and no other aspect stands; if they stand nowhere, wherever they do when an `s`
/// at the end of a token counts as nothing (`picture` and `pictures`).
struct AspectMatcher {
    private let tokens: [String]
    private let stems: [String]

    init(_ tokens: [String]) {
        self.tokens = tokens.map { $0.lowercased() }
        stems = self.tokens.map(AspectMatcher.stem)
    }

    private static func stem(_ token: String) -> String {
        token.count > 2 && token.hasSuffix("s") ? String(token.dropLast()) : token
    }

    /// The tags of the sentence, and how each aspect was found.
    func tags(of names: [[String]]) -> (tags: [Int32], matches: [AspectMatch]) {
        var matches = names.map { _ in AspectMatch.absent }
        var isTaken = tokens.map { _ in false }
        var spans: [EntitySpan] = []
        let order = names.indices.sorted {
            names[$0].count != names[$1].count ? names[$0].count > names[$1].count : $0 < $1
        }
        for index in order {
            let name = names[index].map { $0.lowercased() }
            var match = AspectMatch.exact
            var places = AspectMatcher.places(of: name, in: tokens)
            if places.isEmpty {
                match = .inflected
                places = AspectMatcher.places(of: name.map(AspectMatcher.stem), in: stems)
            }
            guard !places.isEmpty else { continue }
            matches[index] = .covered
            for place in places where !isTaken[place..<place + name.count].contains(true) {
                matches[index] = match
                spans.append(EntitySpan(type: 0, tokens: place..<place + name.count))
                for token in place..<place + name.count { isTaken[token] = true }
            }
        }
        spans.sort { $0.tokens.lowerBound < $1.tokens.lowerBound }
        return (ProductReviews.tags.numbers(of: spans, count: tokens.count), matches)
    }

    private static func places(of name: [String], in tokens: [String]) -> [Int] {
        guard !name.isEmpty, name.count <= tokens.count else { return [] }
        return (0...tokens.count - name.count).filter { start in
            tokens[start..<start + name.count].elementsEqual(name)
        }
    }
}
