/// One step of a formula in postfix order.
enum FormulaStep: Hashable, Sendable {
    case number(Double)
    /// The value of a name, by its place among the formula's.
    case name(Int)
    case negate, add, subtract, multiply, divide, power
    /// A function of so many values.
    case call(FormulaFunction, Int)
}

/// Reads a formula by recursive descent.
///
///     sum    = product (("+" | "-") product)*
///     product = signed (("*" | "/") signed)*
///     signed = "-" signed | power
///     power  = atom ("^" signed)?              so 2^3^2 is 2^(3^2), and -2^2 is -(2^2)
///     atom   = number | name | function "(" sum ("," sum)* ")" | "(" sum ")"
struct FormulaParser {
    /// How deep parentheses, signs and powers may be nested: each level is a call.
    static let maximumDepth = 64

    let known: [String]
    private let pieces: [FormulaToken]
    private var place = 0
    private var depth = 0
    private(set) var names: [String] = []
    private(set) var steps: [FormulaStep] = []

    init(_ text: String, known: [String]) throws(RankingError) {
        self.known = known
        pieces = try FormulaToken.pieces(text)
    }

    /// Reads the whole text.
    mutating func parse() throws(RankingError) {
        try sum()
        guard case .end = next.kind else {
            throw .formula(
                column: next.column,
                "something follows a complete formula; expected an operator or the end",
                received: next.text
            )
        }
    }

    private var next: FormulaToken { pieces[place] }

    /// Steps over a symbol if it comes next.
    private mutating func take(_ symbol: Character) -> Bool {
        guard next.kind == .symbol(symbol) else { return false }
        place += 1
        return true
    }

    private mutating func require(_ symbol: Character, _ what: String) throws(RankingError) {
        let found = next
        guard take(symbol) else {
            throw .formula(column: found.column, "expected \(what)", received: found.text)
        }
    }

    private mutating func sum() throws(RankingError) {
        try product()
        while true {
            if take("+") {
                try product()
                steps.append(.add)
            } else if take("-") {
                try product()
                steps.append(.subtract)
            } else {
                return
            }
        }
    }

    private mutating func product() throws(RankingError) {
        try signed()
        while true {
            if take("*") {
                try signed()
                steps.append(.multiply)
            } else if take("/") {
                try signed()
                steps.append(.divide)
            } else {
                return
            }
        }
    }

    private mutating func signed() throws(RankingError) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw .formula(
                column: next.column,
                "nested too deeply; expected at most \(Self.maximumDepth) levels",
                received: "more"
            )
        }
        if take("-") {
            try signed()
            steps.append(.negate)
            return
        }
        try atom()
        if take("^") {
            try signed()
            steps.append(.power)
        }
    }

    private mutating func atom() throws(RankingError) {
        let piece = next
        switch piece.kind {
        case .number(let value):
            place += 1
            steps.append(.number(value))
        case .name(let name):
            place += 1
            if next.kind == .symbol("(") {
                try call(name, at: piece.column)
            } else {
                try value(of: name, at: piece.column)
            }
        case .symbol("("):
            place += 1
            try sum()
            try require(")", "a closing parenthesis")
        case .symbol, .end:
            throw .formula(
                column: piece.column,
                "expected a number, a name or an opening parenthesis",
                received: piece.text
            )
        }
    }

    private mutating func value(of name: String, at column: Int) throws(RankingError) {
        guard known.contains(name) else {
            throw .unknown(name, "name", column: column, known)
        }
        let index = names.firstIndex(of: name) ?? names.count
        if index == names.count { names.append(name) }
        steps.append(.name(index))
    }

    private mutating func call(_ name: String, at column: Int) throws(RankingError) {
        guard let function = FormulaFunction(rawValue: name) else {
            let all = FormulaFunction.allCases.map(\.rawValue)
            throw .unknown(name, "function", column: column, all)
        }
        try require("(", "an opening parenthesis")
        var count = 0
        if next.kind != .symbol(")") {
            repeat {
                try sum()
                count += 1
            } while take(",")
        }
        try require(")", "a comma or a closing parenthesis")
        guard function.takes(count) else {
            throw .formula(
                column: column,
                "wrong number of arguments of \(name); expected \(function.expectation)",
                received: "\(count)"
            )
        }
        steps.append(.call(function, count))
    }
}
