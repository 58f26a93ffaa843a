import MotetCore
import MotetGraph
import MotetNN

// Some of the features, for models whose parts must not see the others.

extension FeatureInputs {
    /// The same with the numeric columns of some features only.
    func keepingNumeric(of names: Set<String>) -> FeatureInputs {
        FeatureInputs(
            features: features,
            numericFeatures: numericFeatures.filter(names.contains),
            interactions: interactions
        )
    }
}

extension DeclaredFeatures {
    /// The tables of all features, once for all parts that look up in them.
    func tables() -> [String: Embedding] { description.tables(prefix: "embeddings") }

    /// The input of a feature with one id a row, and the number of ids; nil where it is none.
    func identifiers(of name: String) -> (input: Input, vocabularySize: Int)? {
        guard let input = ids[name],
            let feature = description.features.first(where: { $0.name == name })
        else { return nil }
        return (input, feature.vocabularySize)
    }

    /// The inputs of some features, in the order of all.
    func inputs(of names: Set<String>) -> [any ModelInput] {
        var inputs: [any ModelInput] = []
        for feature in description.features where names.contains(feature.name) {
            if let input = ids[feature.name] { inputs.append(input) }
            if let input = lists[feature.name] { inputs.append(input) }
        }
        if let numeric, description.numericFeatures.contains(where: names.contains) {
            inputs.append(numeric)
        }
        return inputs
    }

    /// The vectors of some features, and their numeric columns, side by side.
    ///
    /// - Parameters:
    ///   - names: the features.
    ///   - tables: what `tables()` made.
    ///   - name: what the result is called.
    /// - Returns: `[B, I]`.
    /// - Throws: `GraphError` when there is none of them, or numeric columns have no names.
    func joined(
        _ names: Set<String>,
        in tables: [String: Embedding],
        name: String
    ) throws(GraphError) -> SymbolicTensor {
        var parts: [SymbolicTensor] = []
        for feature in description.features where names.contains(feature.name) {
            if let part = try looked(up: feature, in: tables) { parts.append(part) }
        }
        if let numeric {
            let features = description.numericFeatures
            guard !features.isEmpty else {
                throw GraphError(
                    .unknownName,
                    "\(name): numeric columns have no names; expected the feature of each, to tell parts of the model apart; received none."
                )
            }
            let columns = features.indices.filter { names.contains(features[$0]) }
            if !columns.isEmpty {
                parts.append(try ChosenColumns(columns, name: "\(name)/numeric")(numeric))
            }
        }
        guard !parts.isEmpty else {
            throw GraphError(.outOfRange, "\(name): there is none; expected at least 1.")
        }
        return try MotetNN.Concatenate(name: name)(parts)
    }
}
