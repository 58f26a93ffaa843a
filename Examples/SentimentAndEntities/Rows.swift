import Motet

/// A sentence of either corpus, and the labels it has: what a task does not know is nil.
struct Row {
    let tokens: [String]
    /// 1 for good, 0 for bad.
    var sentiment: Float?
    var aspects: [Int32]?
    var entities: [Int32]?

    /// Whether one of the tasks has a label here.
    func has(_ tasks: [TaggingTask]) -> Bool {
        tasks.contains { task in
            switch task {
            case .sentiment: sentiment != nil
            case .aspects: aspects != nil
            case .entities: entities != nil
            }
        }
    }
}

/// What is counted in the training sentences.
struct Vocabularies {
    let words: TokenVocabulary
    let endings: TokenVocabulary
}

/// How a token is written, which lower case hides: a small vocabulary of its own.
enum Spelling: Int32, CaseIterable {
    case padding, lower, capitalised, upper, number, other

    init(_ token: String) {
        let letters = token.filter(\.isLetter)
        if letters.isEmpty {
            self = token.contains(where: \.isNumber) ? .number : .other
        } else if letters.allSatisfy(\.isLowercase) {
            self = .lower
        } else if letters.allSatisfy(\.isUppercase), letters.count > 1 {
            self = .upper
        } else {
            self = letters.first?.isUppercase == true ? .capitalised : .other
        }
    }
}

extension Row {
    /// The tokens in lower case.
    var words: [String] { tokens.map { WordTokenizer().token($0[...]) } }

    /// The last three letters of each token: what a word that is new has in common with others.
    var endings: [String] { words.map { String($0.suffix(3)) } }

    init(_ sentence: ReviewSentence) {
        tokens = sentence.tokens
        aspects = sentence.tags
        // Good and bad in equal measure is neither.
        sentiment =
            switch sentence.sentiment {
            case .positive: 1
            case .negative: 0
            case .mixed, nil: nil
            }
    }

    init(_ sentence: TaggedSentence) {
        tokens = sentence.tokens
        entities = sentence.tags
    }
}
