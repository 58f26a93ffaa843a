/// What a user did last, as it is remembered.
struct UserAction: Hashable, Sendable {
    var time: Int64
    var kind: EventKind
    var item: String?
    var category: String?
    var query: String?

    /// The separator, which no name and no query holds.
    private static let separator: Character = "\u{1F}"

    /// An event's action without its time, as one text.
    static func text(of event: Event) -> String {
        [event.kind.rawValue, event.item ?? "", event.category ?? "", event.query ?? ""]
            .joined(separator: String(separator))
    }

    /// Reads what ``text(of:)`` wrote; nil where it is something else.
    init?(_ entry: LatestTexts.Entry) {
        let parts = entry.text.split(separator: Self.separator, omittingEmptySubsequences: false)
        guard parts.count == 4, let kind = EventKind(rawValue: String(parts[0])) else { return nil }
        func part(_ place: Int) -> String? { parts[place].isEmpty ? nil : String(parts[place]) }
        time = entry.order.time
        self.kind = kind
        item = part(1)
        category = part(2)
        query = part(3)
    }
}
