import MotetDecisions

extension Decision {
    /// What the console shows of prices: each with its propensity, and why it is.
    ///
    /// - Parameters:
    ///   - decided: the prices.
    ///   - currency: theirs.
    ///   - id: the identity of the request.
    init(_ decided: PriceDesk.Decided, currency: String, id: String) {
        self.init(
            kind: .price,
            request: id,
            // Nobody's: a price does not depend on who asks.
            user: nil,
            scenario: decided.scenario,
            model: decided.record.model,
            variant: decided.record.variant,
            isDegraded: decided.isDegraded,
            count: decided.ids.count
        )
        for reason in PriceReason.allCases {
            let count = decided.answers.count { !$0.isRepeated && $0.chosen.reason == reason }
            if count > 0 {
                notes.append("\(count) \(reason.rawValue.replacing("_", with: " "))")
            }
        }
        let repeated = decided.answers.count(where: \.isRepeated)
        if repeated > 0 { notes.append("\(repeated) of the period as before") }
        top = zip(decided.ids, decided.answers).prefix(Self.items).map { id, answer in
            let chosen = answer.chosen
            var item = Item(id: RequestFields.text(id), value: chosen.price.units)
            item.reasons = [
                "\(chosen.question.present) to \(chosen.price) \(currency), \(chosen.reason.rawValue)",
                "propensity \(RiskText.number(chosen.propensity))",
            ]
            if let units = chosen.units, let belief = chosen.question.belief {
                item.reasons.append(
                    "\(RiskText.number(units)) units expected, elasticity \(RiskText.number(belief.mean.y))"
                )
            }
            return item
        }
    }
}
