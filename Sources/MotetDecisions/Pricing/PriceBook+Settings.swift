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
    /// - Parameters:
    ///   - draft: what it follows from.
    ///   - curves: what keeps curves of sales between choices; nil to compute that of the stock.
    /// - Returns: the price: the same of equal drafts.
    /// - Throws: `DecisionError` for settings out of range.
    public func choice(
        _ draft: PriceBook.Draft,
        _ curves: SalesCurves? = nil
    ) throws(DecisionError) -> ChosenPrice {
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
        guard
            let drawn = try policy(question).drawn(
                present: question.present,
                belief,
                question.rules,
                stock: question.stock,
                most: prices,
                key: key(question, period: draft.period, revision: draft.revision),
                curves
            )
        else { return chosen(question.present, .kept) }
        if case .margin(let cost) = question.objective, let last = drawn.menu.prices.last,
            last <= cost
        {
            return chosen(last, .noMargin)
        }
        let best =
            exploration == .none
            ? drawn.place
            : drawn.menu.mostValuable(belief, stock: question.stock, drawn.curve)
        return chosen(
            drawn.price,
            exploration == .none ? .best : .explored,
            propensity: drawn.propensity,
            best: drawn.menu.prices[best]
        )
    }

    func decision(
        _ question: PriceQuestion,
        _ belief: DemandBelief,
        period: Int64,
        revision: Int
    ) throws(DecisionError) -> PriceDecision {
        try policy(question).decide(
            present: question.present,
            belief,
            question.rules,
            stock: question.stock,
            most: prices,
            key: key(question, period: period, revision: revision)
        )
    }

    private func policy(_ question: PriceQuestion) throws(DecisionError) -> PricePolicy {
        try PricePolicy(question.objective, exploration: exploration)
    }

    private func key(_ question: PriceQuestion, period: Int64, revision: Int) -> RandomKey {
        RandomKey(seed: seed)
            .split(ChosenPrice.name(question, period: period, revision: revision))
    }
}
