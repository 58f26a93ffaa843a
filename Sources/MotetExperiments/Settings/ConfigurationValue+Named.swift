import MotetConfiguration

extension ConfigurationValue {
    /// Something with a name and at most one value beside it: `trim`, or `{ cut_after: "-" }`.
    ///
    /// - Parameters:
    ///   - names: the names there are.
    ///   - body: makes a value from a name and what stands beside it.
    /// - Returns: the closure's value, or nil after a problem was recorded.
    func variantOrScalar<Value>(
        of names: [String],
        _ body: (String, ConfigurationValue?) -> Value?
    ) -> Value? {
        guard case .map(let entries) = node.content else {
            guard let name = choice(of: names.map { ($0, $0) }) else { return nil }
            let made = body(name, nil)
            if made == nil {
                fail("`\(name)` needs a value; expected `{ \(name): ... }`; received it alone.")
            }
            return made
        }
        guard entries.count == 1, let entry = entries.first else {
            fail("expected one name with its value; received \(entries.count).")
            return nil
        }
        return section { reader in
            guard names.contains(entry.key) else {
                // Asking makes every name known, so that the section suggests the nearest.
                for name in names { _ = reader.has(name) }
                return nil
            }
            return body(entry.key, reader.value(entry.key))
        }
    }
}
