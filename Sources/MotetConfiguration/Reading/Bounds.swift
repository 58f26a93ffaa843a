/// The range a number must lie in: `.atLeast(1)`, `.above(0)`, `.between(0, 1)`.
public struct Bounds<Number: Comparable & Sendable>: Sendable {
    /// The words of the range, such as `at least 1`; empty if any number will do.
    let constraint: String
    private let accepts: @Sendable (Number) -> Bool

    /// Whether a number lies in the range.
    public func contains(_ number: Number) -> Bool { accepts(number) }

    /// Any number.
    public static var any: Bounds { Bounds(constraint: "") { _ in true } }

    /// Numbers from a lower end on.
    public static func atLeast(_ lower: Number) -> Bounds {
        Bounds(constraint: "at least \(lower)") { $0 >= lower }
    }

    /// Numbers up to an upper end.
    public static func atMost(_ upper: Number) -> Bounds {
        Bounds(constraint: "at most \(upper)") { $0 <= upper }
    }

    /// Numbers greater than a lower end.
    public static func above(_ lower: Number) -> Bounds {
        Bounds(constraint: "greater than \(lower)") { $0 > lower }
    }

    /// Numbers from a lower to an upper end, both included.
    public static func between(_ lower: Number, _ upper: Number) -> Bounds {
        Bounds(constraint: "from \(lower) to \(upper)") { lower <= $0 && $0 <= upper }
    }

    /// Numbers from a lower end up to, but not including, an upper end.
    public static func from(_ lower: Number, below upper: Number) -> Bounds {
        Bounds(constraint: "at least \(lower) and less than \(upper)") { lower <= $0 && $0 < upper }
    }

    /// Numbers strictly between two ends.
    public static func strictlyBetween(_ lower: Number, _ upper: Number) -> Bounds {
        Bounds(constraint: "greater than \(lower) and less than \(upper)") {
            lower < $0 && $0 < upper
        }
    }
}
