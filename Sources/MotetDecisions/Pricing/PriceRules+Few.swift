extension PriceRules {
    /// Whether a price obeys floor, ceiling, step and endings, whatever the price before was.
    public func allows(_ price: Money) -> Bool {
        floor <= price && price <= ceiling && price.micros % step.micros == 0
            && hasEnding(price.micros)
    }

    /// Whether a price is near enough to the present one.
    public func reaches(_ price: Money, after present: Money) -> Bool {
        let range = range(after: present)
        return range.least <= price && price <= range.greatest
    }

    /// Some of the prices the item may have next, ascending: all where they are few, else evenly chosen.
    ///
    /// The price that is nearest to the present one is among them, so that no change stays possible.
    ///
    /// - Parameters:
    ///   - present: the price it has.
    ///   - most: how many are enough; as many are given, or one more.
    /// - Returns: the prices; none where the greatest change does not reach one.
    public func prices(after present: Money, most: Int) -> [Money] {
        precondition(most > 0, "some prices are at least 1, not \(most)")
        let (least, greatest) = range(after: present)
        guard least <= greatest else { return [] }
        var prices =
            endings.isEmpty
            ? steps(from: least, through: greatest, most: most)
            : endingPrices(from: least, through: greatest, most: most)
        guard let nearest = nearest(to: present, after: present) else { return prices }
        let place = prices.firstIndex { $0 >= nearest } ?? prices.count
        if place == prices.count || prices[place] != nearest {
            prices.insert(nearest, at: place)
        }
        return prices
    }

    /// The price the item may have next that is nearest to another, the lower of two.
    ///
    /// - Parameters:
    ///   - price: the price to be near to.
    ///   - present: the price it has.
    /// - Returns: the price; nil where the greatest change does not reach one that is allowed.
    public func nearest(to price: Money, after present: Money) -> Money? {
        let (least, greatest) = range(after: present)
        guard least <= greatest else { return nil }
        let wanted = min(max(price, least), greatest)
        if endings.isEmpty {
            // The multiples of the step around it; greater ones are further away, and the range has `wanted` in it.
            let below = Money(micros: wanted.micros / step.micros * step.micros)
            let above = below + step
            let isNearer = wanted.micros - below.micros <= above.micros - wanted.micros
            if least <= below, isNearer || above > greatest { return below }
            return above <= greatest ? above : nil
        }
        // Distances of one round of candidates begin where those of the next but one have ended.
        var found: [Money] = []
        var round: Int64 = 0
        while true {
            let candidates = candidates(round, near: wanted)
            let isFound = !found.isEmpty
            found += candidates.filter { least <= $0 && $0 <= greatest && allows($0) }
            if isFound { break }
            let isOut = candidates.allSatisfy { $0 < least || greatest < $0 }
            if isOut, found.isEmpty, round > 0 { return nil }
            round += 1
        }
        return found.min {
            (abs($0.micros - wanted.micros), $0) < (abs($1.micros - wanted.micros), $1)
        }
    }

    /// Prices that a search outwards from one looks at in a round: two steps, or the endings of two whole units.
    private func candidates(_ round: Int64, near wanted: Money) -> [Money] {
        guard !endings.isEmpty, step.micros < Self.unit else {
            let below = wanted.micros / step.micros
            return [below - round, below + 1 + round].compactMap { number in
                let (micros, isBeyond) = number.multipliedReportingOverflow(by: step.micros)
                return isBeyond ? nil : Money(micros: micros)
            }
        }
        let whole = wanted.micros / Self.unit
        let wholes = round == 0 ? [whole] : [whole - round, whole + round]
        return wholes.flatMap { whole in
            endings.map { Money(micros: whole * Self.unit + Int64($0) * 10_000) }
        }
    }

    /// A unit of the currency in millionths.
    private static let unit: Int64 = 1_000_000

    /// The same rules within a narrower range.
    ///
    /// - Parameters:
    ///   - floor: the least price, at least that of the rules; nil for theirs.
    ///   - ceiling: the greatest, at most that of the rules; nil for theirs.
    ///   - greatestChange: the greatest change, at most that of the rules; nil for theirs.
    /// - Returns: the rules.
    /// - Throws: `DecisionError` for wider ones, and for rules that no price obeys.
    public func narrowed(
        floor: Money? = nil,
        ceiling: Money? = nil,
        greatestChange: Double? = nil
    ) throws(DecisionError) -> PriceRules {
        if floor == nil, ceiling == nil, greatestChange == nil { return self }
        func check(
            _ name: String,
            _ isRight: Bool,
            _ range: String,
            _ value: @autoclosure () -> String
        ) throws(DecisionError) {
            guard !isRight else { return }
            throw DecisionError(
                .pricing,
                "prices: '\(name)' is wider than the rules; expected \(range); received \(value())."
            )
        }
        if let floor {
            try check("floor", floor >= self.floor, "at least \(self.floor)", "\(floor)")
        }
        if let ceiling {
            try check("ceiling", ceiling <= self.ceiling, "at most \(self.ceiling)", "\(ceiling)")
        }
        if let greatestChange, let own = self.greatestChange {
            try check(
                "greatest_change",
                greatestChange <= own,
                "at most \(own)",
                "\(greatestChange)"
            )
        }
        return try PriceRules(
            floor: floor ?? self.floor,
            ceiling: ceiling ?? self.ceiling,
            step: step,
            greatestChange: greatestChange ?? self.greatestChange,
            endings: endings
        )
    }

    /// The least and the greatest price that floor, ceiling and the greatest change allow; the first may be above the second.
    public func range(after present: Money) -> (least: Money, greatest: Money) {
        let reach = reach(after: present)
        return (max(floor, reach.least), min(ceiling, reach.greatest))
    }

    /// The least and the greatest price that the greatest change allows, whatever floor and ceiling are.
    public func reach(after present: Money) -> (least: Money, greatest: Money) {
        // An item without a price may get any.
        guard let greatestChange, present > .zero else { return (floor, ceiling) }
        let present = min(present, Self.greatest)
        let change = min(Money(present.units * greatestChange), Self.greatest)
        return (max(.zero, present - change), present + change)
    }

    private func steps(from least: Money, through greatest: Money, most: Int) -> [Money] {
        let first = (least.micros + step.micros - 1) / step.micros
        let last = greatest.micros / step.micros
        guard first <= last else { return [] }
        // Every stride-th step has as many prices, whatever the range.
        let stride = max(1, (last - first + Int64(most)) / Int64(most))
        return Swift.stride(from: first, through: last, by: Int64.Stride(stride)).map {
            Money(micros: $0 * step.micros)
        }
    }

    private func endingPrices(from least: Money, through greatest: Money, most: Int) -> [Money] {
        let unit = Self.unit
        let (first, last) = (least.micros / unit, greatest.micros / unit)
        let endings = endings.sorted()
        let wanted = max(1, most / endings.count)
        let stride = max(1, (last - first + Int64(wanted)) / Int64(wanted))
        var prices: [Money] = []
        for whole in Swift.stride(from: first, through: last, by: Int64.Stride(stride)) {
            for ending in endings {
                let micros = whole * unit + Int64(ending) * 10_000
                guard micros >= least.micros, micros <= greatest.micros,
                    micros % step.micros == 0
                else { continue }
                prices.append(Money(micros: micros))
            }
        }
        return prices
    }
}
