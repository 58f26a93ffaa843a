extension PriceBook {
    /// What the choice of a price follows from, but for the settings.
    public struct Draft: Sendable {
        /// What was asked.
        public var question: PriceQuestion
        var period: Int64
        var revision: Int
        var time: Int64
        /// Whether the price changed as often as it may.
        var isLimited: Bool
    }

    /// What the choice of a price follows from, so that it can be made while others use the book.
    ///
    /// `choose` makes all three steps at once: this one, `Settings.choice`, and `add`.
    ///
    /// - Parameters:
    ///   - question: what it follows from; its price of the period is not known.
    ///   - time: now, in milliseconds since 1970.
    /// - Returns: the draft.
    public func draft(_ question: PriceQuestion, at time: Int64) -> Draft {
        draft(question, entries[Key(item: question.item, scope: question.scope)], at: time)
    }

    func draft(_ question: PriceQuestion, _ before: Entry?, at time: Int64) -> Draft {
        Draft(
            question: question,
            period: settings.period(of: time),
            revision: revision(after: before, at: time),
            time: time,
            isLimited: isLimited(before, at: time)
        )
    }

    /// How many prices the period has had.
    private func revision(after before: Entry?, at time: Int64) -> Int {
        guard let before, before.chosen.period == settings.period(of: time) else { return 0 }
        return before.chosen.revision + 1
    }

    /// Whether the price changed as often as it may.
    private func isLimited(_ before: Entry?, at time: Int64) -> Bool {
        settings.changes.map { counted(before, at: time).count >= $0.most } ?? false
    }

    /// Notes a price that was chosen of a draft.
    ///
    /// - Parameters:
    ///   - chosen: what `Settings.choice` made of the draft.
    ///   - draft: the draft.
    /// - Returns: the price of the item; nil where the draft is out of date, for the item got another price meanwhile, which the rules of the
    ///   question do not allow. Then draft anew.
    public mutating func add(ifCurrent chosen: ChosenPrice, of draft: Draft) -> Answer? {
        let question = draft.question
        let key = Key(item: question.item, scope: question.scope)
        let before = entries[key]
        if let known = known(before, question.rules, at: draft.time) { return known }
        guard revision(after: before, at: draft.time) == draft.revision,
            isLimited(before, at: draft.time) == draft.isLimited
        else { return nil }
        return add(key, chosen, of: draft, before)
    }
}
