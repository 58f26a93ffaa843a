/// A number of units in thousandths, so that sums are exact in every order.
public struct UnitCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The greatest number of units of one line or forecast.
    public static let greatest = 1e12
    /// None.
    public static let zero = UnitCount(thousandths: 0)

    /// The number in thousandths.
    public var thousandths: Int64

    /// Creates a number from its thousandths.
    public init(thousandths: Int64) { self.thousandths = thousandths }

    /// Creates a number, rounded to the nearest thousandth.
    ///
    /// - Parameter units: the number; nil comes out for one that is not finite or beyond ``greatest``.
    public init?(_ units: Double) {
        guard abs(units) <= Self.greatest else { return nil }
        thousandths = Int64((units * 1000).rounded())
    }

    /// The number of units.
    public var units: Double { Double(thousandths) / 1000 }

    /// The number with its thousandths.
    public var description: String { "\(units)" }

    /// Whether one number is less than another.
    public static func < (left: UnitCount, right: UnitCount) -> Bool {
        left.thousandths < right.thousandths
    }

    /// The sum of two numbers.
    ///
    /// - Throws: ``ForecastError`` where it is too great to be kept.
    public func adding(_ other: UnitCount) throws(ForecastError) -> UnitCount {
        let (sum, overflow) = thousandths.addingReportingOverflow(other.thousandths)
        guard !overflow else {
            throw ForecastError(
                .forecastOverflow,
                "units: the sum is too great; expected at most \(Int64.max / 1000); received \(self) and \(other)."
            )
        }
        return UnitCount(thousandths: sum)
    }
}
