extension ColumnProfile {
    /// A number of the column's spread as a person reads it: a date for times, else the number.
    public func spelled(_ number: Double) -> String {
        guard guess.meaning == .time else { return Self.spelled(number, groups: true) }
        let units = [
            "date": 1e6, "seconds since 1970": 1e6, "milliseconds since 1970": 1e3,
            "microseconds since 1970": 1, "nanoseconds since 1970": 1e-3,
        ]
        guard let unit = units[guess.detail] else { return Self.spelled(number, groups: false) }
        return TimeValue.spelled(microseconds: Int64((number * unit).rounded()))
    }

    /// A number with four digits that matter, or all of a whole one.
    static func spelled(_ number: Double, groups: Bool) -> String {
        if number == number.rounded(), abs(number) < 1e15 {
            return groups ? grouped(Int(number)) : String(Int(number))
        }
        let size = abs(number)
        guard size >= 1e-4, size < 1e15 else { return exponent(number) }
        if size >= 1_000 {
            return groups ? grouped(Int(number.rounded())) : String(Int(number.rounded()))
        }
        // As many decimals as make four digits, zeros at the end left out.
        var (decimals, scale) = (0, size)
        while scale < 1_000, decimals < 8 {
            scale *= 10
            decimals += 1
        }
        let power = (0..<decimals).reduce(1.0) { value, _ in value * 10 }
        return String((number * power).rounded() / power).dropLastZero
    }

    private static func exponent(_ number: Double) -> String {
        var (digits, power) = (number, 0)
        while abs(digits) >= 10 {
            digits /= 10
            power += 1
        }
        while abs(digits) < 1 {
            digits *= 10
            power -= 1
        }
        return String((digits * 1_000).rounded() / 1_000).dropLastZero + "e\(power)"
    }

    /// What the column seems to be for, in words.
    public var meaningText: String {
        switch guess.meaning {
        case .label: "label (\(guess.detail))"
        case .categorical: "categorical (\(guess.detail))"
        case .numeric: guess.detail
        case .sequence: "sequence (\(guess.detail))"
        case .time: guess.detail == "date" ? "time" : "time (\(guess.detail))"
        case .rowIdentifier: guess.detail.isEmpty ? "row id" : guess.detail
        case .weight: "weight of the row"
        case .text: "free text"
        case .constant: "constant"
        case .empty: "empty"
        case .unsupported: "cannot be read"
        }
    }

    /// The number of different values, with `~` before an estimate.
    public var distinctText: String { (distinct.isExact ? "" : "~") + grouped(distinct.value) }

    /// The missing values and their share.
    public var missingText: String {
        missing == 0 ? "-" : "\(grouped(missing)) (\(percentText(missing, of: rows)))"
    }

    /// The most frequent values with their share, or examples where nearly every value differs.
    public var valuesText: String {
        func short(_ text: String) -> String {
            let line = text.trimmed.split(whereSeparator: \.isNewline).joined(separator: " ")
            return line.count > 28 ? line.prefix(27) + "…" : line
        }
        switch guess.meaning {
        case .empty, .unsupported: return ""
        case .label, .categorical, .constant, .sequence:
            return frequent.prefix(3).map { "\(short($0.value)) \(shareText($0))" }
                .joined(separator: ", ")
        case .numeric, .weight:
            return frequent.prefix(1).filter { $0.share >= 0.1 }
                .map { "\(short($0.value)) \(shareText($0))" }.joined()
        case .rowIdentifier, .text:
            let shown = examples.isEmpty ? frequent.map(\.value) : examples
            return "such as " + shown.prefix(2).map(short).joined(separator: ", ")
        case .time: return ""
        }
    }

    private func shareText(_ value: Frequency) -> String {
        percentText(value.count, of: Int((Double(value.count) / value.share).rounded()))
    }
}

extension String {
    fileprivate var dropLastZero: String { hasSuffix(".0") ? String(dropLast(2)) : self }
}

extension TableProfile {
    /// The rows, columns and files in one line.
    public var headline: String {
        let size =
            files.count == 1 ? files[0] : "\(grouped(files.count)) files, the first \(files[0])"
        return "\(isPartial ? "the first " : "")\(grouped(rows)) rows, \(columns.count) columns "
            + "(\(format)): \(size)"
    }

    /// How counts that were not exact were made, one sentence each.
    public var methods: [String] {
        var methods: [String] = []
        if isPartial {
            methods.append("Only the first \(grouped(rows)) rows were looked at, as asked.")
        }
        if columns.contains(where: { !$0.distinct.isExact }) {
            methods.append(
                "~ different values: beyond \(grouped(limits.distinct)) an estimate (HyperLogLog, "
                    + "standard error 0.8 %); then the most frequent are among the first "
                    + "\(grouped(limits.distinct)) to appear."
            )
        }
        if columns.contains(where: { $0.spread?.isExact == false }) {
            methods.append(
                "~ quantiles: from a seeded sample of \(grouped(limits.sample)) of the column's "
                    + "numbers; the least and greatest are exact."
            )
        }
        if duplicatesAmong < rows {
            methods.append("Equal rows: found among the first \(grouped(duplicatesAmong)) rows.")
        }
        return methods
    }
}
