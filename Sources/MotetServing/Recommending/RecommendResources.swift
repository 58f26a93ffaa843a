import Logging
import MotetCandidates
import MotetConfiguration
import MotetCore
import MotetExperiments
import MotetFeatures
import MotetRanking
import MotetRetrieval

/// What recommendations are made of beside the model: the catalogue, and what its sources read.
final class RecommendResources: Sendable {
    /// A source, ready to be asked.
    enum Source: Sendable {
        /// The items nearest to the user's vector.
        case retrieval(TowerPredictor, ItemVectors)
        /// The most wanted items by a feature of the store.
        case popularFeature(PopularCounts)
        /// The most wanted items by the catalogue; overall, and for scenarios with a column of their own.
        case popularColumn(PopularItems, byScenario: [String: PopularItems])
        /// The items of a sequence of the user.
        case recentlyViewed(String)
        /// What is bought with the items of sequences of the user.
        case boughtTogether(BoughtTogether, seeds: [String])
    }

    let settings: ServingSettings.Recommend
    /// The names of features that sources may read.
    let names: FeatureNames
    let catalogue: Catalogue
    /// The sources, in the order of the settings.
    let sources: [Source]
    /// The rules that hold for every request.
    let rules: BusinessRules
    let diversity: Diversity
    /// The vectors that tell how alike items are; nil for their categories.
    let likeness: ItemVectors?

    /// Reads the catalogue and what the sources need.
    ///
    /// - Parameters:
    ///   - settings: where they are.
    ///   - features: the features of the store; nil without one.
    ///   - engine: what runs the tower of users.
    ///   - earlier: what was read before: an index of the same vectors is not made again.
    ///   - logger: told what of the files is of no use.
    /// - Throws: `ConfigurationError` for a feature the store does not have, else what is wrong with a file.
    init(
        _ settings: ServingSettings.Recommend,
        features: FeatureDefinitions?,
        engine: ExperimentEngine,
        earlier: RecommendResources? = nil,
        logger: Logger
    ) throws {
        try FeatureNames(features).checkNumbers(settings)
        var files = settings.catalogue
        for case .popularColumn(let column, let byScenario) in settings.sources.map(\.kind) {
            files.numbers += [column.text] + byScenario.values.map(\.text)
        }
        let catalogue = try Catalogue(files)
        self.settings = settings
        names = FeatureNames(features)
        self.catalogue = catalogue
        sources = try settings.sources.enumerated().map { number, source in
            try Self.source(source, catalogue, features, engine, earlier?.vectors(number), logger)
        }
        (rules, diversity) = try Self.ranking(settings)
        var vectors: ItemVectors?
        for case .retrieval(_, let own) in sources { vectors = own }
        likeness = settings.similarity == .category ? nil : vectors
    }

    /// The vectors of a source; nil for one that has none.
    private func vectors(_ source: Int) -> ItemVectors? {
        if case .retrieval(_, let vectors) = sources[source] { vectors } else { nil }
    }

    /// The sequences of a user that the towers read.
    var towerSequences: [String] {
        sources.flatMap { source in
            if case .retrieval(let tower, _) = source { tower.sequences } else { [String]() }
        }
    }

    /// The columns that a request may have for the sources' sake.
    var requestColumns: [String] {
        var columns = settings.catalogue.numbers
        columns += [settings.catalogue.category, settings.catalogue.stock].compactMap { $0 }
        for case .retrieval(let tower, _) in sources { columns += tower.columns }
        return columns
    }

    /// The counts of the store that are kept for a while.
    var popularCounts: [PopularCounts] {
        sources.compactMap { if case .popularFeature(let counts) = $0 { counts } else { nil } }
    }

    /// The rules and the diversity of settings.
    private static func ranking(
        _ settings: ServingSettings.Recommend
    ) throws -> (BusinessRules, Diversity) {
        let rules = try BusinessRules(
            blockedItems: Set(settings.rules.blockedItems),
            blockedCategories: Set(settings.rules.blockedCategories),
            requiresStock: settings.rules.requiresStock,
            frequencyCaps: settings.rules.frequencyCaps.map {
                BusinessRules.FrequencyCap($0.feature.text, maximum: $0.maximum)
            },
            maximumPerCategory: settings.rules.perCategory,
            categoryMaxima: settings.rules.categories
        )
        switch settings.diversity {
        case .none: return (rules, .none)
        case .mmr(let relevance):
            return (rules, try .maximalMarginalRelevance(relevance: relevance))
        case .dpp(let relevance): return (rules, try .determinantal(relevance: relevance))
        }
    }

    private static func source(
        _ source: ServingSettings.Recommend.Source,
        _ catalogue: Catalogue,
        _ features: FeatureDefinitions?,
        _ engine: ExperimentEngine,
        _ earlier: ItemVectors?,
        _ logger: Logger
    ) throws -> Source {
        func tell(_ strangers: Int, _ without: Int = 0) {
            guard strangers > 0 || without > 0 else { return }
            logger.warning(
                "catalogue and source differ",
                metadata: [
                    "source": .string(source.name),
                    "not_in_catalogue": .stringConvertible(strangers),
                    "without_vector": .stringConvertible(without),
                ]
            )
        }
        switch source.kind {
        case .retrieval(let path, let files, let method, let graph):
            let tower = try TowerPredictor(usersOf: try TrainedRun(path), engine: engine)
            func check(_ dimension: Int) throws(ServingError) {
                guard tower.dimension != dimension else { return }
                throw ServingError(
                    .recommendUnusable,
                    "recommend, source \"\(source.name)\": the vectors of items and users differ; expected "
                        + "\(tower.dimension) numbers as of the run \"\(path)\"; received \(dimension). Write "
                        + "them by `motet vectors` of this run."
                )
            }
            let vectors = try ItemVectors(
                files,
                of: catalogue,
                method: method,
                earlier: earlier
            ) { vectors, dimension, method in
                // A graph of a million takes minutes: first what is quick.
                try check(dimension)
                guard let graph else {
                    return try VectorIndex(vectors, dimension: dimension, method: method)
                }
                let (index, origin) = try GraphFile(path: graph)
                    .index(vectors, dimension: dimension, method: method)
                origin.log(source.name, logger)
                return index
            }
            try check(vectors.dimension)
            try tower.warm()
            tell(vectors.strangers, catalogue.count - vectors.count)
            return .retrieval(tower, vectors)
        case .popularFeature(let feature, let seconds):
            return .popularFeature(
                PopularCounts(
                    feature.text,
                    isOfScenarios: features?.entity(of: feature.text)?.dimensions
                        .contains(.scenario) ?? false,
                    limit: source.candidates,
                    refreshSeconds: seconds
                )
            )
        case .popularColumn(let column, let byScenario):
            func popular(_ column: ServingSettings.Recommend.Named) -> PopularItems {
                PopularItems(catalogue.numbers[column.text] ?? [], limit: source.candidates)
            }
            return .popularColumn(popular(column), byScenario: byScenario.mapValues(popular))
        case .recentlyViewed(let feature): return .recentlyViewed(feature.text)
        case .boughtTogether(let files, let seeds):
            let together = try BoughtTogether(files, of: catalogue)
            tell(together.strangers)
            return .boughtTogether(together, seeds: seeds.map(\.text))
        }
    }
}

extension FeatureDefinitions {
    /// What a feature is kept for; nil where there is no such feature.
    fileprivate func entity(of name: String) -> FeatureEntity? {
        features.first { $0.name == name }?.entity
    }
}
