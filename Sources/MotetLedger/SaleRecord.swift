import MotetDecisions

/// What is written of a sale.
struct SaleRecord: Sendable {
    /// The budget of a campaign for a day, where it is new or another than before.
    struct Budget: Sendable {
        var campaign: String
        var budget: Money
        var share: Double
    }

    /// A showing that counts for a cap.
    struct Exposure: Sendable {
        var campaign: String
        /// When it counts no more.
        var end: Int64
    }

    var id: String
    var time: Int64
    var day: Int64
    var user: String?
    var sold: [SoldAd]
    var budgets: [Budget]
    var exposures: [Exposure]
}
