import Logging
import MotetCandidates
import MotetConfiguration
import MotetCore
import MotetExperiments
import MotetFeatures
import MotetRanking
import Synchronization

/// Reads what recommendations are made of, and shares it between the models of a server.
///
/// Each load of the server's own run reads the files anew, so that `POST /admin/reload` brings a new catalogue; runs
/// beside it take what it read last. A model keeps what it was loaded with.
final class RecommendLoader: Sendable {
    /// The settings.
    let settings: ServingSettings.Recommend
    private let features: FeatureDefinitions?
    private let source: any FeatureSource
    private let fields: OnlineFields?
    private let engine: ExperimentEngine
    private let logger: Logger
    private let latest = Mutex<RecommendResources?>(nil)

    /// Creates a loader; nothing is read yet.
    ///
    /// - Parameters:
    ///   - settings: where the files are.
    ///   - features: the features of the store; nil without one.
    ///   - source: where the features of items come from.
    ///   - fields: how the store is asked; nil without one.
    ///   - engine: what runs the tower of users.
    ///   - logger: told what of the files is of no use.
    init(
        _ settings: ServingSettings.Recommend,
        features: FeatureDefinitions?,
        source: any FeatureSource,
        fields: OnlineFields?,
        engine: ExperimentEngine,
        logger: Logger
    ) {
        self.settings = settings
        self.features = features
        self.source = source
        self.fields = fields
        self.engine = engine
        self.logger = logger
    }

    /// What a model recommends with.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - isOwn: whether it is the server's own run, for which the files are read anew.
    /// - Returns: the catalogue in the form of the model.
    /// - Throws: `ConfigurationError` for a formula that does not read as one, else what is wrong with the files.
    func catalogue(
        for model: ServedModel.Parts,
        isOwn: Bool
    ) throws -> ModelCatalogue {
        // First what is quick: a wrong formula is told before a catalogue is read.
        let formula = try formula(model.numberTasks)
        let resources = try latest.withLock { latest in
            if !isOwn, let latest { return latest }
            let read = try RecommendResources(
                settings,
                features: features,
                engine: engine,
                earlier: latest,
                logger: logger
            )
            latest = read
            return read
        }
        let catalogue = try ModelCatalogue(resources, formula, model)
        catalogue.countPopular(source, fields, logger)
        return catalogue
    }

    private func formula(_ tasks: [String]) throws -> ScoreFormula {
        let numbers = settings.catalogue.numbers
        if let both = tasks.first(where: { numbers.contains($0) }) {
            throw ConfigurationError([
                settings.formula.problem(
                    .scoreFormula,
                    "\"\(both)\" is a task and a number of the catalogue; expected names that differ."
                )
            ])
        }
        do {
            return try ScoreFormula(settings.formula.text, names: tasks + numbers)
        } catch {
            throw ConfigurationError([
                settings.formula.problem(error.code, error.description)
            ])
        }
    }
}
