extension ColumnProfiler {
    /// What was found, once all rows were seen.
    ///
    /// - Parameter isLast: whether the column is the last of the table, where labels often stand.
    /// - Returns: the column's profile.
    func profile(isLast: Bool) -> ColumnProfile {
        let facts = ColumnFacts(self)
        let guess = ColumnGuesser(facts, isLast: isLast).guess()
        let isNumber = guess.meaning == .numeric || facts.isPlainNumber
        let missingWords = isNumber || guess.meaning == .time ? facts.kinds[.missing] : 0
        var profile = ColumnProfile(
            name: name,
            type: facts.storedType,
            rows: rows,
            missing: missing + missingWords,
            distinct: .init(
                value: isNumber && isUntyped && table.isExact
                    ? numbersByValue.count : table.distinct,
                isExact: table.isExact
            ),
            spread: spread(facts, guess),
            lengths: lengthSpread ?? tokenSpread(guess.separator),
            notANumber: notANumber,
            infinite: facts.kinds[.infinity],
            frequent: isNumber && isUntyped ? frequentNumbers(10) : frequent(10),
            examples: Array(facts.texts.prefix(3)).map { $0.count > 80 ? $0.prefix(77) + "…" : $0 },
            missingWords: [],
            guess: guess,
            notes: []
        )
        profile.missingWords = ColumnNotes.missingWords(facts, profile)
        profile.classes = facts.classes
        profile.notes = ColumnNotes(facts, profile).sentences
        return profile
    }

    /// The counted numbers of a text file, however they are written: `1`, `1.0` and `01` are one.
    private var numbersByValue: [Double: (count: Int, first: Int)] {
        var numbers: [Double: (count: Int, first: Int)] = [:]
        for (index, entry) in table.entries.enumerated()
        where TextScan.Kind.numbers.contains(entry.kind) {
            numbers[entry.number, default: (0, index)].count += entry.count
        }
        return numbers
    }

    private func frequentNumbers(_ count: Int) -> [ColumnProfile.Frequency] {
        let numbers = numbersByValue
        let total = numbers.reduce(0) { $0 + $1.value.count } + beyondCount
        return numbers.values.sorted { ($1.count, $0.first) < ($0.count, $1.first) }.prefix(count)
            .map { number in
                .init(
                    value: table.entries[number.first].text,
                    count: number.count,
                    share: Double(number.count) / Double(max(1, total))
                )
            }
    }

    private func frequent(_ count: Int) -> [ColumnProfile.Frequency] {
        let total = table.entries.reduce(0) { $0 + $1.count } + beyondCount
        let order = table.entries.indices.sorted {
            let (first, second) = (table.entries[$0].count, table.entries[$1].count)
            return first != second ? first > second : $0 < $1
        }
        return order.prefix(count).map { index in
            let entry = table.entries[index]
            return .init(
                value: entry.spelling,
                count: entry.count,
                share: Double(entry.count) / Double(max(1, total))
            )
        }
    }

    /// How many values the table has no room for.
    var beyondCount: Int { TextScan.Kind.allCases.reduce(0) { $0 + beyond[$1] } }

    private func spread(_ facts: ColumnFacts, _ guess: ColumnGuess) -> ColumnProfile.Spread? {
        let kinds: Set<TextScan.Kind>
        if guess.meaning == .time, guess.timeFormat == nil {
            kinds = facts.isPlainNumber ? TextScan.Kind.numbers : [.time]
        } else if facts.isPlainNumber || guess.meaning == .numeric {
            kinds = TextScan.Kind.numbers
        } else {
            return nil
        }
        if case .list = type { return nil }
        return Self.spread(
            table.entries.filter { kinds.contains($0.kind) && $0.number.isFinite }
                .map { ($0.number, $0.count) },
            beyond: table.isExact ? nil : numbersBeyond,
            sample: sample.values
        )
    }

    /// The spread of counted numbers, and of numbers beyond those of which a sample is known.
    static func spread(
        _ counted: [(number: Double, count: Int)],
        beyond: NumberRange?,
        sample: [Double]
    ) -> ColumnProfile.Spread? {
        var range = beyond ?? NumberRange()
        for (number, count) in counted { range.add(number, count: count) }
        guard range.count > 0 else { return nil }
        let isExact = (beyond?.count ?? 0) == 0
        let sorted =
            isExact
            ? counted.sorted { $0.number < $1.number } : sample.sorted().map { ($0, 1) }
        return .init(
            count: range.count,
            minimum: range.minimum,
            quantiles: quantiles(ColumnProfile.Spread.levels, of: sorted),
            maximum: range.maximum,
            mean: range.mean,
            isExact: isExact
        )
    }

