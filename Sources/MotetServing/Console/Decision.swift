import Foundation

/// An answer that somebody may want to understand: what was asked, what answered, and what came of it.
struct Decision: Sendable {
    /// What was asked for.
    enum Kind: String, CaseIterable, Sendable {
        /// The scores of given items.
        case score
        /// A list of items.
        case recommend
        /// Whether an order or a review goes through.
        case risk
        /// Places for ads.
        case ads
        /// The prices of items.
        case price
    }

    /// A task's score of an item.
    struct Score: Hashable, Sendable {
        var task: String
        var value: Float
    }

    /// An item of the answer.
    struct Item: Hashable, Sendable {
        /// Its identity.
        var id: String
        /// The scores, in the order of the tasks.
        var scores: [Score] = []
        /// What it was ordered by, such as the value of a formula.
        var value: Double?
        /// Where it came from, such as `popular`.
        var sources: [String] = []
        /// What moved it: short sentences.
        var reasons: [String] = []
    }

    /// The most items that are kept of an answer.
    static let items = 10

    /// What was asked for.
    var kind: Kind
    /// The identity of the request.
    var request: String
    /// When it was answered.
    var time = Date.now
    /// The user as the request names it; the log keeps a pseudonym of it alone.
    var user: String?
    /// The place of the shop.
    var scenario: String?
    /// The version of the model.
    var model: String
    /// The part of the experiment.
    var variant: String
    /// Whether features may have been old.
    var isDegraded = false
    /// How long it took, in seconds.
    var seconds = 0.0
    /// How many items were asked about, or chosen from.
    var count: Int
    /// The first items of the answer, ``items`` at most; those of scores ordered by the first task.
    var top: [Item] = []
    /// What is to be said of the answer as a whole: short sentences.
    var notes: [String] = []
}
