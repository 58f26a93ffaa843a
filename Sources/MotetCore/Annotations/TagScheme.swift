/// How the tags of tokens spell entities, which are runs of tokens with a type.
public enum TagScheme: String, Hashable, Sendable, Codable, CaseIterable {
    /// `B-x` begins an entity, `I-x` goes on with it, `O` is outside (also called IOB2).
    case bio = "BIO"
    /// As BIO, and `E-x` ends an entity of several tokens; `S-x` is one of a single token.
    case bioes = "BIOES"

    var parts: [TagPart] {
        switch self {
        case .bio: [.begin, .inside]
        case .bioes: [.begin, .inside, .end, .single]
        }
    }
}

/// What a tag says about a token of an entity.
enum TagPart: String, Sendable {
    case begin = "B"
    case inside = "I"
    case end = "E"
    case single = "S"
}

/// A run of tokens that names something.
public struct EntitySpan: Hashable, Sendable, Codable {
    /// The number of the type in its `TagSet`.
    public let type: Int
    /// The first token and the one behind the last.
    public let tokens: Range<Int>

    /// Creates a span.
    public init(type: Int, tokens: Range<Int>) {
        self.type = type
        self.tokens = tokens
    }
}
