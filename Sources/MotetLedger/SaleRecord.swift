import MotetDecisions

/// What is written of a sale.
struct SaleRecord: Sendable {
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
    var exposures: [Exposure]
}
