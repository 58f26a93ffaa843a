import Foundation
import MotetCore

/// Cuts text into the pieces of words a BERT-style encoder knows.
///
/// A text is cleaned and cut into words; each word into the longest pieces of the vocabulary from the left.
/// A word that cannot be cut, or has more than 100 characters, is `[UNK]`. The names of special pieces,
/// written in a text, stand for those pieces, as in the reference.
///
/// - Source: Devlin et al., "BERT", NAACL 2019, with the rules of the `tokenizers` library of Hugging Face;
///   all characters alone give what its version 0.23 gives, but U+11938, which is decomposed here.
public struct WordPieceTokenizer: Sendable {
    /// How a text becomes words.
    public struct Settings: Sendable, Hashable {
        /// Whether letters become lower case.
        public var isLowercased = true
        /// Whether accents are dropped; by default when letters become lower case.
        public var stripsAccents: Bool?
        /// Whether each Chinese character is a word.
        public var separatesChinese = true

        /// The settings of an uncased model.
        public init() {}
    }

    /// A text as ids.
    public struct Encoding: Sendable, Hashable {
        /// `[CLS]`, the pieces, `[SEP]`.
        public var ids: [Int32]
        /// Whether pieces were left out because there were too many.
        public var isTruncated: Bool
    }

    private static let longestWord = 100
    /// Names that stand for special pieces in a text.
    private static let specialNames = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    private let vocabulary: WordPieceVocabulary
    private let cleaner: WordPieceCleaner
    private let specials: [(name: String, id: Int32)]
    /// The id of `[PAD]`.
    public let paddingID: Int32
    private let unknownID: Int32
    private let startID: Int32
    private let endID: Int32

    /// Creates a tokeniser.
    ///
    /// - Parameters:
    ///   - pieces: the vocabulary in the order of the ids.
    ///   - settings: how a text becomes words.
    ///   - name: what messages call the vocabulary.
    /// - Throws: ``WordPieceError`` when a special piece is missing.
    public init(
        pieces: [String],
        settings: Settings = Settings(),
        name: String = "vocabulary"
    ) throws(WordPieceError) {
        vocabulary = WordPieceVocabulary(pieces)
        cleaner = WordPieceCleaner(
            isLowercased: settings.isLowercased,
            stripsAccents: settings.stripsAccents ?? settings.isLowercased,
            separatesChinese: settings.separatesChinese
        )
        var found: [(name: String, id: Int32)] = []
        for special in Self.specialNames {
            if let id = pieces.firstIndex(where: { $0.utf8.elementsEqual(special.utf8) }) {
                found.append((special, Int32(id)))
            }
        }
        specials = found
        func id(_ special: String) throws(WordPieceError) -> Int32 {
            if let entry = found.first(where: { $0.name == special }) { return entry.id }
            throw WordPieceError(
                .wordPieceVocabulary,
                "word pieces \"\(name)\": a special piece is missing; expected `\(special)` on a line; received \(pieces.count) pieces without it."
            )
        }
        paddingID = try id("[PAD]")
        unknownID = try id("[UNK]")
        startID = try id("[CLS]")
        endID = try id("[SEP]")
    }

