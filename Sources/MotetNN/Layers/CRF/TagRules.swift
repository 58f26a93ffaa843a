import MotetCore
public import MotetGraph

/// Which tags may stand first, last, and after which.
public struct TagRules: Hashable, Sendable {
    /// For each tag whether each other may follow it.
    public let transitions: [[Bool]]
    /// Which tags may stand first.
    public let starts: [Bool]
    /// Which tags may stand last.
    public let ends: [Bool]

    /// The number of tags.
    public var count: Int { starts.count }

    /// Rules written out.
    ///
    /// - Parameters:
    ///   - transitions: for each tag whether each other may follow it.
    ///   - starts: which tags may stand first.
    ///   - ends: which tags may stand last.
    /// - Throws: `GraphError` when the lists differ in length.
    public init(
        transitions: [[Bool]],
        starts: [Bool],
        ends: [Bool]
    ) throws(GraphError) {
        let counts = [starts.count, ends.count, transitions.count] + transitions.map(\.count)
        guard counts.allSatisfy({ $0 == starts.count }) else {
            throw GraphError(
                .outOfRange,
                "TagRules: the lists differ in length; expected \(starts.count) entries in each; received \(counts.dropFirst())."
            )
        }
        self.transitions = transitions
        self.starts = starts
        self.ends = ends
    }

    /// Tags of the scheme BIO: `I-X` only after `B-X` or `I-X`.
    ///
    /// - Parameter tags: the names in the order of their numbers: `O`, `B-X`, `I-X`.
    /// - Returns: the rules.
    /// - Throws: `GraphError` when a name is of another form.
    public static func bio(_ tags: [String]) throws(GraphError) -> TagRules {
        try TagRules(tags, places: "BI")
    }

    /// Tags of the scheme BIOES: `B-X` and `I-X` are followed by `I-X` or `E-X`, which follow only them;
    /// `S-X` is an entity of one step.
    ///
    /// - Parameter tags: the names in the order of their numbers: `O`, `B-X`, `I-X`, `E-X`, `S-X`.
    /// - Returns: the rules.
    /// - Throws: `GraphError` when a name is of another form.
    public static func bioes(_ tags: [String]) throws(GraphError) -> TagRules {
        try TagRules(tags, places: "BIES")
    }

    private init(_ tags: [String], places: String) throws(GraphError) {
        var parsed: [(place: Character, kind: Substring)] = []
        for tag in tags {
            let parts = tag.split(separator: "-", maxSplits: 1)
            if tag == "O" {
                parsed.append(("O", ""))
            } else if parts.count == 2, parts[0].count == 1, let place = parts[0].first,
                places.contains(place)
            {
                parsed.append((place, parts[1]))
            } else {
                throw GraphError(
                    .outOfRange,
                    "TagRules: a tag has no place in its scheme; expected O or one of \(places) with a hyphen and a kind; received \"\(tag)\"."
                )
            }
        }
        let isStrict = places.contains("E")
        func isInside(_ tag: (place: Character, kind: Substring)) -> Bool {
            tag.place == "I" || tag.place == "E"
        }
        func isOpen(_ tag: (place: Character, kind: Substring)) -> Bool {
            tag.place == "B" || tag.place == "I"
        }
        transitions = parsed.map { from in
            parsed.map { to in
                if isInside(to) { return isOpen(from) && from.kind == to.kind }
                return !(isStrict && isOpen(from))
            }
        }
        starts = parsed.map { !isInside($0) }
        ends = parsed.map { !(isStrict && isOpen($0)) }
    }
}
