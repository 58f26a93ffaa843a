/// What an advertiser pays for, and how much at most.
public struct Bid: Hashable, Sendable {
    /// What is paid for.
    public enum Payment: String, CaseIterable, Hashable, Sendable {
        /// A click, with a bid for a click.
        case click = "cpc"
        /// A conversion, with a bid for a conversion.
        case conversion = "cpa"
        /// A click, with a bid for a conversion: each click is worth the bid times its probability of one.
        case optimizedClick = "ocpc"
    }

    /// What is paid for.
    public let payment: Payment
    /// The most that is paid for what the bid is for.
    public let amount: Money

    /// Creates a bid.
    ///
    /// - Parameters:
    ///   - payment: what is paid for.
    ///   - amount: the most that is paid; more than 0.
    /// - Throws: `DecisionError` for an amount of 0 or less.
    public init(_ payment: Payment, _ amount: Money) throws(DecisionError) {
        guard amount > .zero else {
            throw DecisionError(
                .bid,
                "bid: the amount is out of range; expected more than 0; received \(amount)."
            )
        }
        self.payment = payment
        self.amount = amount
    }

    /// The expected value of showing the ad once, in the currency.
    ///
    /// - Parameters:
    ///   - click: the probability of a click.
    ///   - conversion: that of a conversion after a click.
    /// - Returns: the value.
    func value(click: Double, conversion: Double) -> Double {
        switch payment {
        case .click: amount.units * click
        case .conversion, .optimizedClick: amount.units * (click * conversion)
        }
    }

    /// The probability of what is charged for.
    func chargeProbability(click: Double, conversion: Double) -> Double {
        payment == .conversion ? click * conversion : click
    }
}
