extension RowEncoder {
    /// The columns whose values have a vocabulary, in the order of ``columns``.
    ///
    /// Those of hashed features have none: every value has a bucket there.
    public var columnsWithVocabulary: [String] { columns.filter { vocabularies[$0] != nil } }

    /// Whether a vocabulary of a column has a value, after the column's repairs.
    ///
    /// What is missing is known; so is every value of a column without a vocabulary. Of a list each value must be known.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - column: its column.
    /// - Returns: whether it has.
    public func knows(_ value: RawValue, in column: String) -> Bool {
        guard let ids = vocabularies[column] else { return true }
        if case .list(let values) = value {
            return values.allSatisfy { value in
                if case .list = value { true } else { knows(value, in: column) }
            }
        }
        let dictionary = dictionaries[plan.dictionaries[column] ?? 0]
        let code: Int32?
        if case .integer(let integer) = value, repairs[column] == nil {
            code = dictionary.find(integer)
        } else {
            guard let text = repairedText(value, column) else { return true }
            code = dictionary.find(text)
        }
        guard let code else { return false }
        return ids.contains { $0[Int(code)] != Vocabulary.unknownID }
    }

    /// A value as vocabularies spell it, after its column's repairs; nil for a missing one and for a list.
    public func spelling(of value: RawValue, in column: String) -> String? {
        repairedText(value, column)
    }
}
