extension FittedSchema {
    /// The same vocabularies and statistics for files that have some of the features only.
    ///
    /// Labels, scenarios, weights and groups are not asked for. A feature that shares the vocabulary of one that is
    /// left out keeps it, and so its ids.
    ///
    /// - Parameters:
    ///   - names: the features.
    ///   - keep: columns carried along unchanged.
    /// - Returns: what such files are prepared with.
    public func with(features names: Set<String>, keep: [String]) -> FittedSchema {
        var fitted = self
        fitted.schema.features = []
        var heirs: [String: String] = [:]
        for feature in schema.features where names.contains(feature.name) {
            var kept = feature
            let owner = schema.vocabularyOwner(of: feature)
            if !names.contains(owner.name) {
                if let heir = heirs[owner.name] {
                    kept.vocabulary = .shared(with: heir)
                } else {
                    heirs[owner.name] = feature.name
                    kept.vocabulary = owner.vocabulary
                    fitted.vocabularies[feature.name] = vocabularies[owner.name]
                }
            }
            fitted.schema.features.append(kept)
        }
        fitted.schema.labels = []
        fitted.schema.scenario = nil
        fitted.schema.sampleWeight = nil
        fitted.schema.group = nil
        fitted.schema.keep = keep
        fitted.schema.split = .given
        fitted.scenarios = []
        fitted.classes = [:]
        return fitted
    }
}
