import Logging

extension ModelCatalogue {
    /// Counts what is popular in every place of the shop before the model answers.
    ///
    /// What cannot be counted now, such as by a store that is away, is told and counted with the first request.
    ///
    /// - Parameters:
    ///   - features: where the features of items come from.
    ///   - online: how a store is asked; nil without one.
    ///   - logger: told what could not be counted.
    func countPopular(
        _ features: any FeatureSource,
        _ online: OnlineFields?,
        _ logger: Logger
    ) {
        for counts in resources.popularCounts {
            do {
                for scenario in counts.isOfScenarios ? scenarios.map(Optional.some) : [nil] {
                    try counts.warm(in: scenario) {
                        try SourceQuestion.counts(
                            counts.feature,
                            scenario,
                            features,
                            resources,
                            online
                        )
                    }
                }
            } catch {
                logger.warning(
                    "popular items not counted",
                    metadata: [
                        "feature": .string(counts.feature), "error": .string("\(error)"),
                    ]
                )
            }
        }
    }
}
