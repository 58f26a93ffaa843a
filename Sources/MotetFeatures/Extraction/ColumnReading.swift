package import MotetData

/// How a column of numbers writes times; columns of times need no unit.
public enum TimeUnit: String, CaseIterable, Hashable, Sendable {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    case seconds
    /// Milliseconds since then.
    case milliseconds

    fileprivate var milliseconds: Int64 { self == .seconds ? 1_000 : 1 }
}

/// Reads columns of any type as the names of users, items and the like.
///
/// Whole numbers are taken as they are printed, `17850.0` as `17850`, so the same name comes out of a file
/// that keeps it as text and of one that keeps it as a number.
package final class NameReader {
    private var printed: [Int64: String] = [:]

    /// Creates a reader.
    package init() {}

    /// The names of a column; nil where one is missing or empty.
    package func names(_ column: ArrowColumn) throws(FeatureError) -> [String?] {
        let rows = 0..<column.count
        switch column.type {
        case .dictionary:
            let texts = column.dictionary
            let distinct = (0..<texts.count).map { texts.text(at: $0) ?? "" }
            return column.withValues(of: Int32.self) { codes in
                rows.map { row in
                    guard column.isValid(row) else { return nil }
                    let text = distinct[Int(codes[row])]
                    return text.isEmpty ? nil : text
                }
            }
        case .string:
            return rows.map { row in column.text(at: row).flatMap { $0.isEmpty ? nil : $0 } }
        case .float32, .float64:
            let numbers = doubles(column)
            return numbers.map { number in
                guard !number.isNaN else { return nil }
                return Int64(exactly: number).map { print($0) } ?? "\(number)"
            }
        case .list:
            throw FeatureError(
                .featureRow,
                "column \"\(column.name)\": lists; expected a name or a number in every row."
            )
        case .uint64:
            // Hashes may be greater than any int64.
            return column.withValues(of: UInt64.self) { values in
                rows.map { column.isValid($0) ? String(values[$0]) : nil }
            }
        default:
            var numbers = [Int64](repeating: 0, count: column.count)
            numbers.withUnsafeMutableBufferPointer { _ = column.copyIntegers(into: $0) }
            return rows.map { column.isValid($0) ? print(numbers[$0]) : nil }
        }
    }

    private func print(_ number: Int64) -> String {
        if let known = printed[number] { return known }
        // A column of ever new numbers is not worth remembering.
        if printed.count > 1_000_000 { printed.removeAll() }
        let text = String(number)
        printed[number] = text
        return text
    }
}

/// The numbers of a column, NaN where one is missing.
private func doubles(_ column: ArrowColumn) -> [Double] {
    var numbers = [Double](repeating: .nan, count: column.count)
    numbers.withUnsafeMutableBufferPointer { column.copyDoubles(into: $0) }
    return numbers
}

/// The numbers of a column of numbers, NaN where one is missing.
package func numbers(_ column: ArrowColumn) throws(FeatureError) -> [Double] {
    switch column.type {
    case .string, .dictionary, .list:
        throw FeatureError(
            .featureRow,
            "column \"\(column.name)\": not numbers; expected a number in every row; received "
                + "\(column.type)."
        )
    default: return doubles(column)
    }
}

/// The times of a column in milliseconds since 1970, nil where one is missing or beyond all bounds.
package func times(_ column: ArrowColumn, _ unit: TimeUnit) throws(FeatureError) -> [Int64?] {
    switch column.type {
    case .string, .dictionary, .list, .boolean:
        throw FeatureError(
            .featureRow,
            "column \"\(column.name)\": not times; expected times, or seconds or milliseconds since 1970; "
                + "received \(column.type)."
        )
    case .float32, .float64:
        return doubles(column).map { number in
            let time = (number * Double(unit.milliseconds)).rounded()
            return abs(time) < 1e15 ? Int64(time) : nil
        }
    default:
        var numbers = [Int64](repeating: 0, count: column.count)
        numbers.withUnsafeMutableBufferPointer { _ = column.copyIntegers(into: $0) }
        return (0..<column.count).map { row in
            guard column.isValid(row) else { return nil }
            // Columns of times are in microseconds.
            if column.type == .timestamp { return numbers[row] / 1_000 }
            let (time, overflow) = numbers[row].multipliedReportingOverflow(by: unit.milliseconds)
            return overflow ? nil : time
        }
    }
}

extension TableSource {
    /// A reader of some columns, texts by their numbers in a list.
    package func reader(of names: [String]) throws -> TableReader {
        let types = Dictionary(
            try columns().map { ($0.name, $0.type) },
            uniquingKeysWith: { first, _ in first }
        )
        return try TableReader(
            self,
            columns: names.map { name in
                ColumnRequest(name, type: types[name] == .string ? .dictionary : nil)
            }
        )
    }
}
