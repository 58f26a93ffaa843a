/// What is known of a user at a time: interests, the visit that goes on, and what is new in it.
///
/// docs/serving/profile.md has every formula.
public struct UserProfile: Hashable, Sendable, Codable {
    /// A category the user is interested in.
    public struct Interest: Hashable, Sendable, Codable {
        /// The category.
        public let category: String
        /// The decayed affinity.
        public let affinity: Double
        /// Its share of the affinities above 0.
        public let share: Double
    }

    /// How far the user is on the way to a purchase.
    public enum Stage: String, Hashable, Sendable, Codable, CaseIterable {
        /// No visit goes on.
        case idle
        /// The user looks around.
        case browsing
        /// The user came back to an item.
        case considering
        /// There is something in the basket.
        case basket
        /// The last thing done was to pay.
        case bought
    }

    /// The visit that goes on.
    public struct Visit: Hashable, Sendable, Codable {
        /// When it began, in milliseconds since 1970.
        public let start: Int64
        /// The seconds since.
        public let seconds: Double
        /// The number of its actions.
        public let actions: Int64
        /// The category most of it is about; nil where no action has one.
        public let focus: String?
        /// The focus's share of the visit.
        public let focusShare: Double
        /// The different items it met, the last one first, at most ten.
        public let items: [String]
        /// The last search.
        public let query: String?
    }

    /// A category whose share of this visit differs from its share before.
    public struct Change: Hashable, Sendable, Codable {
        /// The category.
        public let category: String
        /// Its share of this visit.
        public let visitShare: Double
        /// Its share of the interests without this visit.
        public let usualShare: Double
        /// Whether there was no interest before.
        public let isNew: Bool
    }

    /// The strongest interests, at most ten.
    public let interests: [Interest]
    /// How far the user is.
    public let stage: Stage
    /// The visit; nil where none goes on.
    public let visit: Visit?
    /// What differs most in this visit, at most five categories; empty without one.
    public let changes: [Change]
    /// Whether the store could not be asked, so that this is what was known last.
    public internal(set) var isDegraded = false

    private enum CodingKeys: String, CodingKey {
        case interests, stage, visit, changes
        case isDegraded = "degraded"
    }
}
