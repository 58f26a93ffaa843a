public import MotetCore

/// The tokens of a sentence with a tag each.
public struct TaggedSentence: Hashable, Sendable, Codable {
    /// The tokens.
    public var tokens: [String]
    /// The number of each token's tag in a `TagSet`.
    public var tags: [Int32]

    /// Creates a sentence.
    ///
    /// - Parameters:
    ///   - tokens: the tokens.
    ///   - tags: as many tag numbers.
    /// - Throws: ``TextError`` with the code `tag_count` where they are not as many.
    public init(tokens: [String], tags: [Int32]) throws(TextError) {
        guard tokens.count == tags.count else {
            throw TextError(
                .tagCount,
                "tagged sentence \"\(tokens.prefix(6).joined(separator: " "))\": another number of "
                    + "tags than tokens; expected \(tokens.count); received \(tags.count)."
            )
        }
        self.tokens = tokens
        self.tags = tags
    }

    /// The sentence with its entities spelt by another scheme.
    ///
    /// - Parameters:
    ///   - tags: the meaning of this sentence's tags.
    ///   - scheme: the other scheme.
    /// - Returns: the same tokens and entities.
    public func spelt(_ tags: TagSet, by scheme: TagScheme) -> TaggedSentence {
        var copy = self
        copy.tags = TagSet(scheme, types: tags.types)
            .numbers(of: tags.entities(in: self.tags).spans, count: tokens.count)
        return copy
    }
}

/// Sentences with tags, and what was repaired in them.
public struct TaggedText: Hashable, Sendable {
    /// What the tag numbers mean.
    public let tags: TagSet
    /// The sentences.
    public var sentences: [TaggedSentence]
    /// In how many places tags were repaired.
    public private(set) var repairs = 0
    /// In how many sentences.
    public private(set) var repairedSentences = 0

    /// Creates a text of sentences.
    public init(_ tags: TagSet, sentences: [TaggedSentence] = []) {
        self.tags = tags
        self.sentences = sentences
    }

    /// Reads the CoNLL format: a token and its tag on each line, a blank line behind each sentence.
    ///
    /// Columns are separated by tabs or, in a line without one, by spaces; the first is the token and the
    /// last the tag. Lines end with a line feed, with or without a carriage return. Sequences that are
    /// malformed, such as an `I-x` that goes on with nothing, are repaired by the rule of
    /// `TagSet.entities(in:)`, which is conlleval's, and the repairs are counted.
    ///
    /// - Parameters:
    ///   - contents: the text.
    ///   - file: what errors call it.
    ///   - tags: the tags it may use.
    /// - Throws: ``TextError`` with the code `text_line` or `tag_unknown`, naming file and line.
    public init(conll contents: String, file: String, tags: TagSet) throws(TextError) {
        self.init(tags)
        var (tokens, numbers) = ([String](), [Int32]())
        let known = Dictionary(
            tags.tags.enumerated().map { ($1, Int32($0)) },
            uniquingKeysWith: { first, _ in first }
        )
        let lines = contents.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let fields = TaggedText.fields(line)
            guard let token = fields.first, let tag = fields.last else {
                try add(tokens, numbers)
                (tokens, numbers) = ([], [])
                continue
            }
            guard fields.count > 1 else {
                throw TextError(
                    .textLine,
                    "\(file):\(index + 1): line has no tag; expected a token, a tab and a tag; "
                        + "received \"\(token)\"."
                )
            }
            guard let number = known[tag] else {
                throw TextError(
                    .tagUnknown,
                    "\(file):\(index + 1), token \"\(token)\": unknown tag; expected one of "
                        + "\(tags.tags.joined(separator: ", ")); received `\(tag)`."
                        + Suggestion.sentence(for: tag, in: tags.tags)
                )
            }
            tokens.append(token)
            numbers.append(number)
        }
        try add(tokens, numbers)
    }

    /// Reads a file of the CoNLL format.
    ///
    /// - Parameters:
    ///   - path: the file; one whose name ends in `.gz` is decompressed.
    ///   - tags: the tags it may use.
    /// - Throws: ``TextError`` naming file and line; ``TableError`` where the file cannot be read.
    public init(file path: String, tags: TagSet) throws {
        try self.init(conll: Decompression.text(of: path), file: path, tags: tags)
    }

    private mutating func add(_ tokens: [String], _ numbers: [Int32]) throws(TextError) {
        guard !tokens.isEmpty else { return }
        let (spans, repairs) = tags.entities(in: numbers)
        self.repairs += repairs
        repairedSentences += repairs > 0 ? 1 : 0
        let repaired =
            repairs > 0 ? tags.numbers(of: spans, count: tokens.count) : numbers
        sentences.append(try TaggedSentence(tokens: tokens, tags: repaired))
    }

    /// The columns of a line; none where it is blank.
    private static func fields(_ line: Substring.UTF8View) -> [String] {
        let tab = UInt8(ascii: "\t")
        let blanks: Set<UInt8> = [tab, 0x20, 0x0D]
        let separator = line.contains(tab) ? tab : 0x20
        return line.split(separator: separator).compactMap { field in
            var field = field
            while let last = field.last, blanks.contains(last) { field.removeLast() }
            while let first = field.first, blanks.contains(first) { field.removeFirst() }
            return field.isEmpty ? nil : String(Substring(field))
        }
    }
}
