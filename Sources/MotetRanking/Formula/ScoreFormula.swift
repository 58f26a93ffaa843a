import MotetCore

/// How the outputs of tasks and numbers of an item become the one score candidates are ranked by, such as
/// `click^0.7 * purchase^1.2 * price^0.3`.
///
/// Numbers, names, `+ - * / ^`, parentheses and the functions `abs`, `clamp(value, low, high)`, `exp`, `log`,
/// `log1p`, `max`, `min`, `sqrt`. `^` binds before a sign and to the right: `-a^b^c` is `-(a^(b^c))`. Arithmetic is
/// in double precision; a score that is not a finite number (a logarithm of 0, say) is NaN.
public struct ScoreFormula: Hashable, Sendable, CustomStringConvertible {
    /// The most characters a formula may have.
    public static let maximumLength = 2_000

    /// The formula as it was written.
    public let description: String
    /// The names it reads, in the order of their first appearance: the columns of ``scores(_:count:)``.
    public let names: [String]
    private let steps: [FormulaStep]
    /// How many values are alive at once, at most.
    private let height: Int

    /// Reads a formula.
    ///
    /// - Parameters:
    ///   - text: the formula.
    ///   - known: the names that have a value, such as the tasks of a model.
    /// - Throws: ``RankingError`` (`score_formula`) with the column where the text is no formula, names what is not
    ///   known, or names nothing.
    public init(_ text: String, names known: [String]) throws(RankingError) {
        // Scalars, for one character may have any number of them.
        let length = text.unicodeScalars.count
        guard length <= Self.maximumLength else {
            throw RankingError(
                .scoreFormula,
                "score formula: too long; expected at most \(Self.maximumLength) characters; received \(length)."
            )
        }
        var parser = try FormulaParser(text, known: known)
        try parser.parse()
        guard !parser.names.isEmpty else {
            throw RankingError(
                .scoreFormula,
                "score formula: names nothing, so all candidates would be equal; expected one of "
                    + "\(known.joined(separator: ", ")) in it; received \"\(text.shown)\"."
            )
        }
        description = text
        names = parser.names
        steps = parser.steps
        height = Self.height(parser.steps)
    }

    /// The scores of `count` candidates.
    ///
    /// - Parameters:
    ///   - columns: a column for each of ``names``, in their order, of `count` values each.
    ///   - count: the number of candidates.
    /// - Returns: a score for each; NaN where it is not a finite number.
    public func scores(_ columns: [[Double]], count: Int) -> [Double] {
        precondition(
            columns.count == names.count && columns.allSatisfy { $0.count == count },
            "a score formula of \(names) takes as many columns of \(count) values"
        )
        var stack = [Double](repeating: 0, count: height)
        return (0..<count).map { row in
            let score = value(&stack) { columns[$0][row] }
            return score.isFinite ? score : .nan
        }
    }

    /// Runs the steps for one candidate.
    private func value(_ stack: inout [Double], _ column: (Int) -> Double) -> Double {
        var top = 0
        func fold(_ combine: (Double, Double) -> Double) {
            top -= 1
            stack[top - 1] = combine(stack[top - 1], stack[top])
        }
        for step in steps {
            switch step {
            case .number(let number):
                stack[top] = number
                top += 1
            case .name(let index):
                stack[top] = column(index)
                top += 1
            case .negate: stack[top - 1] = -stack[top - 1]
            case .add: fold(+)
            case .subtract: fold(-)
            case .multiply: fold(*)
            case .divide: fold(/)
            case .power: fold(power)
            case .call(let function, let count):
                let result = function(stack[(top - count)..<top])
                top -= count
                stack[top] = result
                top += 1
            }
        }
        return stack[0]
    }

    private static func height(_ steps: [FormulaStep]) -> Int {
        var (now, most) = (0, 0)
        for step in steps {
            switch step {
            case .number, .name: now += 1
            case .negate: break
            case .add, .subtract, .multiply, .divide, .power: now -= 1
            case .call(_, let count): now -= count - 1
            }
            most = max(most, now)
        }
        return most
    }
}
