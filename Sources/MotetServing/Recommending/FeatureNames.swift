import MotetConfiguration
import MotetCore
import MotetFeatures

/// The names of features in settings, against those of a store.
struct FeatureNames: Sendable {
    /// The features of the store; nil without one.
    private let features: [FeatureDefinition]?

    init(_ definitions: FeatureDefinitions?) { features = definitions?.features }

    /// Checks the features that count: what is popular, and how often an item was shown.
    ///
    /// - Throws: `ConfigurationError` with every name that does not fit.
    func checkNumbers(_ settings: ServingSettings.Recommend) throws(ConfigurationError) {
        var problems: [ConfigurationProblem] = []
        func check(
            _ named: ServingSettings.Recommend.Named,
            _ expected: String,
            _ fits: (FeatureDefinition) -> Bool
        ) {
            guard let problem = problem(named.text, expected, [], fits) else { return }
            problems.append(named.problem(.featuresUnusable, problem))
        }
        for case .popularFeature(let feature, _) in settings.sources.map(\.kind) {
            check(feature, "a number `of` item, or of item and scenario") {
                let dimensions = Set($0.entity.dimensions)
                return !$0.isText && dimensions.contains(.item)
                    && dimensions.isSubset(of: [.item, .scenario])
            }
        }
        for cap in settings.rules.frequencyCaps {
            check(cap.feature, "a number `of` user and item") {
                !$0.isText && Set($0.entity.dimensions).isSuperset(of: [.user, .item])
            }
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }

    /// Checks the sequences of the user's items: of the store, or columns that requests carry.
    ///
    /// - Parameters:
    ///   - settings: what names them.
    ///   - columns: the columns of sequences that requests may carry.
    /// - Throws: `ConfigurationError` with every name that does not fit.
    func checkSequences(
        _ settings: ServingSettings.Recommend,
        columns: [String]
    ) throws(ConfigurationError) {
        var problems: [ConfigurationProblem] = []
        for source in settings.sources {
            let names: [ServingSettings.Recommend.Named]
            switch source.kind {
            case .recentlyViewed(let feature): names = [feature]
            case .boughtTogether(_, let seeds): names = seeds
            case .retrieval, .popularFeature, .popularColumn: continue
            }
            for name in names {
                let expected = "a `sequence` with `value: item` `of` user"
                guard let problem = problem(name.text, expected, columns, Self.isSequence) else {
                    continue
                }
                problems.append(name.problem(.featuresUnusable, problem))
            }
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }

    private static func isSequence(_ feature: FeatureDefinition) -> Bool {
        guard case .sequence(_, .item, _, _) = feature.form else { return false }
        let dimensions = Set(feature.entity.dimensions)
        return dimensions.contains(.user) && dimensions.isSubset(of: [.user, .scenario])
    }

    /// What is wrong with a name; nil if nothing is.
    private func problem(
        _ name: String,
        _ expected: String,
        _ columns: [String],
        _ fits: (FeatureDefinition) -> Bool
    ) -> String? {
        if let feature = features?.first(where: { $0.name == name }) {
            return fits(feature)
                ? nil : "the feature \"\(name)\" does not tell it; expected \(expected)."
        }
        if columns.contains(name) { return nil }
        let known = (features ?? []).map(\.name) + columns
        guard !known.isEmpty else {
            return
                "there is no store to read it from; expected `features` in the file; received a feature "
                + "\"\(name)\"."
        }
        return "unknown feature; expected one of \(known.joined(separator: ", ")); received "
            + "\"\(name)\"." + Suggestion.sentence(for: name, in: known)
    }
}

extension ServingSettings.Recommend.Named {
    /// A mistake at this place.
    func problem(_ code: ErrorCode, _ message: String) -> ConfigurationProblem {
        ConfigurationProblem(code, file: file, line: line, path: path, message: message)
    }
}
