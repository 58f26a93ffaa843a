import Foundation

/// Repairs of the spellings found in copies of the file.
struct RetailRepairs {
    /// A value, and whether its spelling had to be repaired.
    struct Repaired<Value: Hashable>: Hashable {
        let value: Value
        let isRepaired: Bool
    }

    /// A product code without blanks around it, in capitals: `85123a ` is `85123A`.
    func code(_ text: String) -> Repaired<String> {
        let code = text.trimmingCharacters(in: .whitespaces).uppercased()
        return Repaired(value: code, isRepaired: code != text)
    }

    /// A customer code without the fraction that spreadsheets add: `17850.0` is `17850`.
    func customer(_ text: String) -> Repaired<String> {
        var code = text.trimmingCharacters(in: .whitespaces)
        if code.hasSuffix(".0") { code.removeLast(2) }
        return Repaired(value: code, isRepaired: code != text)
    }

    /// A number with a decimal point or comma; nil where it is none.
    func number(_ text: String) -> Repaired<Float?> {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        if let value = Float(trimmed), value.isFinite {
            return Repaired(value: value, isRepaired: false)
        }
        let parts = trimmed.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, !trimmed.contains("."),
            let value = Float(parts[0] + "." + parts[1]), value.isFinite
        else { return Repaired(value: nil, isRepaired: false) }
        return Repaired(value: value, isRepaired: true)
    }

    /// Whether a code is that of a product, five digits and perhaps letters, and not of postage,
    /// a fee, a discount or a manual correction.
    static func isProduct(_ code: String) -> Bool {
        let digits = code.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.count >= 5
    }
}

/// A moment as the file writes it: `2010-12-01 08:26:00` or `12/1/2010 8:26`.
struct RetailTime: Hashable {
    /// Days since 1970-01-01.
    let day: Int
    /// Minutes since midnight.
    let minute: Int

    /// Reads a moment, or nil.
    init?(_ text: String) {
        let halves = text.split(whereSeparator: { $0 == " " || $0 == "T" })
        guard halves.count == 2 else { return nil }
        let clock = halves[1].split(separator: ":").compactMap { Int($0) }
        let isAmerican = halves[0].contains("/")
        let date = halves[0].split(separator: isAmerican ? "/" : "-").compactMap { Int($0) }
        guard clock.count >= 2, date.count == 3, (0..<24).contains(clock[0]),
            (0..<60).contains(clock[1])
        else { return nil }
        let (year, month, dayOfMonth) =
            isAmerican ? (date[2], date[0], date[1]) : (date[0], date[1], date[2])
        guard (1...12).contains(month), (1...31).contains(dayOfMonth) else { return nil }
        day = RetailTime.day(year: year, month: month, day: dayOfMonth)
        minute = clock[0] * 60 + clock[1]
    }

    /// Days from 1970-01-01 in the Gregorian calendar.
    ///
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    ///   <https://howardhinnant.github.io/date_algorithms.html>
    static func day(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    /// The month of a day, from 1.
    static func month(ofDay day: Int) -> Int {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        return part < 10 ? part + 3 : part - 9
    }
}
