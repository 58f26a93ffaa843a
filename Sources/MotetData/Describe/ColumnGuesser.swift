/// Guesses from a column's name and values what it is for.
struct ColumnGuesser {
    let facts: ColumnFacts
    let isLast: Bool

    init(_ facts: ColumnFacts, isLast: Bool) {
        self.facts = facts
        self.isLast = isLast
    }

    /// The guess; the first rule that fits wins.
    func guess() -> ColumnGuess {
        if facts.valued == 0 { return ColumnGuess(.empty, "", because: "no row has a value") }
        if case .list(let element) = facts.type {
            return ColumnGuess(.sequence, "list of \(element)", because: "it is stored as lists")
        }
        if facts.distinctValues == 1 {
            return ColumnGuess(.constant, "", because: "every value is the same")
        }
        return label() ?? time() ?? weight() ?? rowIdentifier() ?? number() ?? sequence() ?? prose()
            ?? category()
    }

    // MARK: Labels

    private func label() -> ColumnGuess? {
        let isNamed =
            facts.isNamed(NameWords.label) && !facts.isNamed(NameWords.identifier)
            && !facts.isNamed(["type", "date", "time"])
        if let pair = LabelPair(facts) {
            let flag = facts.words.first == "is" || facts.words.first == "has"
            guard isNamed || isLast || flag || pair.isBoolean else { return nil }
            let share = percentText(pair.positives, of: facts.valued)
            var reason = "\(pair.description), \(share) of them \(pair.positiveName)"
            if isNamed { reason += "; the name says so" }
            let label = ColumnGuess.Label(
                positive: pair.rule,
                positives: pair.positives,
                isNamed: isNamed
            )
            if isNamed || isLast {
                if !isNamed { reason += "; the last column" }
                return ColumnGuess(.label, "yes/no", because: reason, label: label)
            }
            return ColumnGuess(.categorical, "yes/no", because: reason, label: label)
        }
        if let target = target() { return target }
        guard facts.isNamed(NameWords.rating), facts.isPlainNumber, facts.isExact,
            facts.distinct <= 21, facts.maximum <= 10, facts.minimum >= 0
        else { return nil }
        let high = facts.maximum <= 5 ? 4 : 8
        let positives = facts.values.filter { $0.number >= Double(high) }.reduce(0) {
            $0 + $1.count
        }
        guard positives > 0, positives < facts.valued else { return nil }
        return ColumnGuess(
            .label,
            "rating",
            because: "a rating up to \(shortNumber(facts.maximum)); "
                + "\(percentText(positives, of: facts.valued)) are at least \(high)",
            label: .init(positive: ">= \(high)", positives: positives, isNamed: true)
        )
    }

    /// Several classes, or a number, under a name that says it is the answer.
    private func target() -> ColumnGuess? {
        guard let word = facts.words.last, NameWords.target.contains(word) else { return nil }
        if facts.isPlainNumber, facts.distinct > 20 || !facts.isWhole {
            return ColumnGuess(
                .label,
                "number",
                because: "the name, and numbers",
                label: .init(kind: .number, isNamed: true)
            )
        }
        guard facts.isExact, (3...100).contains(facts.distinct),
            facts.valued >= 10 * facts.distinct
        else { return nil }
        return ColumnGuess(
            .label,
            "\(facts.distinct) classes",
            because: "the name, and \(facts.distinct) values",
            label: .init(kind: .classes, isNamed: true)
        )
    }

    // MARK: Times

    private func time() -> ColumnGuess? {
        if facts.type == .timestamp || (facts.isUntyped && facts.kinds[.time] == facts.valued) {
            return ColumnGuess(.time, "date", because: "every value is a date")
        }
        if facts.isWhole, facts.minimum >= 0 {
            let isNamed = facts.isNamed(NameWords.time) && !facts.isNamed(NameWords.quantity)
            let epochs: [(String, ClosedRange<Double>)] = [
                ("seconds", 3e8...4.2e9), ("milliseconds", 3e11...4.2e12),
                ("microseconds", 3e14...4.2e15), ("nanoseconds", 3e17...4.2e18),
            ]
            if isNamed,
                let epoch = epochs.first(where: {
                    $0.1.contains(facts.minimum) && $0.1.contains(facts.maximum)
                })
            {
                return ColumnGuess(
                    .time,
                    "\(epoch.0) since 1970",
                    because: "the name, and numbers that are \(epoch.0) since 1970"
                )
            }
            if isNamed, (19_000_101...21_001_231).contains(facts.minimum),
                (19_000_101...21_001_231).contains(facts.maximum)
            {
                return ColumnGuess(
                    .time,
                    "yyyymmdd",
                    because: "the name, and numbers like 20110131"
                )
            }
            if facts.words == ["week"] || facts.words == ["day"] || facts.words == ["date"]
                || facts.words == ["timestamp"] || facts.words == ["time"], facts.distinct > 7
            {
                return ColumnGuess(.time, "number", because: "the name, and numbers in order")
            }
        }
        guard facts.isUntyped || facts.type.isText, facts.kinds[.text] == facts.valued,
            let format = TextShape.timeFormat(facts.texts)
        else { return nil }
        return ColumnGuess(
            .time,
            "date",
            because: "values such as \(facts.texts[0])",
            timeFormat: format
        )
    }

    // MARK: Weights and row numbers

    private func weight() -> ColumnGuess? {
        let isWeight =
            facts.words.suffix(2) == ["sample", "weight"]
            || facts.words.suffix(2) == ["instance", "weight"]
            || facts.words.suffix(2) == ["row", "weight"] || facts.words == ["weight"]
        guard isWeight, facts.isPlainNumber, facts.minimum >= 0 else { return nil }
        return ColumnGuess(.weight, "", because: "the name; no weight is negative")
    }

