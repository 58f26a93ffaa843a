import MotetCore

/// Something that makes an order or a review suspicious, and what follows from it.
public struct RiskRule: Hashable, Sendable {
    /// What the rule is called in answers, metrics and logs.
    public let code: String
    /// When it applies.
    public let condition: Condition
    /// What follows.
    public let effect: Effect

    /// When a rule applies.
    ///
    /// Counts are over the orders within a time before this one, with this one. Without the value that is looked at, such as a
    /// device, a rule does not apply.
    public enum Condition: Hashable, Sendable {
        /// More orders than a number have the same device, address and so on, within so many milliseconds.
        case orders(of: RiskDimension, window: Int64, above: Double)
        /// The amounts of the orders that have it add up to more than a number.
        case spend(of: RiskDimension, window: Int64, above: Double)
        /// More accounts than a number order with it.
        case accounts(of: RiskDimension, window: Int64, above: Double)
        /// The e-mail address has one of these forms.
        case email([TextPattern])
        /// The telephone number, in the form of ``ContactForm/phone(_:)``, has one of these forms.
        case phone([TextPattern])
        /// The amount is outside of a range.
        case amount(RiskRange)
        /// A number that the model reads is outside of a range.
        case number(String, RiskRange)
    }

    /// What follows where a rule applies.
    public enum Effect: Hashable, Sendable {
        /// It moves the logarithm of the odds of fraud.
        case weight(Double)
        /// The decision is at least this one.
        case atLeast(RiskDecision)
    }

    /// The longest window: 90 days.
    public static let longestWindow: Int64 = 90 * 86_400_000
    /// The greatest weight: at e^20 to one nothing else counts.
    public static let greatestWeight = 20.0

    /// Creates a rule.
    ///
    /// - Throws: `DecisionError` for a code that is none, or a number out of its range.
    public init(
        _ code: String,
        _ condition: Condition,
        _ effect: Effect
    ) throws(DecisionError) {
        self.code = code
        self.condition = condition
        self.effect = effect
        let letters = code.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
        }
        guard letters, (1...64).contains(code.utf8.count) else {
            throw problem(
                "the code is none",
                "1 to 64 lower-case letters, digits and underscores",
                "\"\(code.prefix(80))\""
            )
        }
        switch condition {
        case .orders(_, let window, let above), .spend(_, let window, let above),
            .accounts(_, let window, let above):
            guard (1...Self.longestWindow).contains(window) else {
                throw problem("the window is out of range", "1 ms to 90 days", "\(window) ms")
            }
            guard above.isFinite, above >= 0 else {
                throw problem("`above` is out of range", "at least 0", "\(above)")
            }
            if case .accounts(of: .account, _, _) = condition {
                throw problem(
                    "it counts the accounts of an account",
                    "another dimension",
                    "\"account\""
                )
            }
        case .email(let patterns), .phone(let patterns):
            guard !patterns.isEmpty else {
                throw problem("there are no patterns", "at least one", "none")
            }
        case .amount, .number: break
        }
        if case .weight(let weight) = effect,
            !weight.isFinite || abs(weight) > Self.greatestWeight
        {
            throw problem(
                "the weight is out of range",
                "-\(Self.greatestWeight) to \(Self.greatestWeight)",
                "\(weight)"
            )
        }
    }

    private func problem(
        _ problem: String,
        _ expected: String,
        _ received: String
    ) -> DecisionError {
        DecisionError(
            .risk,
            "rule \"\(code.prefix(80))\": \(problem); expected \(expected); received \(received)."
        )
    }
}

/// What a rule counts: the orders that share a value of a dimension, within a time.
public struct RiskLookback: Hashable, Sendable {
    /// What they share.
    public let dimension: RiskDimension
    /// The milliseconds before an order.
    public let window: Int64

    /// Names what is counted.
    public init(_ dimension: RiskDimension, window: Int64) {
        self.dimension = dimension
        self.window = window
    }
}

extension RiskRule.Condition {
    /// What it counts; nil where it counts nothing.
    public var lookback: RiskLookback? {
        switch self {
        case .orders(let dimension, let window, _), .spend(let dimension, let window, _),
            .accounts(let dimension, let window, _):
            RiskLookback(dimension, window: window)
        case .email, .phone, .amount, .number: nil
        }
    }
}

/// A range of numbers that is nothing to worry about.
public struct RiskRange: Hashable, Sendable {
    /// What is below it is outside; nil for no lower end.
    public let below: Double?
    /// What is above it is outside; nil for no upper end.
    public let above: Double?

    /// Creates a range.
    ///
    /// - Throws: `DecisionError` where there is no end, or the ends contradict each other.
    public init(below: Double? = nil, above: Double? = nil) throws(DecisionError) {
        self.below = below
        self.above = above
        let ends = [below, above].compactMap { $0 }
        guard !ends.isEmpty, ends.allSatisfy(\.isFinite), below ?? -.infinity <= above ?? .infinity
        else {
            throw DecisionError(
                .risk,
                "range: the ends are out of range; expected finite numbers, `below` at most `above`, at least one "
                    + "of them; received below \(below.map { "\($0)" } ?? "none"), above "
                    + "\(above.map { "\($0)" } ?? "none")."
            )
        }
    }

    /// Whether a number is outside; one that is NaN is not.
    public func excludes(_ number: Double) -> Bool {
        number < below ?? -.infinity || number > above ?? .infinity
    }
}
