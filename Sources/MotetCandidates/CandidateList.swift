/// An item that a source, or several, brought.
public struct Candidate: Hashable, Sendable {
    /// Where an item came from.
    public struct Origin: Hashable, Sendable {
        /// The number of the source.
        public let source: Int
        /// The item's place among those of the source, from 0.
        public let rank: Int
        /// By what the source ranked it: an inner product, a count; nil where it has no such number.
        public let score: Double?
    }

    /// The item's name.
    public let item: String
    /// Its place in the catalogue; nil for one that is not there.
    public let place: Int?
    /// All sources that brought it, in the order in which they did.
    public fileprivate(set) var origins: [Origin]
}

/// Candidates of several sources, each item once.
///
/// What came first stands first; an item that comes again remembers the source and stays where it is. When the list
/// is full, new items are counted and left out, but those that are there still learn of further sources.
public struct CandidateList: Hashable, Sendable {
    /// The candidates, in the order in which they came.
    public private(set) var candidates: [Candidate] = []
    /// How many different items found no room.
    public var leftOut: Int { refused.count }
    private let limit: Int
    private var indices: [String: Int] = [:]
    private var refused: Set<String> = []

    /// An empty list with room for `limit` items.
    public init(limit: Int) { self.limit = limit }

    /// Takes an item.
    ///
    /// - Parameters:
    ///   - item: its name.
    ///   - place: its place in the catalogue; nil for one that is not there.
    ///   - source: the number of the source.
    ///   - rank: its place among those of the source, from 0.
    ///   - score: by what the source ranked it.
    public mutating func add(
        _ item: String,
        place: Int?,
        source: Int,
        rank: Int,
        score: Double? = nil
    ) {
        let origin = Candidate.Origin(source: source, rank: rank, score: score)
        if let index = indices[item] {
            // Of an item that a source names twice, the first place counts.
            if !candidates[index].origins.contains(where: { $0.source == source }) {
                candidates[index].origins.append(origin)
            }
            return
        }
        guard candidates.count < limit else {
            refused.insert(item)
            return
        }
        indices[item] = candidates.count
        candidates.append(Candidate(item: item, place: place, origins: [origin]))
    }
}
