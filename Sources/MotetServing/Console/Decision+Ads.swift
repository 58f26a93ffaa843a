import MotetDecisions
import MotetLedger

extension Decision {
    /// What the console shows of a sale: the ads and what they pay.
    ///
    /// - Parameters:
    ///   - decided: the sale.
    ///   - currency: that of prices.
    ///   - id: the identity of the request.
    init(_ decided: AdSeller.Decided, currency: String, id: String) {
        let model = decided.model
        var scenario: String?
        if case .same(let number?) = model.layout.scenarios(of: decided.scored.request.columns) {
            scenario = model.layout.scenarios[number]
        }
        self.init(
            kind: .ads,
            request: id,
            user: decided.scored.request.userID,
            scenario: scenario,
            model: decided.record.model,
            variant: decided.record.variant,
            isDegraded: decided.record.isDegraded,
            count: decided.request.candidates.count
        )
        notes = ["ordered by expected value, \(decided.request.places) places"]
        if decided.decision.isRepeated { notes.append("asked for again") }
        for code in AdSeller.Decided.codes.dropFirst() {
            let count = decided.outcomes.count { $0 == code }
            if count > 0 { notes.append("\(count) \(code.replacing("_", with: " "))") }
        }
        top = decided.decision.sold.map { ad in
            var item = Item(id: ad.ad, value: 1000 * ad.score)
            item.sources = [ad.campaign]
            item.reasons = [
                "pays \(ad.price) \(currency) for a \(AdSeller.Decided.event(ad.payment))"
            ]
            if let row = decided.row(of: ad) {
                item.scores = [
                    Score(task: "click", value: Float(decided.probabilities[row].click)),
                    Score(task: "conversion", value: Float(decided.probabilities[row].conversion)),
                ]
                if let share = decided.share(of: row), share < 1 {
                    item.reasons.append("with \(Int((100 * share).rounded())) % of its bid")
                }
            }
            return item
        }
    }
}
