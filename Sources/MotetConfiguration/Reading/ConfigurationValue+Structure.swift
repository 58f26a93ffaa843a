extension ConfigurationValue {
    /// A map, read by a closure; keys it does not ask for are problems.
    ///
    /// If this is no map, a problem is recorded and the closure gets placeholders, so that it still
    /// makes a value; ``ConfigurationDocument/read(_:)`` throws in the end.
    public func section<Value>(
        _ body: (ConfigurationReader) throws -> Value
    ) rethrows -> Value {
        guard case .map = node.content else {
            wrongType("a map of keys and values")
            return try body(.placeholders(at: path))
        }
        let reader = ConfigurationReader(self)
        let value = try body(reader)
        reader.reportUnknownKeys()
        return value
    }

    /// A list, read element by element; elements read as nil are left out.
    ///
    /// - Parameters:
    ///   - count: how many elements there may be.
    ///   - element: reads an element.
    /// - Returns: the values read, or nil if this is no list.
    public func list<Value>(
        count: Bounds<Int> = .any,
        _ element: (ConfigurationValue) throws -> Value?
    ) rethrows -> [Value]? {
        guard case .list(let nodes) = node.content else {
            wrongType("a list")
            return nil
        }
        if !count.contains(nodes.count) {
            fail("wrong number of elements; expected \(count.constraint); received \(nodes.count).")
        }
        var values: [Value] = []
        for (index, node) in nodes.enumerated() {
            let place = ConfigurationValue(node: node, path: "\(path)[\(index)]", log: log)
            if let value = try element(place) { values.append(value) }
        }
        return values
    }

    /// Something with a name and settings of its own, such as an optimizer.
    ///
    /// Three spellings: `adam` alone; `{ name: adam, learning_rate: 0.001 }`; and
    /// `{ adam: { learning_rate: 0.001 } }`.
    ///
    /// - Parameters:
    ///   - names: the names there are, at least one.
    ///   - body: makes a value from one of the names and a reader of the settings. After a problem it
    ///     gets the first name and placeholders.
    /// - Returns: the closure's value.
    public func variant<Value>(
        of names: [String],
        _ body: (String, ConfigurationReader) throws -> Value
    ) rethrows -> Value {
        precondition(!names.isEmpty, "a variant needs a name to choose")
        guard case .map(let entries) = node.content else {
            return try named(node, among: names, settings: emptyMap, body)
        }
        if let name = node["name"] {
            return try named(name, at: "name", among: names, settings: self, body)
        }
        guard entries.count == 1, let entry = entries.first else {
            fail(
                "the name is missing; expected `name` with one of "
                    + "\(names.map { "`\($0)`" }.joined(separator: ", ")).",
                code: .missingKey
            )
            return try body(names[0], .placeholders(at: path))
        }
        let key = ConfigurationNode(
            content: .string(entry.key),
            text: entry.key,
            line: entry.line,
            column: node.column,
            file: entry.file
        )
        let isEmpty = entry.value.content == .null
        let settings = ConfigurationValue(
            node: isEmpty ? emptyMap.node : entry.value,
            path: "\(path).\(entry.key)",
            log: log
        )
        return try named(key, among: names, settings: settings, body)
    }

    /// A map without keys at this place.
    var emptyMap: ConfigurationValue {
        let map = ConfigurationNode(
            content: .map([]),
            text: "",
            line: node.line,
            column: node.column,
            file: node.file
        )
        return ConfigurationValue(node: map, path: path, log: log)
    }

    private func named<Value>(
        _ nameNode: ConfigurationNode,
        at key: String? = nil,
        among names: [String],
        settings: ConfigurationValue,
        _ body: (String, ConfigurationReader) throws -> Value
    ) rethrows -> Value {
        let place = ConfigurationValue(
            node: nameNode,
            path: key.map { "\(path).\($0)" } ?? path,
            log: log
        )
        guard let name = place.choice(of: names.map { ($0, $0) }) else {
            return try body(names[0], .placeholders(at: path))
        }
        return try settings.section { reader in
            if let key { reader.know(key) }
            return try body(name, reader)
        }
    }
}
