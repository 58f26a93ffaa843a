import CKernels

/// A label as a float, NaN where it is missing.
final class LabelOutput: OutputColumn {
    let name: String
    let kind = PreparedKind.float32(width: 1)
    /// How many labels are 1, and how many are there.
    private(set) var positives = 0
    private(set) var labelled = 0

    private let label: LabelSpecification
    private let context: PartContext
    private let numbers: UnsafeMutableBufferPointer<Double>?
    private let codes: UnsafeMutableBufferPointer<Int32>?
    /// The label of each code; -1 for a value that is no class.
    private let table: [Float]
    private let memory = ReusedMemory<Float>()
    private(set) var tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    /// Creates a label's column; nil where the files lack it.
    init?(_ label: LabelSpecification, _ context: PartContext) {
        let role = context.data.plan.role(of: label)
        guard context.table.columns[role] != nil else { return nil }
        name = "label/" + label.name
        self.label = label
        self.context = context
        numbers = context.table.doubles(role)
        codes = context.table.codes(role)
        table = codes == nil ? [] : Self.table(label, context)
    }

    private static func table(_ label: LabelSpecification, _ context: PartContext) -> [Float] {
        let dictionary = context.data.dictionary(of: label.column)
        let texts = (0..<dictionary.count).map { dictionary.text(Int32($0)) }
        if let rule = label.rule {
            return texts.map { rule.isPositive($0) == true ? 1 : 0 }
        }
        let classes = context.fitted.classes[label.name] ?? []
        let numbers = Dictionary(classes.enumerated().map { ($1.trimmed, $0) }) { first, _ in first
        }
        return texts.map { Float(numbers[$0.trimmed] ?? -1) }
    }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count)
        for (place, index) in range.enumerated() {
            let value = try value(index)
            out[place] = value
            if value.isNaN {
                tally.missing += 1
            } else {
                labelled += 1
                positives += value == 1 ? 1 : 0
            }
        }
        block = .floats(out)
    }

    private func value(_ index: Int) throws -> Float {
        let row = context.rows[index]
        if let codes {
            guard codes[row] >= 0 else { return .nan }
            let value = table[Int(codes[row])]
            if value < 0 { throw unknownClass(index, codes[row]) }
            return value
        }
        guard let number = numbers?[row], !number.isNaN else { return .nan }
        guard number.isFinite, abs(number) <= Double(Float.greatestFiniteMagnitude) else {
            throw context.invalid(
                "invalid_label",
                index,
                label.column,
                "not finite; expected a finite label; received \(number)."
            )
        }
        if let rule = label.rule { return rule.isPositive(number) == true ? 1 : 0 }
        if label.kind == .binary, number != 0, number != 1 {
            throw context.invalid(
                "invalid_label",
                index,
                label.column,
                "not a binary label; expected 0 or 1; received \(shortNumber(number)). Give label "
                    + "\"\(label.name)\" a rule such as `>= 1`, or make it numeric."
            )
        }
        return Float(number)
    }

    private func unknownClass(_ index: Int, _ code: Int32) -> PreparationError {
        let text = context.data.dictionary(of: label.column).text(code)
        let classes = context.fitted.classes[label.name] ?? []
        return context.invalid(
            "invalid_label",
            index,
            label.column,
            "not a class of label \"\(label.name)\"; expected one of "
                + "\(classes.prefix(8).joined(separator: ", "))"
                + (classes.count > 8 ? ", ... (\(classes.count) classes)" : "")
                + "; received \"\(text)\"."
        )
    }

    /// The error of a binary label that is never 1 in the training rows.
    func noPositive() -> PreparationError? {
        guard label.kind == .binary, positives == 0 else { return nil }
        return PreparationError(
            "no_positive",
            "label \"\(label.name)\": no positive row in the training part; expected at least one; "
                + "received 0 of \(grouped(labelled)) labelled rows. Check the label's rule, the "
                + "cleaning rules and the split."
        )
    }
}