    private func rowIdentifier() -> ColumnGuess? {
        if facts.isNamed(NameWords.event), facts.isNamed(NameWords.identifier.union(["number"])),
            facts.distinct > 100
        {
            return ColumnGuess(
                .rowIdentifier,
                "event id",
                because: "the name: new rows have new ones"
            )
        }
        guard facts.rows >= 20, facts.distinct * 100 >= facts.valued * (facts.isExact ? 100 : 97)
        else { return nil }
        let isCode = facts.isNamed(NameWords.identifier) || facts.words == ["row"]
        if facts.isWhole {
            let isCounted = facts.maximum - facts.minimum + 1 == Double(facts.valued)
            guard isCode || isCounted, facts.isExact || isCode else { return nil }
        } else {
            let isText = facts.isUntyped ? !facts.isPlainNumber : facts.type.isText
            guard isText, facts.kinds[.commaNumber, .groupedNumber] == 0 else { return nil }
            let isCodeLike =
                !TextShape.isProse(facts.texts)
                && TextShape.separator(facts.texts, isNamed: facts.isNamed(NameWords.list)) == nil
            let numbers = TextScan.Kind.numbers.reduce(0) { $0 + facts.kinds[$1] }
            guard isCode || (isCodeLike && numbers * 2 < facts.valued) else { return nil }
        }
        return ColumnGuess(.rowIdentifier, "", because: "another value in every row")
    }

    // MARK: Numbers

    private func number() -> ColumnGuess? {
        if facts.isPlainNumber, facts.kinds[.paddedInteger] == 0 {
            if facts.isWhole || isWholeInDecimals { return wholeNumber() }
            return numeric("number", because: "numbers with fractions")
        }
        guard facts.isUntyped, !facts.isNamed(NameWords.identifier),
            facts.kinds[.paddedInteger] == 0, facts.unreadableBeyond == 0,
            facts.unreadable.count <= 20
        else { return nil }
        let numbers = TextScan.Kind.numbers.reduce(0) { $0 + facts.kinds[$1] }
        guard numbers * 10 >= facts.valued * 9, numbers > 0 else { return nil }
        let repairs = NumberRepairs(facts)
        return ColumnGuess(
            .numeric,
            "number",
            because: repairs.isEmpty
                ? "numbers"
                : "\(percentText(numbers, of: facts.valued)) are numbers; \(repairs.reason)",
            repairs: repairs.steps
        )
    }

    /// Whether whole numbers are written with `.0`, as programs do that have no missing integers.
    private var isWholeInDecimals: Bool {
        facts.isNamed(NameWords.identifier) && facts.isExact
            && facts.texts.allSatisfy { $0.hasSuffix(".0") } && !facts.texts.isEmpty
    }

    private func wholeNumber() -> ColumnGuess {
        if facts.isNamed(NameWords.identifier) {
            return ColumnGuess(.categorical, "integer id", because: "the name, and whole numbers")
        }
        let isQuantity = facts.isNamed(NameWords.quantity)
        if facts.words.count == 1, facts.isNamed(NameWords.person.union(["item", "product"])) {
            return ColumnGuess(.categorical, "integer id", because: "the name, and whole numbers")
        }
        let isFew = facts.isExact && facts.distinct <= 20 && facts.valued >= 10 * facts.distinct
        // Counts of something: most rows have none.
        let isCount = facts.distinct > 3 && facts.values.first?.number == 0
        if !isQuantity, isFew, !isCount, facts.minimum >= 0 {
            return ColumnGuess(
                .categorical,
                "integer id",
                because: "\(facts.distinct) different whole numbers only"
            )
        }
        return numeric("whole number", because: "whole numbers")
    }

    private func numeric(_ detail: String, because reason: String) -> ColumnGuess {
        var guess = ColumnGuess(.numeric, detail, because: reason)
        guess.sentinel = facts.sentinel
        return guess
    }

    // MARK: Texts

    private func sequence() -> ColumnGuess? {
        guard facts.isUntyped || facts.type.isText else { return nil }
        let isNamed = facts.isNamed(NameWords.list)
        guard let found = TextShape.separator(facts.texts, isNamed: isNamed) else { return nil }
        let mark = found.mark == " " ? "a blank" : "`\(found.mark)`"
        return ColumnGuess(
            .sequence,
            "text, separator \(mark)",
            because: "\(Int((found.share * 100).rounded())) % of the different texts hold \(mark)",
            separator: String(found.mark)
        )
    }

    private func prose() -> ColumnGuess? {
        guard facts.distinct * 2 >= facts.valued, TextShape.isProse(facts.texts) else { return nil }
        return ColumnGuess(
            .text,
            "",
            because: "several words, and \(facts.isExact ? "" : "about ")"
                + "\(grouped(facts.distinct)) different texts"
        )
    }

    private func category() -> ColumnGuess {
        let padded = facts.kinds[.paddedInteger]
        if facts.isUntyped, padded > 0 {
            return ColumnGuess(.categorical, "code", because: "codes with zeros before them")
        }
        let isBoolean = facts.type == .boolean || facts.storedType == "boolean"
        return ColumnGuess(
            .categorical,
            isBoolean ? "yes/no" : "text",
            because: "\(facts.isExact ? "" : "about ")\(grouped(facts.distinct)) different "
                + (isBoolean ? "values" : "texts"),
            repairs: facts.isUntyped && facts.kinds.padded > 0 ? [.trim] : []
        )
    }
}

extension ColumnFacts {
    /// How many different values there are besides spellings of missing ones.
    fileprivate var distinctValues: Int {
        guard isUntyped, isPlainNumber || kinds[.boolean] == valued else { return distinct }
        return distinct - values.count { $0.kind == .missing }
    }
}
