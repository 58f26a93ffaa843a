/// Turns the tokens of texts into rows of ids of one length.
///
/// A shorter text is padded at its end; of a longer one the first `maximumLength` tokens stay. A text
/// without tokens becomes one unknown token, so that no row of a batch is padding alone. All of these are
/// counted in the ``TextReport``.
public struct TokenEncoder: Hashable, Sendable, Codable {
    /// The tokens it knows.
    public let vocabulary: TokenVocabulary
    /// The length of every row, `T`.
    public let maximumLength: Int

    /// Creates an encoder.
    ///
    /// - Parameters:
    ///   - vocabulary: the tokens it knows.
    ///   - maximumLength: the length of every row, at least 1.
    /// - Throws: ``TextError`` with the code `text_option`.
    public init(_ vocabulary: TokenVocabulary, maximumLength: Int) throws(TextError) {
        guard maximumLength >= 1 else {
            throw TextError(
                .textOption,
                "TokenEncoder: 'maximumLength' is out of range; expected at least 1; received "
                    + "\(maximumLength)."
            )
        }
        self.vocabulary = vocabulary
        self.maximumLength = maximumLength
    }

    /// Encodes texts.
    ///
    /// - Parameter texts: the tokens of each.
    /// - Returns: ids `[R, T]` and what was counted.
    public func encode(_ texts: some Sequence<[String]>) -> EncodedTexts {
        var result = EncodedTexts(length: maximumLength)
        for tokens in texts { result.append(tokens, vocabulary) }
        return result
    }

    /// Encodes sentences with their tags.
    ///
    /// - Parameter sentences: tokens and tags.
    /// - Returns: ids and tags `[R, T]`; tags are cut off with their tokens, and those of padding, and of
    ///   the token that stands for an empty text, are NaN: no label.
    public func encode(_ sentences: some Sequence<TaggedSentence>) -> EncodedTexts {
        var result = EncodedTexts(length: maximumLength)
        for sentence in sentences {
            result.append(sentence.tokens, vocabulary)
            result.append(tags: sentence.tags)
        }
        return result
    }

    /// The tags of texts as a column of labels, beside ids that were made of the same texts.
    ///
    /// - Parameter tags: the tag numbers of each text; nil where a text has no tags, so that its row has no
    ///   label.
    /// - Returns: labels `[R, T]`, cut off and padded as the ids are.
    public func labels(_ tags: some Sequence<[Int32]?>) -> PreparedValues {
        var result = EncodedTexts(length: maximumLength)
        for numbers in tags { result.append(tags: numbers ?? []) }
        return result.tagColumn
    }
}

/// Texts as rows of ids, with tags where they have some.
public struct EncodedTexts: Sendable {
    /// The length of a row, `T`.
    public let length: Int
    /// The ids, `[R, T]`, row after row; 0 is padding.
    public private(set) var ids: [Int32] = []
    /// The number of each token's tag, `[R, T]`, as labels are: NaN where there is none.
    public private(set) var tags: [Float] = []
    /// What was counted.
    public private(set) var report = TextReport()

    init(length: Int) {
        self.length = length
        report.maximumLength = length
    }

    /// The number of rows, `R`.
    public var count: Int { ids.count / length }

    /// The column of ids.
    public var idColumn: PreparedValues { .integers(ids, width: length) }
    /// The column of labels; only of texts that were encoded with tags.
    public var tagColumn: PreparedValues { .floats(tags, width: length) }

    mutating func append(_ tokens: [String], _ vocabulary: TokenVocabulary) {
        report.texts += 1
        report.tokens += tokens.count
        var row = tokens.prefix(length).map { vocabulary.id(of: $0) }
        report.unknown += row.count { $0 == TokenVocabulary.unknownID }
        if tokens.count > length {
            report.truncated += 1
            report.cutOff += tokens.count - length
        }
        if row.isEmpty {
            report.empty += 1
            row = [TokenVocabulary.unknownID]
        }
        ids += row
        ids += repeatElement(TokenVocabulary.paddingID, count: length - row.count)
    }

    mutating func append(tags numbers: [Int32]) {
        tags += numbers.prefix(length).map { Float($0) }
        tags += repeatElement(.nan, count: max(0, length - numbers.count))
    }
}

/// What encoding texts counted; prints as sentences.
public struct TextReport: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Texts.
    public internal(set) var texts = 0
    /// Their tokens.
    public internal(set) var tokens = 0
    /// Tokens, of those that were kept, that are not in the vocabulary.
    public internal(set) var unknown = 0
    /// Texts longer than the maximum.
    public internal(set) var truncated = 0
    /// Tokens at their ends that were left out.
    public internal(set) var cutOff = 0
    /// Texts without tokens, each now one unknown token.
    public internal(set) var empty = 0
    /// The length of a row.
    public internal(set) var maximumLength = 0

    /// Creates a report of nothing.
    public init() {}

    /// A line for what was read, and one for each rule that changed something.
    public var description: String {
        var lines = [
            "\(grouped(texts)) texts, \(grouped(tokens)) tokens, \(grouped(unknown)) of them not in "
                + "the vocabulary"
        ]
        if truncated > 0 {
            lines.append(
                "\(grouped(truncated)) texts are longer than \(maximumLength) tokens and were cut "
                    + "off: \(grouped(cutOff)) tokens left out"
            )
        }
        if empty > 0 {
            lines.append(
                "\(grouped(empty)) texts are empty; each stands as one unknown token"
            )
        }
        return lines.joined(separator: "\n")
    }
}
