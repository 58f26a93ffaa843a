/// An amount of money in millionths of the shop's currency, so that sums are exact.
///
/// Prices of a click come out of divisions; a budget that is charged a million of them must not drift.
public struct Money: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The amount in millionths.
    public var micros: Int64

    /// Nothing.
    public static let zero = Money(micros: 0)

    /// Creates an amount.
    ///
    /// - Parameter micros: millionths of the currency.
    public init(micros: Int64) { self.micros = micros }

    /// Creates an amount, rounded to the nearest millionth.
    ///
    /// - Parameter units: the amount in the currency; from -9e12 to 9e12, else the nearest of these.
    public init(_ units: Double) {
        self.init(micros: Int64((Swift.min(Swift.max(units, -9e12), 9e12) * 1e6).rounded()))
    }

    /// The amount in the currency.
    public var units: Double { Double(micros) / 1e6 }

    /// The amount in the currency, with its millionths.
    public var description: String { "\(units)" }

    /// Whether one amount is less than another.
    public static func < (left: Money, right: Money) -> Bool { left.micros < right.micros }

    /// The sum of two amounts.
    public static func + (left: Money, right: Money) -> Money {
        Money(micros: left.micros + right.micros)
    }

    /// The difference of two amounts.
    public static func - (left: Money, right: Money) -> Money {
        Money(micros: left.micros - right.micros)
    }

    /// Adds an amount.
    public static func += (left: inout Money, right: Money) { left.micros += right.micros }
}
