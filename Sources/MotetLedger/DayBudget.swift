import MotetDecisions

/// The budget of a campaign for a day as it is written, where it is new or another than before.
///
/// It is written whether or not anything is sold: the next sale may be one that keeps it as it is, and clicks are charged
/// to what is written.
struct DayBudget: Sendable {
    /// What it is the budget of.
    struct Key: Hashable {
        var campaign: String
        var day: Int64
    }

    var key: Key
    var budget: Money
    /// The share of its bid a campaign that has no account yet begins with.
    var share: Double
}