    /// Reads a vocabulary file: one piece a line, the line's number is the id.
    ///
    /// - Parameters:
    ///   - path: the file, `vocab.txt`.
    ///   - settings: how a text becomes words.
    /// - Throws: ``WordPieceError`` when the file cannot be read or a special piece is missing.
    public init(file path: String, settings: Settings = Settings()) throws(WordPieceError) {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw WordPieceError(
                .wordPieceVocabulary,
                "word pieces \"\(path)\": cannot be read; expected a text file with one piece a line."
            )
        }
        var lines = contents.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let pieces = lines.map { line in
            String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
        }
        try self.init(pieces: pieces, settings: settings, name: path)
    }

    /// The number of pieces.
    public var vocabularySize: Int { vocabulary.pieces.count }

    /// The ids of a text between `[CLS]` and `[SEP]`.
    ///
    /// - Parameters:
    ///   - text: any text; an empty one gives `[CLS]` and `[SEP]` alone.
    ///   - maximumLength: the most ids, at least 2; pieces at the end are left out.
    /// - Returns: the ids, and whether pieces were left out.
    public func encode(_ text: String, maximumLength: Int = .max) -> Encoding {
        var ids = [startID]
        appendIDs(text, to: &ids)
        let room = max(maximumLength, 2) - 1
        let isTruncated = ids.count > room
        if isTruncated { ids.removeLast(ids.count - room) }
        ids.append(endID)
        return Encoding(ids: ids, isTruncated: isTruncated)
    }

    /// The ids of words, each cut on its own, between `[CLS]` and `[SEP]`.
    ///
    /// - Parameters:
    ///   - words: the words of a sentence, as another tokeniser cut them.
    ///   - maximumLength: the most ids, at least 2; words whose pieces do not all fit are left out, and all
    ///     behind them.
    /// - Returns: the ids, for each word where its pieces stand, an empty range for one left out or without
    ///   a piece, and how many words were left out.
    public func encode(
        words: [String],
        maximumLength: Int = .max
    ) -> (ids: [Int32], places: [Range<Int>], leftOut: Int) {
        let room = max(maximumLength, 2) - 1
        var ids = [startID]
        var places: [Range<Int>] = []
        var leftOut = 0
        for word in words {
            let start = ids.count
            if leftOut == 0 { appendIDs(word, to: &ids) }
            if leftOut > 0 || ids.count > room {
                leftOut += 1
                ids.removeLast(ids.count - start)
            }
            places.append(start..<ids.count)
        }
        ids.append(endID)
        return (ids, places, leftOut)
    }

    /// The pieces of a text, without `[CLS]` and `[SEP]`.
    ///
    /// - Parameter text: any text.
    /// - Returns: the pieces in order; those that continue a word begin with `##`.
    public func pieces(_ text: String) -> [String] {
        var ids: [Int32] = []
        appendIDs(text, to: &ids)
        return ids.map { vocabulary.pieces[Int($0)] }
    }

    /// The piece of an id, or nil when there is none.
    public func piece(_ id: Int32) -> String? {
        vocabulary.pieces.indices.contains(Int(id)) ? vocabulary.pieces[Int(id)] : nil
    }

    private func appendIDs(_ text: String, to ids: inout [Int32]) {
        var rest = text[...]
        while let (range, id) = nextSpecial(in: rest) {
            appendWords(rest[..<range.lowerBound], to: &ids)
            ids.append(id)
            rest = rest[range.upperBound...]
        }
        appendWords(rest, to: &ids)
    }

    /// The first name of a special piece in a text.
    private func nextSpecial(in text: Substring) -> (range: Range<Substring.Index>, id: Int32)? {
        let bytes = text.utf8
        var index = bytes.startIndex
        while let start = bytes[index...].firstIndex(of: UInt8(ascii: "[")) {
            for special in specials where bytes[start...].starts(with: special.name.utf8) {
                let end = bytes.index(start, offsetBy: special.name.utf8.count)
                return (start..<end, special.id)
            }
            index = bytes.index(after: start)
        }
        return nil
    }

    private func appendWords(_ text: Substring, to ids: inout [Int32]) {
        cleaner.forEachWord(text) { word in
            let count = ids.count
            if !appendPieces(of: word, to: &ids) {
                ids.removeLast(ids.count - count)
                ids.append(unknownID)
            }
        }
    }

    /// Cuts a word into its longest pieces from the left; false when that is not possible.
    private func appendPieces(of word: ArraySlice<UInt8>, to ids: inout [Int32]) -> Bool {
        if word.count > Self.longestWord {
            // Bytes of the form 10xxxxxx continue a character.
            let characters = word.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
            guard characters <= Self.longestWord else { return false }
        }
        var start = word.startIndex
        while start < word.endIndex {
            var node =
                start == word.startIndex
                ? WordPieceVocabulary.wordStart : WordPieceVocabulary.wordContinuation
            var longest: (id: Int32, end: Int)?
            var position = start
            while position < word.endIndex, let next = vocabulary.child(of: node, word[position]) {
                node = next
                position += 1
                if let id = vocabulary.id(at: node) { longest = (id, position) }
            }
            guard let longest else { return false }
            ids.append(longest.id)
            start = longest.end
        }
        return true
    }
}