    /// Quantiles of sorted numbers, each there so many times.
    ///
    /// Position `q (n - 1)` in sorted order, interpolated between neighbours: NumPy's default.
    static func quantiles(_ levels: [Double], of sorted: [(Double, Int)]) -> [Double] {
        let total = sorted.reduce(0) { $0 + $1.1 }
        func value(at rank: Int) -> Double {
            var before = 0
            for (number, count) in sorted {
                before += count
                if rank < before { return number }
            }
            return sorted.last?.0 ?? .nan
        }
        return levels.map { level in
            let position = level * Double(total - 1)
            let low = value(at: Int(position))
            let high = value(at: min(Int(position) + 1, total - 1))
            return low + (high - low) * (position - position.rounded(.down))
        }
    }

    /// How many values texts with a separator have.
    private func tokenSpread(_ separator: String?) -> ColumnProfile.Spread? {
        guard let mark = separator?.first, let place = TextShape.marks.firstIndex(of: mark) else {
            return nil
        }
        var spread = Self.spread(
            table.entries.filter { $0.kind != .missing }
                .map { (Double($0.marks[place]) + 1, $0.count) },
            beyond: nil,
            sample: []
        )
        spread?.isExact = table.isExact
        return spread
    }

    private var lengthSpread: ColumnProfile.Spread? {
        guard case .list = type, listLengths.count > 0 else { return nil }
        return Self.spread(listLengths.map { (Double($0.key), $0.value) }, beyond: nil, sample: [])
    }
}

extension ValueTable.Entry {
    /// The value as text.
    var spelling: String {
        if !text.isEmpty { return text }
        switch kind {
        case .boolean: return number == 1 ? "true" : "false"
        case .time: return TimeValue.spelled(microseconds: Int64((number * 1e6).rounded()))
        default: return shortNumber(number)
        }
    }
}

extension TextScan.Kind {
    /// The kinds that are numbers, perhaps after a repair.
    static let numbers: Set<TextScan.Kind> = [
        .integer, .paddedInteger, .decimal, .commaNumber, .groupedNumber,
    ]
}

extension ColumnProfile {
    /// A column whose type cannot be read.
    init(unsupported column: PeekedColumn, rows: Int) {
        self.init(
            name: column.name,
            type: column.typeName,
            rows: rows,
            missing: 0,
            distinct: .init(value: 0, isExact: true),
            notANumber: 0,
            infinite: 0,
            frequent: [],
            examples: [],
            missingWords: [],
            guess: ColumnGuess(.unsupported, "", because: "the type cannot be read"),
            notes: ["The type \(column.typeName) cannot be read; the column was left out."]
        )
    }
}

extension [ColumnProfile] {
    /// Where a column's name says that it is the answer, one that only stands last is none.
    mutating func preferNamedLabels() {
        guard contains(where: { $0.guess.label?.isNamed == true }) else { return }
        for index in indices
        where self[index].guess.meaning == .label && self[index].guess.label?.isNamed == false {
            self[index].guess.meaning = .categorical
            self[index].guess.reason.replace("; the last column", with: "")
        }
    }

    /// Finds for each sequence the column whose values it holds: items bought and the item itself.
    mutating func findSharing(_ profilers: [ColumnProfiler]) {
        for index in indices where self[index].guess.meaning == .sequence {
            guard let sequence = profilers.first(where: { $0.name == self[index].name }) else {
                continue
            }
            let tokens = sequence.tokenHashes(separator: self[index].guess.separator)
            guard !tokens.isEmpty else { continue }
            let owners = filter { $0.guess.meaning == .categorical }.compactMap { column in
                profilers.first { $0.name == column.name }
            }
            let found = owners.map { owner in
                (owner, known: tokens.count { owner.table.contains($0) })
            }
            guard let best = found.max(by: { $0.known < $1.known }),
                best.known * 2 >= tokens.count, best.0.table.distinct > 2
            else { continue }
            self[index].guess.shares = best.0.name
            self[index].guess.reason +=
                "; \(percentText(best.known, of: tokens.count)) of its values are those of "
                + best.0.name
        }
    }
}
