import MotetCore

extension PriceBook {
    /// How prices are chosen.
    public struct Settings: Hashable, Sendable {
        /// How prices are explored.
        public var exploration = PricePolicy.Exploration.thompson(draws: 50)
        /// What makes the draws other ones than those of another shop.
        public var seed: UInt64 = 0
        /// The length of a period, in milliseconds.
        public var periodLength: Int64 = 86_400_000
        /// By how many milliseconds periods begin before those of UTC.
        public var periodOffset: Int64 = 0
        /// How often a price may change within a window of milliseconds; nil for any number.
        public var changes: Changes?
        /// The most prices that are looked at.
        public var prices = 60

        /// How often a price may change.
        public struct Changes: Hashable, Sendable {
            /// The most changes within the window.
            public var most: Int
            /// The window, in milliseconds.
            public var window: Int64

            /// Allows so many changes within a window of milliseconds.
            public init(most: Int, window: Int64) {
                self.most = most
                self.window = window
            }
        }

        /// The defaults.
        public init() {}

        /// The number of the period of a time.
        public func period(of time: Int64) -> Int64 {
            let (quotient, rest) = (time + periodOffset).quotientAndRemainder(
                dividingBy: periodLength
            )
            return rest < 0 ? quotient - 1 : quotient
        }

        /// When a period ends, in milliseconds since 1970.
        public func end(of period: Int64) -> Int64 { (period + 1) * periodLength - periodOffset }
    }
}

extension PriceBook.Settings {
    /// Chooses the price of a draft.
    ///
    /// - Parameter draft: what it follows from.
    /// - Returns: the price: the same of equal drafts.
    /// - Throws: `DecisionError` for settings out of range.
    public func choice(_ draft: PriceBook.Draft) throws(DecisionError) -> ChosenPrice {
        let question = draft.question
        func chosen(
            _ price: Money,
            _ reason: PriceReason,
            propensity: Double = 1,
            best: Money? = nil
        ) -> ChosenPrice {
            ChosenPrice(
                question,
                period: draft.period,
                revision: draft.revision,
                time: draft.time,
                price: price,
                propensity: propensity,
                reason: reason,
                best: best ?? price
            )
        }
        if draft.isLimited { return chosen(question.present, .limited) }
        guard let belief = question.belief else {
            let nearest = question.rules.nearest(to: question.fallback, after: question.present)
            return chosen(nearest ?? question.present, .fallback)
        }
        let decision = try decision(
            question,
            belief,
            period: draft.period,
            revision: draft.revision
        )
        guard let last = decision.options.last else { return chosen(question.present, .kept) }
        if case .margin(let cost) = question.objective, last.price <= cost {
            return chosen(last.price, .noMargin)
        }
        return chosen(
            decision.price,
            decision.reason == .best ? .best : .explored,
            propensity: decision.propensity,
            best: Self.best(decision.options, question.present)
        )
    }

    func decision(
        _ question: PriceQuestion,
        _ belief: DemandBelief,
        period: Int64,
        revision: Int
    ) throws(DecisionError) -> PriceDecision {
        let name = ChosenPrice.name(question, period: period, revision: revision)
        return try PricePolicy(question.objective, exploration: exploration).decide(
            present: question.present,
            belief,
            question.rules,
            stock: question.stock,
            most: prices,
            key: RandomKey(seed: seed).split(name)
        )
    }

    /// The option with the greatest value; of equal ones that which is nearest to the present price.
    private static func best(_ options: [PriceDecision.Option], _ present: Money) -> Money? {
        options.max { left, right in
            let distances = (
                abs(left.price.micros - present.micros), abs(right.price.micros - present.micros)
            )
            return (left.value, distances.1) < (right.value, distances.0)
        }?.price
    }
}
