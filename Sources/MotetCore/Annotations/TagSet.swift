/// The tags of a tagging task: `O`, then those of each type, as BIO `B-x`, `I-x` or as BIOES `B-x`,
/// `I-x`, `E-x`, `S-x`.
public struct TagSet: Hashable, Sendable, Codable {
    /// How tags spell entities.
    public let scheme: TagScheme
    /// The names of the types.
    public let types: [String]

    /// Creates the tags of some types.
    ///
    /// - Parameters:
    ///   - scheme: how tags spell entities.
    ///   - types: the names of the types, such as `product`, each once.
    public init(_ scheme: TagScheme = .bio, types: [String]) {
        precondition(Set(types).count == types.count, "TagSet: a type comes twice in \(types).")
        self.scheme = scheme
        self.types = types
    }

    /// The number of tags `C`; tag 0 is `O`.
    public var count: Int { 1 + types.count * scheme.parts.count }

    /// All tags in the order of their numbers.
    public var tags: [String] {
        ["O"] + types.flatMap { type in scheme.parts.map { "\($0.rawValue)-\(type)" } }
    }

    /// The number of a tag, or nil if the set has no such tag.
    public func number(of tag: String) -> Int? {
        if tag == "O" { return 0 }
        let halves = tag.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let part = TagPart(rawValue: String(halves[0])),
            let place = scheme.parts.firstIndex(of: part),
            let type = types.firstIndex(of: String(halves[1]))
        else { return nil }
        return 1 + type * scheme.parts.count + place
    }

    /// What a number says: nil for `O`, and for numbers of no tag.
    func part(_ number: Int) -> (part: TagPart, type: Int)? {
        guard number > 0, number < count else { return nil }
        let (type, place) = (number - 1).quotientAndRemainder(dividingBy: scheme.parts.count)
        return (scheme.parts[place], type)
    }
}

extension TagSet {
    /// The entities that a sequence of tags spells, after repair.
    ///
    /// A sequence is repaired by reading it as conlleval does. An entity begins at `B` and `S`, and at
    /// an `I` or `E` that does not go on with an open entity of its type; it goes on through `I` and
    /// `E` of its type and ends behind `E` and `S`, and before any tag that does not go on with it. A
    /// number of no tag reads as `O`.
    ///
    /// - Parameter numbers: the tags of a sentence.
    /// - Returns: the entities in their order, and in how many places the tags differ from those that
    ///   spell these entities by the scheme: 0 for a well-formed sequence.
    public func entities(
        in numbers: some Collection<Int32>
    ) -> (spans: [EntitySpan], repairs: Int) {
        var spans: [EntitySpan] = []
        var open: (type: Int, start: Int)?
        func close(_ end: Int) {
            guard let entity = open else { return }
            spans.append(EntitySpan(type: entity.type, tokens: entity.start..<end))
            open = nil
        }
        for (token, number) in numbers.enumerated() {
            guard let (part, type) = part(Int(number)) else {
                close(token)
                continue
            }
            let begins = part == .begin || part == .single
            if begins || open?.type != type {
                close(token)
                open = (type, token)
            }
            if part == .end || part == .single { close(token + 1) }
        }
        close(numbers.count)
        let spelled = self.numbers(of: spans, count: numbers.count)
        return (spans, zip(numbers, spelled).count { $0 != $1 })
    }

    /// The tags that spell entities.
    ///
    /// - Parameters:
    ///   - spans: entities in their order that do not overlap.
    ///   - count: the number of tokens.
    /// - Returns: one tag number for each token.
    public func numbers(of spans: [EntitySpan], count: Int) -> [Int32] {
        var numbers = [Int32](repeating: 0, count: count)
        for span in spans {
            for token in span.tokens {
                let isFirst = token == span.tokens.lowerBound
                let isLast = token + 1 == span.tokens.upperBound
                let part: TagPart
                switch scheme {
                case .bio: part = isFirst ? .begin : .inside
                case .bioes:
                    part = isFirst ? (isLast ? .single : .begin) : (isLast ? .end : .inside)
                }
                let place = scheme.parts.firstIndex(of: part) ?? 0
                numbers[token] = Int32(1 + span.type * scheme.parts.count + place)
            }
        }
        return numbers
    }
}
