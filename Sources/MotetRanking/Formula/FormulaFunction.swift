import MotetCore

/// What a formula may call by name.
enum FormulaFunction: String, CaseIterable, Sendable {
    case abs, clamp, exp, log, log1p, max, min, sqrt

    /// Whether it takes so many arguments.
    func takes(_ count: Int) -> Bool {
        switch self {
        case .abs, .exp, .log, .log1p, .sqrt: count == 1
        case .clamp: count == 3
        case .max, .min: count >= 1
        }
    }

    /// What it takes, in words.
    var expectation: String {
        switch self {
        case .abs, .exp, .log, .log1p, .sqrt: "1 argument"
        case .clamp: "3 arguments, clamp(value, low, high)"
        case .max, .min: "at least 1 argument"
        }
    }

    /// The value for arguments of which there are as many as it takes.
    func callAsFunction(_ arguments: some RandomAccessCollection<Double>) -> Double {
        let first = arguments.first ?? .nan
        return switch self {
        case .abs: Swift.abs(first)
        case .exp: exponential(first)
        case .log: logarithm(first)
        case .log1p: logarithmOnePlus(first)
        case .sqrt: first.squareRoot()
        // NaN is no number to be clamped or compared away: it stays.
        case .max: arguments.reduce(first) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
        case .min: arguments.reduce(first) { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }
        case .clamp: clamped(Array(arguments))
        }
    }

    private func clamped(_ arguments: [Double]) -> Double {
        arguments.contains(where: \.isNaN)
            ? .nan : Swift.min(Swift.max(arguments[0], arguments[1]), arguments[2])
    }
}
