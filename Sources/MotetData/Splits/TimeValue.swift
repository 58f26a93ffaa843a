/// Reading dates as seconds since 1970-01-01 00:00:00 UTC.
enum TimeValue {
    /// The seconds of a date (`2011-10-01`, with `T` or a blank and `12:30`, `12:30:45` or
    /// `12:30:45.25`, with `Z` or an offset such as `+02:00`), or a plain number as it is.
    static func parse(_ text: String) -> Double? {
        let text = text.trimmed
        if let number = Double(text) { return number.isFinite ? number : nil }
        var scanner = DigitScanner(bytes: Array(text.utf8))
        guard let year = scanner.number(digits: 4), scanner.skip("-"),
            let month = scanner.number(digits: 2), scanner.skip("-"),
            let day = scanner.number(digits: 2), (1...12).contains(month),
            (1...daysIn(month: month, year: year)).contains(day)
        else { return nil }
        let seconds = Double(daysSince1970(year: year, month: month, day: day)) * 86_400
        if scanner.isAtEnd { return seconds }
        guard scanner.skip("T") || scanner.skip(" "), let hour = scanner.number(digits: 2),
            scanner.skip(":"), let minute = scanner.number(digits: 2), hour < 24, minute < 60
        else { return nil }
        var time = Double(hour * 3_600 + minute * 60)
        if scanner.skip(":") {
            guard let second = scanner.number(digits: 2), second < 60 else { return nil }
            time += Double(second)
            if scanner.skip(".") {
                guard let fraction = scanner.fraction() else { return nil }
                time += fraction
            }
        }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        return seconds + time - offset
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar.
    ///
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    ///   <https://howardhinnant.github.io/date_algorithms.html>
    static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}

/// Walks over the digits of a date.
private struct DigitScanner {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else {
            return false
        }
        position += 1
        return true
    }

    mutating func number(digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + digits] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        position += digits
        return value
    }

    mutating func fraction() -> Double? {
        var value = 0.0
        var scale = 0.1
        let start = position
        while position < bytes.count, (48...57).contains(bytes[position]) {
            value += Double(bytes[position] - 48) * scale
            scale /= 10
            position += 1
        }
        return position > start ? value : nil
    }

    /// The seconds east of UTC; 0 where nothing is written; nil where it is written wrongly.
    mutating func offset() -> Double? {
        if skip("Z") { return 0 }
        let sign: Double
        if skip("+") {
            sign = 1
        } else if skip("-") {
            sign = -1
        } else {
            return 0
        }
        guard let hours = number(digits: 2) else { return nil }
        _ = skip(":")
        guard let minutes = number(digits: 2) else { return nil }
        return sign * Double(hours * 3_600 + minutes * 60)
    }
}

extension TimeValue {
    /// A time as text: the date alone at midnight, else date and time to the second.
    static func spelled(microseconds: Int64) -> String {
        let days = (Double(microseconds) / 86_400e6).rounded(.down)
        let seconds = Int((Double(microseconds) / 1e6).rounded(.down)) - Int(days) * 86_400
        // civil_from_days of the same source.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        guard seconds != 0 else { return date }
        let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return date + " " + clock.joined(separator: ":")
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(abs(number))
        let zeros = String(repeating: "0", count: max(0, digits - text.count))
        return (number < 0 ? "-" : "") + zeros + text
    }
}
