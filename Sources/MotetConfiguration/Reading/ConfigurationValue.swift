public import MotetCore

/// A value of a configuration while it is read: a node, the keys that lead to it, and where problems go.
///
/// Conversions return nil after they recorded a problem.
public struct ConfigurationValue {
    /// The node.
    public let node: ConfigurationNode
    /// The keys that lead to it, such as `features[2].name`.
    public let path: String
    let log: ProblemLog

    /// Records a problem at this value.
    ///
    /// - Parameters:
    ///   - message: what is wrong, from the colon on, as a sentence.
    ///   - code: the kind of mistake.
    public func fail(_ message: String, code: ErrorCode = .unusableValue) {
        log.record(code, line: node.line, file: node.file, path: path, message)
    }

    func wrongType(_ expected: String, hint: String = "") {
        fail("expected \(expected); received \(node.received).\(hint)", code: .wrongType)
    }

    /// Text; numbers and `true` or `false` are taken as they are written.
    public func string() -> String? {
        switch node.content {
        case .string(let text): return text
        case .integer, .number, .boolean: return node.text
        case .null, .list, .map:
            wrongType("text")
            return nil
        }
    }

    /// A whole number; `1.0e6` is one too.
    public func integer(in bounds: Bounds<Int> = .any) -> Int? {
        switch node.content {
        case .integer(let value): return checked(value, bounds)
        case .number(let value):
            guard let value = Int(exactly: value) else { break }
            return checked(value, bounds)
        default: break
        }
        wrongType("a whole number")
        return nil
    }

    /// A finite number.
    public func number(in bounds: Bounds<Double> = .any) -> Double? {
        switch node.content {
        case .integer(let value): return checked(Double(value), bounds)
        case .number(let value) where value.isFinite: return checked(value, bounds)
        case .number: wrongType("a finite number")
        case .string(let text) where Self.isDecimalComma(text):
            wrongType("a number", hint: " Write the decimal point as `.`.")
        default: wrongType("a number")
        }
        return nil
    }

    /// `true` or `false`.
    public func boolean() -> Bool? {
        switch node.content {
        case .boolean(let value): return value
        case .string("yes"), .string("on"): wrongType("true or false", hint: " Write `true`.")
        case .string("no"), .string("off"): wrongType("true or false", hint: " Write `false`.")
        default: wrongType("true or false")
        }
        return nil
    }

    /// One of several names, as the value that stands for it.
    ///
    /// - Parameter choices: names with values, at least one.
    /// - Returns: the value of the name.
    public func choice<Value>(of choices: [(name: String, value: Value)]) -> Value? {
        guard let text = string() else { return nil }
        if let match = choices.first(where: { $0.name == text }) { return match.value }
        fail(unknown("value", text, among: choices.map(\.name)))
        return nil
    }

    /// Text turned into a value by a function, whose error becomes a problem at this place.
    public func parsed<Value>(_ parse: (String) throws -> Value) -> Value? {
        guard let text = string() else { return nil }
        do {
            return try parse(text)
        } catch let error as any ReportableError {
            fail("\(error)", code: error.code)
        } catch {
            fail("\(error)")
        }
        return nil
    }

    func unknown(_ what: String, _ text: String, among names: [String]) -> String {
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        let expected = names.count == 1 ? list : "one of \(list)"
        let hint = Suggestion.sentence(for: text, in: names)
        return "unknown \(what); expected \(expected); received \"\(text)\".\(hint)"
    }

    private func checked<Number>(_ value: Number, _ bounds: Bounds<Number>) -> Number? {
        guard !bounds.contains(value) else { return value }
        fail("out of range; expected \(bounds.constraint); received \(node.text).")
        return nil
    }

    private static func isDecimalComma(_ text: String) -> Bool {
        text.contains(",") && Double(text.replacing(",", with: ".")) != nil
    }
}
