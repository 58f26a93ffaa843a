/// The tokens a model of texts knows, with an id each.
///
/// Id 0 is padding, so that `Embedding(masksZero: true)` masks it; id 1 stands for every token that is not
/// known; the known tokens have ids from 2, the most frequent first.
public struct TokenVocabulary: Hashable, Sendable, Codable {
    /// The id of a place without a token.
    public static let paddingID: Int32 = 0
    /// The id of a token that is not known.
    public static let unknownID: Int32 = 1

    /// The known tokens; an id here is one less than the token's.
    public let known: Vocabulary
    private let ids: [String: Int32]

    /// Counts the tokens of some texts.
    ///
    /// - Parameters:
    ///   - texts: the tokens of each text, of training rows only.
    ///   - minimumFrequency: how often a token must come to be known, at least 1.
    ///   - limit: the most tokens to know; nil for all.
    public init(
        counting texts: some Sequence<some Sequence<String>>,
        minimumFrequency: Int = 1,
        limit: Int? = nil
    ) {
        var counts: [String: Int] = [:]
        for text in texts {
            for token in text { counts[token, default: 0] += 1 }
        }
        // Ties by their bytes, so that the order is that of no dictionary.
        let frequent = counts.filter { $0.value >= minimumFrequency }
            .map { (token: $0.key, bytes: Array($0.key.utf8), count: $0.value) }
            .sorted {
                $0.count != $1.count
                    ? $0.count > $1.count : $0.bytes.lexicographicallyPrecedes($1.bytes)
            }
        self.init(frequent.prefix(max(0, limit ?? .max)).map(\.token))
    }

    /// Creates a vocabulary of tokens, with ids from 2 in this order.
    ///
    /// - Parameter tokens: each once; of a repeated one the first place counts.
    public init(_ tokens: some Sequence<String>) { self.init(Vocabulary(tokens)) }

    private init(_ known: Vocabulary) {
        self.known = known
        ids = Dictionary(
            known.values.enumerated().map { ($1, Int32($0) + 2) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The number of ids, padding and unknown counted: the rows of an embedding table.
    public var count: Int { known.count + 2 }

    /// The id of a token.
    ///
    /// - Parameter token: any token.
    /// - Returns: its id from 2, or 1 where it is not known.
    public func id(of token: String) -> Int32 { ids[token] ?? TokenVocabulary.unknownID }

    /// The token of an id; nil for padding, the unknown and numbers of no id.
    public func token(of id: Int32) -> String? {
        id >= 2 && Int(id) < count ? known.value(of: Int(id) - 1) : nil
    }

    /// Reads the tokens from an array of texts.
    public init(from decoder: any Decoder) throws { self.init(try Vocabulary(from: decoder)) }

    /// Writes the known tokens as an array of texts.
    public func encode(to encoder: any Encoder) throws { try known.encode(to: encoder) }
}
