/// How the texts of a column are built: several values with a separator, dates, sentences.
enum TextShape {
    /// The separators looked for, the surest first.
    static let marks: [Character] = ["|", ";", ",", " "]

    /// How often each separator stands in a text.
    static func marks(in bytes: UnsafeBufferPointer<UInt8>) -> SIMD4<UInt16> {
        var counts = SIMD4<UInt16>()
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "|"): counts[0] += counts[0] < .max ? 1 : 0
            case UInt8(ascii: ";"): counts[1] += counts[1] < .max ? 1 : 0
            case UInt8(ascii: ","): counts[2] += counts[2] < .max ? 1 : 0
            case UInt8(ascii: " "): counts[3] += counts[3] < .max ? 1 : 0
            default: continue
            }
        }
        return counts
    }

    /// A separator that parts most of some texts into values that come again.
    ///
    /// - Parameters:
    ///   - texts: different texts of the column.
    ///   - isNamed: whether the column's name speaks for several values.
    /// - Returns: the separator and the share of texts that hold it; nil where there is none.
    static func separator(_ texts: [String], isNamed: Bool) -> (mark: Character, share: Double)? {
        guard texts.count >= 2 else { return nil }
        for mark in marks {
            let parted = texts.filter { $0.contains(mark) }
            let share = Double(parted.count) / Double(texts.count)
            let least = isNamed ? 0.02 : mark == "|" || mark == ";" ? 0.1 : 0.3
            guard share >= least, parted.count >= 2, isList(texts, mark) else { continue }
            return (mark, share)
        }
        return nil
    }

    private static func isList(_ texts: [String], _ mark: Character) -> Bool {
        var seen: Set<Substring> = []
        var (count, codes, words) = (0, 0, 0)
        for text in texts {
            let body =
                text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
            for token in body.split(separator: mark) {
                // `Smith, John`: prose puts a blank behind its commas, lists of codes need not.
                if mark != " ", token.first == " ", !body.hasPrefix("["), mark == "," { words += 1 }
                let token = token.drop { $0 == " " }
                guard token.count <= 40 else { return false }
                count += 1
                if token.contains(where: \.isNumber) { codes += 1 }
                seen.insert(token)
            }
        }
        guard count > 0, words * 10 < count else { return false }
        let comesAgain = Double(count) >= 1.3 * Double(seen.count)
        // Blanks and commas stand between words too, so that only codes count there.
        if mark == " " { return codes * 20 >= count * 19 && comesAgain }
        if mark == "," { return comesAgain || codes * 20 >= count * 19 }
        return comesAgain || codes * 20 >= count * 19
    }

    /// Whether texts are sentences rather than names.
    static func isProse(_ texts: [String]) -> Bool {
        guard !texts.isEmpty else { return false }
        let words = texts.reduce(0) { $0 + $1.split(separator: " ").count }
        return Double(words) / Double(texts.count) >= 4
    }

    /// The `strptime` format of dates that are not written as ISO 8601.
    static func timeFormat(_ texts: [String]) -> String? {
        let dates = texts.prefix(500).compactMap(DateParts.init)
        guard dates.count >= 1, dates.count == min(500, texts.count),
            let first = dates.first, dates.allSatisfy({ $0.isLike(first) })
        else { return nil }
        let (one, two) = (
            dates.map { $0.numbers[0] }.max() ?? 0, dates.map { $0.numbers[1] }.max() ?? 0
        )
        let mark = String(first.mark)
        var date: String
        if first.yearIsFirst {
            guard two <= 12 else { return nil }
            date = ["%Y", "%m", "%d"].joined(separator: mark)
        } else {
            let dayFirst = one > 12 || (two <= 12 && mark != "/")
            guard dayFirst ? (one <= 31 && two <= 12) : (one <= 12 && two <= 31) else { return nil }
            date = (dayFirst ? ["%d", "%m", "%Y"] : ["%m", "%d", "%Y"]).joined(separator: mark)
        }
        if let clock = first.clockFields { date += clock == 2 ? " %H:%M" : " %H:%M:%S" }
        return date
    }

    /// The numbers of a date such as `12/1/2010 8:26`.
    private struct DateParts {
        var numbers: [Int]
        var mark: Character
        var yearIsFirst: Bool
        var clockFields: Int?

        init?(_ text: String) {
            let halves = text.split(separator: " ", omittingEmptySubsequences: false)
            guard (1...2).contains(halves.count),
                let mark = (["/", ".", "-"] as [Character]).first(where: halves[0].contains)
            else { return nil }
            let fields = halves[0].split(separator: mark, omittingEmptySubsequences: false)
            let numbers = fields.compactMap { Int($0) }
            guard fields.count == 3, numbers.count == 3,
                numbers.allSatisfy({ (1...9_999).contains($0) }),
                (fields[0].count == 4) != (fields[2].count == 4)
            else { return nil }
            self.numbers = numbers
            self.mark = mark
            yearIsFirst = fields[0].count == 4
            guard halves.count == 2 else { return }
            let clock = halves[1].split(separator: ":", omittingEmptySubsequences: false)
            guard (2...3).contains(clock.count),
                clock.allSatisfy({ Int($0).map { (0..<60).contains($0) } ?? false })
            else { return nil }
            clockFields = clock.count
        }

        func isLike(_ other: DateParts) -> Bool {
            mark == other.mark && yearIsFirst == other.yearIsFirst
                && clockFields == other.clockFields
        }
    }
}

extension ColumnProfiler {
    /// The hashes of the values that a sequence's first rows hold.
    func tokenHashes(separator: String?) -> [UInt64] {
        guard let mark = separator?.first else {
            if case .list = type {
                return table.entries.prefix(1_000).map { entry in
                    entry.text.isEmpty ? Self.hash(entry.number) : ValueHash.hash(of: entry.text)
                }
            }
            return []
        }
        var seen: Set<String> = []
        for text in texts where seen.count < 1_000 {
            for token in text.split(separator: mark) {
                seen.insert(token.trimmingPrefix(while: { $0 == " " || $0 == "[" }).trimmedEnd)
            }
        }
        return seen.map { ValueHash.hash(of: $0) }
    }
}

extension Substring {
    fileprivate var trimmedEnd: String {
        var rest = self
        while let last = rest.last, last == " " || last == "]" { rest.removeLast() }
        return String(rest)
    }
}
