public import MotetCore

/// Makes documents that are nearly valid: valid ones changed a little, by bytes, by tokens and by parts in brackets.
///
/// Changes of bytes find what a reader does with text that is none; changes of tokens and parts keep most of the
/// structure, so they come further into it. The same key gives the same documents.
public struct DocumentMutator: Sendable {
    private let corpus: [DocumentTokens]
    private let dictionary: [[UInt8]]
    /// The most bytes of a document.
    public var maximumBytes = 1 << 14

    /// Creates a mutator.
    ///
    /// - Parameters:
    ///   - corpus: valid documents, at least one.
    ///   - dictionary: tokens of the language, and values at the limits of what it takes.
    public init(corpus: [String], dictionary: [String]) {
        precondition(
            !corpus.isEmpty,
            "DocumentMutator: there is no document; expected at least one."
        )
        self.corpus = corpus.map { DocumentTokens(Array($0.utf8)) }
        self.dictionary = dictionary.map { Array($0.utf8) }
    }

    /// The next document.
    public func document(_ random: inout RandomKeyGenerator) -> [UInt8] {
        var document = pick(corpus, &random)
        // Mostly one change, now and then many: 1, 2, 4 or 8.
        for _ in 0..<(1 << min(3, random.next().trailingZeroBitCount)) {
            document = DocumentTokens(
                Bool.random(using: &random)
                    ? changedTokens(document, &random) : changedBytes(document.bytes, &random)
            )
        }
        return Array(document.bytes.prefix(maximumBytes))
    }

    private func pick<Element>(_ list: [Element], _ random: inout RandomKeyGenerator) -> Element {
        list[Int.random(in: list.indices, using: &random)]
    }

    // MARK: Bytes

    private func changedBytes(_ bytes: [UInt8], _ random: inout RandomKeyGenerator) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &random)] }
        let place = Int.random(in: bytes.indices, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        default:
            let repeats = 1 << Int.random(in: 1...9, using: &random)
            bytes.insert(contentsOf: [UInt8](repeating: bytes[place], count: repeats), at: place)
        }
        return bytes
    }

    // MARK: Tokens

    private func changedTokens(
        _ document: DocumentTokens,
        _ random: inout RandomKeyGenerator
    ) -> [UInt8] {
        var tokens = document.tokens
        guard !tokens.isEmpty else { return pick(dictionary, &random) }
        let place = Int.random(in: tokens.indices, using: &random)
        let part = document.part(at: place)
        switch Int.random(in: 0..<9, using: &random) {
        case 0: tokens[place] = pick(dictionary, &random)
        case 1: tokens.insert(pick(dictionary, &random), at: place)
        case 2: tokens.remove(at: place)
        case 3: tokens.swapAt(place, Int.random(in: tokens.indices, using: &random))
        case 4: tokens.insert(contentsOf: tokens[part], at: place)
        case 5: tokens.removeSubrange(part)
        case 6:
            let other = pick(corpus, &random)
            let from = Int.random(in: other.tokens.indices, using: &random)
            tokens.replaceSubrange(part, with: other.tokens[other.part(at: from)])
        case 7:
            // Deeper and deeper, with the brackets that are there.
            guard let first = tokens[part].first, part.count > 1 else { break }
            let levels = 1 << Int.random(in: 0...8, using: &random)
            let last = tokens[part.upperBound - 1]
            tokens.insert(
                contentsOf: [[UInt8]](repeating: last, count: levels),
                at: part.upperBound
            )
            tokens.insert(
                contentsOf: [[UInt8]](repeating: first, count: levels),
                at: part.lowerBound
            )
        default:
            let token = tokens[place]
            let repeats = 1 << Int.random(in: 1...6, using: &random)
            tokens[place] = Array([[UInt8]](repeating: token, count: repeats).joined())
        }
        return Array(tokens.joined())
    }
}

/// A document cut into words, numbers, quoted texts, blanks and single signs.
struct DocumentTokens: Sendable {
    /// The tokens; together they are the document.
    let tokens: [[UInt8]]

    init(_ bytes: [UInt8]) {
        var tokens: [[UInt8]] = []
        var place = 0
        while place < bytes.count {
            let end = Self.end(of: bytes, from: place)
            tokens.append(Array(bytes[place..<end]))
            place = end
        }
        self.tokens = tokens
    }

    var bytes: [UInt8] { Array(tokens.joined()) }

    /// The tokens from an opening bracket to its closing one; one token where there is no bracket.
    func part(at place: Int) -> Range<Int> {
        guard let closing = Self.closing(tokens[place]) else { return place..<(place + 1) }
        var depth = 0
        for index in place..<tokens.count {
            if tokens[index] == tokens[place] { depth += 1 }
            if tokens[index] == closing { depth -= 1 }
            if depth == 0 { return place..<(index + 1) }
        }
        return place..<(place + 1)
    }

    private static func closing(_ token: [UInt8]) -> [UInt8]? {
        switch token {
        case [UInt8(ascii: "(")]: [UInt8(ascii: ")")]
        case [UInt8(ascii: "[")]: [UInt8(ascii: "]")]
        case [UInt8(ascii: "{")]: [UInt8(ascii: "}")]
        default: nil
        }
    }

    private static func end(of bytes: [UInt8], from start: Int) -> Int {
        let first = bytes[start]
        var end = start + 1
        if first == UInt8(ascii: "\"") {
            while end < bytes.count, bytes[end] != first {
                end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(end + 1, bytes.count)
        }
        guard isWord(first) else { return end }
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        return end
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), 128...255:
            true
        default: false
        }
    }
}
