import MotetCore

/// What values the fields of an event may have.
public enum EventLimits {
    /// Milliseconds since 1970: from March 1973, so that seconds are told from milliseconds, to 2100.
    public static let times: ClosedRange<Int64> = 100_000_000_000...4_102_444_800_000
    /// The most bytes of an id, and of the name of a user, item, category or scenario, in UTF-8.
    public static let nameBytes = 256
    /// The most bytes of a query in UTF-8.
    public static let queryBytes = 1_024
    /// The greatest quantity and the greatest price of one piece.
    public static let greatestNumber = 1e9
    /// The greatest product of the two.
    public static let greatestAmount = 1e12
}

extension Event {
    /// Checks that every field is in its range.
    ///
    /// - Parameter latest: the latest time an event may have, such as a few minutes from now; nil for any.
    /// - Throws: ``EventError`` with the code `event_field_range` or `event_field_missing`.
    public func check(latest: Int64? = nil) throws(EventError) {
        try Self.checkName(id, "id")
        try Self.checkName(user, "user")
        try Self.checkName(item, "item")
        try Self.checkName(category, "category")
        try Self.checkName(scenario, "scenario")
        if let query {
            try Self.checkText(query, "query", EventLimits.queryBytes)
        }
        try checkTime(latest: latest)
        if item == nil, kind != .search {
            throw EventError(
                .eventFieldMissing,
                field: "item",
                "missing; expected the item of the \(kind.rawValue); only a search may have none."
            )
        }
        let numbers = 0...EventLimits.greatestNumber
        try Self.checkNumber(quantity, "quantity", numbers)
        if let price {
            try Self.checkNumber(price, "price", numbers)
            try Self.checkNumber(price * quantity, "price", 0...EventLimits.greatestAmount)
        }
    }

    private func checkTime(latest: Int64?) throws(EventError) {
        guard EventLimits.times.contains(time) else {
            let hint =
                (1_000_000...9_999_999_999).contains(time)
                ? " This looks like seconds: multiply by 1000." : ""
            throw EventError(
                .eventFieldRange,
                field: "time",
                "out of range; expected milliseconds since 1970 from \(EventLimits.times.lowerBound) "
                    + "to \(EventLimits.times.upperBound); received \(time).\(hint)"
            )
        }
        if let latest, time > latest {
            throw EventError(
                .eventFieldRange,
                field: "time",
                "in the future; expected at most \(latest); received \(time). Check the clock."
            )
        }
    }

    static func checkName(_ name: String?, _ field: String) throws(EventError) {
        guard let name else { return }
        try checkText(name, field, EventLimits.nameBytes)
        guard !name.utf8.contains(UInt8(ascii: "|")) else {
            throw EventError(
                .eventFieldRange,
                field: field,
                "holds a `|`, which separates the values of sequences; expected a name without it."
            )
        }
    }

    private static func checkText(
        _ text: String,
        _ field: String,
        _ limit: Int
    ) throws(EventError) {
        let bytes = text.utf8
        guard (1...limit).contains(bytes.count) else {
            throw EventError(
                .eventFieldRange,
                field: field,
                "of a wrong length; expected 1 to \(limit) bytes of UTF-8; received \(bytes.count)."
            )
        }
        // All control characters of ASCII are one byte, and no byte of another character is below 32.
        guard !bytes.contains(where: { $0 < 32 || $0 == 127 }) else {
            throw EventError(
                .eventFieldRange,
                field: field,
                "holds a control character; expected printable text."
            )
        }
    }

    private static func checkNumber(
        _ value: Double,
        _ field: String,
        _ range: ClosedRange<Double>
    ) throws(EventError) {
        guard range.contains(value) else {
            throw EventError(
                .eventFieldRange,
                field: field,
                "out of range; expected a number from 0 to \(Int(range.upperBound)); received \(value)."
            )
        }
    }
}
