/// Which prices an item may have.
public struct PriceRules: Hashable, Sendable {
    /// The least price.
    public let floor: Money
    /// The greatest price.
    public let ceiling: Money
    /// Prices are multiples of this.
    public let step: Money
    /// By which part of the present price the next may differ from it at most; nil for any.
    public let greatestChange: Double?
    /// What prices may end with, in hundredths of the currency from 0 to 99, such as 99 and 95; empty for anything.
    public let endings: Set<Int>

    /// The greatest amount there is a price of: sums of two stay within 64 bits.
    public static let greatest = Money(4e12)

    /// Describes the prices of an item.
    ///
    /// - Parameters:
    ///   - floor: the least price; more than 0.
    ///   - ceiling: the greatest; at least the least, at most ``greatest``.
    ///   - step: what prices are multiples of; more than 0, at most ``greatest``.
    ///   - greatestChange: the greatest part of the present price to change by, more than 0; nil for any.
    ///   - endings: hundredths prices may end with, from 0 to 99; empty for anything.
    /// - Throws: `DecisionError` for a number out of its range, and for rules that no price obeys.
    public init(
        floor: Money,
        ceiling: Money,
        step: Money = Money(0.01),
        greatestChange: Double? = nil,
        endings: Set<Int> = []
    ) throws(DecisionError) {
        func check(
            _ name: String,
            _ isRight: Bool,
            _ range: String,
            _ value: String
        ) throws(DecisionError) {
            guard !isRight else { return }
            throw DecisionError(
                .pricing,
                "prices: '\(name)' is out of range; expected \(range); received \(value)."
            )
        }
        try check("floor", floor > .zero, "more than 0", "\(floor)")
        try check("ceiling", ceiling >= floor, "at least the floor, \(floor)", "\(ceiling)")
        try check("ceiling", ceiling <= Self.greatest, "at most \(Self.greatest)", "\(ceiling)")
        let isStep = step > .zero && step <= Self.greatest
        try check("step", isStep, "more than 0, at most \(Self.greatest)", "\(step)")
        let change = greatestChange ?? 1
        try check("greatestChange", change > 0 && change.isFinite, "more than 0", "\(change)")
        let wrong = endings.filter { !(0...99 ~= $0) }.min()
        try check("endings", wrong == nil, "hundredths from 0 to 99", "\(wrong ?? 0)")
        self.floor = floor
        self.ceiling = ceiling
        self.step = step
        self.greatestChange = greatestChange
        self.endings = endings
        guard hasPrice else {
            throw DecisionError(
                .pricing,
                "prices: none obeys the rules; expected a multiple of \(step) from \(floor) to \(ceiling) with an ending that "
                    + "is allowed; received none. Widen the range, or allow more endings."
            )
        }
    }

    /// The prices the item may have next, ascending.
    ///
    /// - Parameter present: the price it has.
    /// - Returns: the prices; none where the present price is so far from those allowed that the greatest change does not
    ///   reach one.
    public func prices(after present: Money) -> [Money] {
        let (least, greatest) = range(after: present)
        return prices(from: least, through: greatest)
    }

    /// The multiples of the step that are near enough to the present price, whatever they end with: no fewer than prices.
    ///
    /// Look at it before `prices(after:)` where rules come from somebody else: a fine step in a wide range has many.
    public func count(after present: Money) -> Int {
        let (least, greatest) = range(after: present)
        guard least <= greatest else { return 0 }
        return Int((greatest.micros - least.micros) / step.micros) + 1
    }

    /// Whether any price obeys the rules, found without listing all.
    private var hasPrice: Bool {
        let first = (floor.micros + step.micros - 1) / step.micros * step.micros
        guard first <= ceiling.micros else { return false }
        guard !endings.isEmpty else { return true }
        // Endings repeat after a million steps at the latest.
        let (last, overflows) = step.micros.multipliedReportingOverflow(by: 1_000_000)
        let end = overflows ? ceiling.micros : min(ceiling.micros, first + min(last, 1 << 61))
        return stride(from: first, through: end, by: Int64.Stride(step.micros))
            .contains { hasEnding($0) }
    }

    func hasEnding(_ micros: Int64) -> Bool {
        endings.isEmpty || endings.contains(Int(micros / 10_000 % 100)) && micros % 10_000 == 0
    }

    private func prices(from least: Money, through greatest: Money) -> [Money] {
        guard least <= greatest else { return [] }
        let first = (least.micros + step.micros - 1) / step.micros * step.micros
        return stride(from: first, through: greatest.micros, by: Int64.Stride(step.micros))
            .filter { hasEnding($0) }
            .map { Money(micros: $0) }
    }
}
