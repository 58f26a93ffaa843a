/// `1 value is`, `2,000 values are`.
private func values(_ count: Int, _ one: String, _ many: String) -> String {
    count == 1 ? "1 value \(one)" : "\(grouped(count)) values \(many)"
}

/// What a person should know before they use a column.
struct ColumnNotes {
    /// The sentences.
    private(set) var sentences: [String] = []

    init(_ facts: ColumnFacts, _ column: ColumnProfile) {
        let rows = column.rows
        switch column.guess.meaning {
        case .empty:
            sentences.append("No row has a value.")
            return
        case .constant:
            let value = column.frequent.first.map { "`\($0.value)`" } ?? "one value"
            sentences.append("Every value is \(value): a model learns nothing from it.")
        default: break
        }
        if column.missing * 2 > rows {
            sentences.append("\(percentText(column.missing, of: rows)) of the rows have no value.")
        }
        if column.notANumber > 0 {
            sentences.append(
                "\(values(column.notANumber, "is", "are")) NaN, which counts as missing later on."
            )
        }
        if column.infinite > 0, column.guess.meaning == .numeric {
            sentences.append(
                "\(values(column.infinite, "is", "are")) infinite: `infinity: missing` treats them as "
                    + "missing."
            )
        }
        addText(facts, column)
        if let format = column.guess.timeFormat {
            sentences.append(
                "Dates such as \(facts.texts[0]) are read with `csv: { timestamp_formats: "
                    + "[\"\(format)\"] }`; check the order of day and month."
            )
        }
    }

    private mutating func addText(_ facts: ColumnFacts, _ column: ColumnProfile) {
        let repairs = column.guess.repairs
        let commas = facts.kinds[.commaNumber, .groupedNumber]
        if column.guess.meaning == .numeric {
            let words = facts.unreadable
            if !words.isEmpty {
                let count = words.reduce(0) { $0 + $1.count }
                sentences.append(
                    "\(values(count, "is no number", "are not numbers")): "
                        + words.prefix(3).map { "`\($0.text)` (\(grouped($0.count)))" }
                        .joined(separator: ", ") + (words.count > 3 ? ", ..." : "")
                        + ". The draft takes \(count == 1 ? "it" : "them") for missing: look whether that is so."
                )
            }
            if commas > 0 {
                let kind =
                    repairs.contains(.decimalComma) ? "a decimal comma" : "commas in thousands"
                sentences.append(
                    "\(values(commas, "has", "have")) \(kind): a `repair` rule reads them."
                )
            }
        } else if repairs.contains(.trim) {
            sentences.append(
                "\(values(facts.kinds.padded, "has", "have")) blanks around: a `repair` rule with `trim` "
                    + "takes them away."
            )
        }
        if column.guess.detail == "code" {
            sentences.append("Zeros before the number count: 007 is not 7.")
        }
        if let sentinel = column.guess.sentinel {
            sentences.append(
                "Only \(shortNumber(sentinel)) is below 0: it seems to stand for a missing value. The "
                    + "draft has a `range` rule that takes it so."
            )
        }
    }

    /// Words that often stand for a missing value in columns of text, where they are values.
    static func missingWords(
        _ facts: ColumnFacts,
        _ column: ColumnProfile
    ) -> [ColumnProfile.Frequency] {
        guard facts.isUntyped || facts.type.isText,
            [.categorical, .text, .label].contains(column.guess.meaning)
        else { return [] }
        return column.frequent.filter { words.contains($0.value.trimmed.lowercased()) }
            .map { .init(value: $0.value.trimmed, count: $0.count, share: $0.share) }
    }

    private static let words: Set<String> = [
        "?", "-", "--", "na", "n/a", "#n/a", "null", "none", "nan", "\\n", "(null)", "missing",
    ]
}
