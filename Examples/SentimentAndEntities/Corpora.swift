import ExampleSupport
import Motet

/// Product reviews, which have sentiment and aspects, and tweets, which have entities.
struct Corpora {
    /// Tokens a sentence keeps.
    static let length = 48

    let train: [Row]
    let validation: [Row]
    let test: [Row]
    let vocabularies: Vocabularies
    /// In how many places the tags of the tweets are malformed.
    let repairs: Int
    private let words: TokenEncoder
    private let endings: TokenEncoder

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
        vocabularies = Vocabularies(
            words: TokenVocabulary(counting: train.map(\.words), minimumFrequency: 2),
            endings: TokenVocabulary(counting: train.map(\.endings), minimumFrequency: 3)
        )
        words = try TokenEncoder(vocabularies.words, maximumLength: Corpora.length)
        endings = try TokenEncoder(vocabularies.endings, maximumLength: Corpora.length)
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
        let report = words.encode((train + validation + test).map(\.words)).report
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
            ("token_ids", words.encode(rows.map(\.words)).idColumn),
            ("spellings", .integers(spellings, width: Corpora.length)),
            ("endings", endings.encode(rows.map(\.endings)).idColumn),
            ("label/sentiment", .floats(rows.map { $0.sentiment ?? .nan })),
            ("label/aspects", words.labels(rows.map(\.aspects))),
            ("label/entities", words.labels(rows.map(\.entities))),
        ]
        if let states {
            columns.append(("states", states.column(rows.map(\.tokens))))
        }
        return columns
    }
}
