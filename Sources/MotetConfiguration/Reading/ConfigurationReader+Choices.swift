extension ConfigurationReader {
    /// One of several names, which must be there, as the value that stands for it.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - choices: names with values, at least one.
    /// - Returns: the value of the name.
    public func choice<Value>(_ key: String, of choices: KeyValuePairs<String, Value>) -> Value {
        precondition(!choices.isEmpty, "a choice needs something to choose")
        let names = choices.map { "`\($0.key)`" }.joined(separator: ", ")
        let value = required(key, expected: choices.count == 1 ? names : "one of \(names)")
        return value?.choice(of: choices.map { ($0.key, $0.value) }) ?? choices[0].value
    }

    /// One of several names, which may be left out, as the value that stands for it.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - choices: names with values.
    ///   - fallback: the value if the key is left out.
    /// - Returns: the value of the name.
    public func choice<Value>(
        _ key: String,
        of choices: KeyValuePairs<String, Value>,
        default fallback: Value
    ) -> Value {
        value(key)?.choice(of: choices.map { ($0.key, $0.value) }) ?? fallback
    }

    /// A case of an enumeration by its raw value, which must be there.
    public func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ key: String,
        as type: Value.Type = Value.self
    ) -> Value {
        let cases = Value.allCases.map { ($0.rawValue, $0) }
        precondition(!cases.isEmpty, "a choice needs something to choose")
        let names = cases.map { "`\($0.0)`" }.joined(separator: ", ")
        let value = required(key, expected: cases.count == 1 ? names : "one of \(names)")
        return value?.choice(of: cases) ?? cases[0].1
    }

    /// A case of an enumeration by its raw value, which may be left out.
    public func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ key: String,
        default fallback: Value
    ) -> Value {
        value(key)?.choice(of: Value.allCases.map { ($0.rawValue, $0) }) ?? fallback
    }

    /// Text turned into a value by a function whose errors become problems; it may be left out.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - fallback: the value if the key is left out.
    ///   - parse: makes the value, such as `Metric.named`.
    /// - Returns: the parsed value.
    public func parsed<Value>(
        _ key: String,
        default fallback: Value,
        _ parse: (String) throws -> Value
    ) -> Value {
        value(key)?.parsed(parse) ?? fallback
    }

    /// Text turned into a value by a function whose errors become problems, or nil if left out.
    public func parsed<Value>(
        ifPresent key: String,
        _ parse: (String) throws -> Value
    ) -> Value? {
        value(key)?.parsed(parse)
    }
}
