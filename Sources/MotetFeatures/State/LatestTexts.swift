/// The texts of the latest events: a fixed number of them, or of different ones.
struct LatestTexts: Hashable, Sendable {
    /// A text and the event it comes from; of different texts, the latest event that has it.
    struct Entry: Hashable, Sendable {
        var order: EventOrder
        var text: String
    }

    /// The entries from the earliest to the latest.
    private(set) var entries: [Entry] = []

    init() {}

    init(_ entries: [Entry]) { self.entries = entries }

    /// Adds a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - order: the event's place.
    ///   - length: how many entries are kept.
    ///   - isDistinct: whether each text is kept once.
    mutating func add(_ text: String, _ order: EventOrder, keeping length: Int, isDistinct: Bool) {
        if entries.count == length, let first = entries.first, order < first.order { return }
        if isDistinct, let known = entries.firstIndex(where: { $0.text == text }) {
            guard entries[known].order < order else { return }
            entries.remove(at: known)
        }
        var place = entries.count
        while place > 0, order < entries[place - 1].order { place -= 1 }
        entries.insert(Entry(order: order, text: text), at: place)
        if entries.count > length { entries.removeFirst() }
    }

    /// The latest of both.
    mutating func merge(_ other: LatestTexts, keeping length: Int, isDistinct: Bool) {
        for entry in other.entries {
            add(entry.text, entry.order, keeping: length, isDistinct: isDistinct)
        }
    }
}
