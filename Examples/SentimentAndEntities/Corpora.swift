import ExampleSupport
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

/// Product reviews, which have sentiment and aspects, and tweets, which have entities.
struct Corpora {
    /// Tokens a sentence keeps.
    static let length = 48

    let train: [Row]
    let validation: [Row]
    let test: [Row]
    let vocabulary: TokenVocabulary
    /// In how many places the tags of the tweets are malformed.
    let repairs: Int
    private let encoder: TokenEncoder

    /// Reads both corpora; `limit` is the most rows of each corpus and part, for tests.
    init(_ reviews: DatasetFiles, _ tweets: DatasetFiles, limit: Int? = nil) throws {
        // Cased, because tweets are: lower case comes with the ids.
        let cased = WordTokenizer(isLowercased: false)
        let sentences = try ProductReviews(reviews, tokenizer: cased).split(seed: 2026)
        let corpus = try WNUT17(tweets)
        let tagged = corpus.parts
        repairs = [corpus.train, corpus.validation, corpus.test].map(\.repairs).reduce(0, +)
        func rows(_ review: [ReviewSentence], _ tweet: [TaggedSentence]) -> [Row] {
            review.prefix(limit ?? .max).map(Row.init) + tweet.prefix(limit ?? .max).map(Row.init)
        }
        train = rows(sentences.train, tagged.train)
        validation = rows(sentences.validation, tagged.validation)
        test = rows(sentences.test, tagged.test)
        vocabulary = TokenVocabulary(counting: train.map(\.words), minimumFrequency: 2)
        encoder = try TokenEncoder(vocabulary, maximumLength: Corpora.length)
    }

    /// The tokens of all sentences.
    var sentences: [[String]] { (train + validation + test).map(\.tokens) }

    /// What the parts hold, and what encoding changed.
    var summary: String {
        var table = TextTable(
            ["part", "sentences"] + TaggingTask.allCases.map { "with \($0.name)" }
        )
        for (name, rows) in [("train", train), ("validation", validation), ("test", test)] {
            let counts = TaggingTask.allCases.map { task in rows.count { $0.has([task]) } }
            table.addRow([name, "\(rows.count)"] + counts.map { "\($0)" })
        }
        let report = encoder.encode((train + validation + test).map(\.words)).report
        let tags =
            repairs > 0 ? "\n\(repairs) tags are malformed and were read as conlleval does" : ""
        return table.plain() + "\n\(report)\(tags)\n"
    }

    /// Rows of some tasks as a model reads them.
    struct Parts {
        let train: PreparedDataset
        let validation: PreparedDataset
        let test: PreparedDataset

        subscript(part: RecipePart) -> PreparedDataset {
            switch part {
            case .train: train
            case .validation: validation
            case .test: test
            }
        }
    }

    /// The rows with a label of one of the tasks; what other tasks know of them stays without a label.
    func parts(_ tasks: [TaggingTask], _ states: TokenStates?) throws -> Parts {
        func dataset(_ rows: [Row]) throws -> PreparedDataset {
            try PreparedDataset(inMemory: columns(rows.filter { $0.has(tasks) }, states))
        }
        return Parts(
            train: try dataset(train),
            validation: try dataset(validation),
            test: try dataset(test)
        )
    }

    private func columns(
        _ rows: [Row],
        _ states: TokenStates?
    ) throws -> [(name: String, values: PreparedValues)] {
        let spellings = rows.flatMap { row in
            let known = row.tokens.prefix(Corpora.length).map { Spelling($0).rawValue }
            return known + Array(repeating: 0, count: Corpora.length - known.count)
        }
        var columns: [(name: String, values: PreparedValues)] = [
            ("token_ids", encoder.encode(rows.map(\.words)).idColumn),
            ("spellings", .integers(spellings, width: Corpora.length)),
            ("label/sentiment", .floats(rows.map { $0.sentiment ?? .nan })),
            ("label/aspects", encoder.labels(rows.map(\.aspects))),
            ("label/entities", encoder.labels(rows.map(\.entities))),
        ]
        if let states {
            columns.append(("states", states.column(rows.map(\.tokens))))
        }
        return columns
    }
}

extension Row {
    /// The tokens in lower case.
    var words: [String] { tokens.map { WordTokenizer().token($0[...]) } }

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
