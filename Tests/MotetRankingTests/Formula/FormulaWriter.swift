@testable import MotetRanking

/// Writes the steps of a formula as text again, with no more parentheses than it needs.
struct FormulaWriter {
    /// How tightly a text holds together: a sum the least, an atom the most.
    private enum Binding: Int, Comparable {
        case sum, product, signed, power, atom

        static func < (left: Binding, right: Binding) -> Bool { left.rawValue < right.rawValue }
    }

    private typealias Piece = (text: String, binding: Binding)

    /// Whether the right side of `-` and `/` is put in parentheses where it must be: false is the planted fault.
    var mindsTheRightSide = true

    /// The text of steps in postfix order; nil where they are none.
    func text(_ steps: [FormulaStep], names: [String]) -> String? {
        var stack: [Piece] = []
        for step in steps {
            switch step {
            case .number(let number): stack.append(("\(number)", .atom))
            case .name(let place): stack.append((names[place], .atom))
            case .negate:
                guard let value = stack.popLast() else { return nil }
                stack.append(("-" + Self.held(value, .signed), .signed))
            case .call(let function, let count):
                guard stack.count >= count else { return nil }
                let arguments = stack.suffix(count).map(\.text).joined(separator: ", ")
                stack.removeLast(count)
                stack.append(("\(function.rawValue)(\(arguments))", .atom))
            case .add, .subtract, .multiply, .divide, .power:
                guard let right = stack.popLast(), let left = stack.popLast() else { return nil }
                stack.append(joined(step, left, right))
            }
        }
        return stack.count == 1 ? stack[0].text : nil
    }

    private func joined(_ step: FormulaStep, _ left: Piece, _ right: Piece) -> Piece {
        switch step {
        case .add, .subtract:
            let least = mindsTheRightSide ? Binding.product : .sum
            let sign = step == .add ? " + " : " - "
            return (left.text + sign + Self.held(right, least), .sum)
        case .multiply, .divide:
            let sign = step == .multiply ? " * " : " / "
            return (Self.held(left, .product) + sign + Self.held(right, .signed), .product)
        default: return (Self.held(left, .atom) + "^" + Self.held(right, .signed), .power)
        }
    }

    private static func held(_ piece: Piece, _ least: Binding) -> String {
        piece.binding < least ? "(\(piece.text))" : piece.text
    }
}
