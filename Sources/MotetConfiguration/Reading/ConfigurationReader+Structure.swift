extension ConfigurationReader {
    /// A map that must be there; the closure always runs, with placeholders after a problem.
    public func section<Value>(
        _ key: String,
        _ body: (ConfigurationReader) throws -> Value
    ) rethrows -> Value {
        guard let value = required(key, expected: "a map of keys and values") else {
            return try body(.placeholders(at: path))
        }
        return try value.section(body)
    }

    /// A map that may be left out, which is then read as if it had no keys.
    public func section<Value>(
        orEmpty key: String,
        _ body: (ConfigurationReader) throws -> Value
    ) rethrows -> Value {
        try (value(key) ?? emptySection(key)).section(body)
    }

    /// A map, or nil if it is left out.
    public func section<Value>(
        ifPresent key: String,
        _ body: (ConfigurationReader) throws -> Value
    ) rethrows -> Value? {
        try value(key)?.section(body)
    }

    /// Something with a name and settings of its own, which must be there; see
    /// ``ConfigurationValue/variant(of:_:)``.
    public func variant<Value>(
        _ key: String,
        of names: [String],
        _ body: (String, ConfigurationReader) throws -> Value
    ) rethrows -> Value {
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        guard let value = required(key, expected: "one of \(list)") else {
            return try body(names[0], .placeholders(at: path))
        }
        return try value.variant(of: names, body)
    }

    /// Something with a name and settings of its own, or nil if it is left out; see
    /// ``ConfigurationValue/variant(of:_:)``.
    public func variant<Value>(
        ifPresent key: String,
        of names: [String],
        _ body: (String, ConfigurationReader) throws -> Value
    ) rethrows -> Value? {
        try value(key)?.variant(of: names, body)
    }

    /// A list that must be there, read element by element; elements read as nil are left out.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - count: how many elements there may be.
    ///   - element: reads an element.
    /// - Returns: the values read.
    public func list<Value>(
        _ key: String,
        count: Bounds<Int> = .any,
        _ element: (ConfigurationValue) throws -> Value?
    ) rethrows -> [Value] {
        try required(key, expected: "a list")?.list(count: count, element) ?? []
    }

    /// A list, or nil if it is left out, read element by element; see ``list(_:count:_:)``.
    public func list<Value>(
        ifPresent key: String,
        count: Bounds<Int> = .any,
        _ element: (ConfigurationValue) throws -> Value?
    ) rethrows -> [Value]? {
        try value(key)?.list(count: count, element)
    }

    /// A list of text that must be there.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - count: how many elements there may be.
    ///   - allowsOne: whether one element may stand without the list around it.
    /// - Returns: the elements.
    public func strings(
        _ key: String,
        count: Bounds<Int> = .any,
        allowsOne: Bool = false
    ) -> [String] {
        let value = required(key, expected: allowsOne ? "text or a list of it" : "a list of text")
        return value.flatMap { strings($0, count, allowsOne) } ?? []
    }

    /// A list of text that may be left out.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - fallback: the list if the key is left out.
    ///   - count: how many elements there may be.
    ///   - allowsOne: whether one element may stand without the list around it.
    /// - Returns: the elements.
    public func strings(
        _ key: String,
        default fallback: [String],
        count: Bounds<Int> = .any,
        allowsOne: Bool = false
    ) -> [String] {
        value(key).flatMap { strings($0, count, allowsOne) } ?? fallback
    }

    /// A list of whole numbers that must be there.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - count: how many elements there may be.
    ///   - bounds: the range of each element.
    /// - Returns: the elements.
    public func integers(
        _ key: String,
        count: Bounds<Int> = .any,
        in bounds: Bounds<Int> = .any
    ) -> [Int] {
        list(key, count: count) { $0.integer(in: bounds) }
    }

    /// A list of whole numbers that may be left out.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - fallback: the list if the key is left out.
    ///   - count: how many elements there may be.
    ///   - bounds: the range of each element.
    /// - Returns: the elements.
    public func integers(
        _ key: String,
        default fallback: [Int],
        count: Bounds<Int> = .any,
        in bounds: Bounds<Int> = .any
    ) -> [Int] {
        list(ifPresent: key, count: count) { $0.integer(in: bounds) } ?? fallback
    }

    /// A list of finite numbers that may be left out.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - fallback: the list if the key is left out.
    ///   - count: how many elements there may be.
    ///   - bounds: the range of each element.
    /// - Returns: the elements.
    public func numbers(
        _ key: String,
        default fallback: [Double],
        count: Bounds<Int> = .any,
        in bounds: Bounds<Double> = .any
    ) -> [Double] {
        list(ifPresent: key, count: count) { $0.number(in: bounds) } ?? fallback
    }

    private func strings(
        _ value: ConfigurationValue,
        _ count: Bounds<Int>,
        _ allowsOne: Bool
    ) -> [String]? {
        if allowsOne, case .string(let text) = value.node.content { return [text] }
        return value.list(count: count) { $0.string() }
    }
}
