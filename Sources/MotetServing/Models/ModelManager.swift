import HTTPTypes
import Logging
import MotetCore
import MotetData

/// Reads, swaps and rolls back models, one change at a time; requests are answered all the while.
actor ModelManager {
    private let path: String
    private let loader: ModelLoader
    private let models: ModelStore
    private let metrics: ServerMetrics
    private let logger: Logger
    /// The models of the run beside, the other part of an experiment, which this one must agree with.
    private let beside: ModelStore?
    /// The store whose features runs must have been trained with; nil without one.
    private let online: OnlineFeatures?
    private var isChanging = false

    /// Creates a manager.
    ///
    /// - Parameters:
    ///   - path: the run directory of the server, or a link to one.
    ///   - loader: reads and warms models.
    ///   - models: holds the one that answers.
    ///   - metrics: counts the changes.
    ///   - logger: is told of every change.
    ///   - beside: the models of the run beside in an experiment, which must have the same columns and tasks;
    ///     nil where there is none.
    ///   - online: the store whose features runs must have been trained with; nil without one.
    init(
        path: String,
        loader: ModelLoader,
        models: ModelStore,
        metrics: ServerMetrics,
        logger: Logger,
        beside: ModelStore? = nil,
        online: OnlineFeatures? = nil
    ) {
        self.online = online
        self.beside = beside
        self.path = path
        self.loader = loader
        self.models = models
        self.metrics = metrics
        self.logger = logger
    }

    /// Reads a run, warms it, and lets it answer from the next request on.
    ///
    /// - Parameter other: another run directory; nil for the server's own, whose link may have changed.
    /// - Returns: the model that answers now.
    /// - Throws: `RequestError` while another change goes on, or what is wrong with the run; the model that
    ///   answered before goes on then.
    @discardableResult
    func load(_ other: String? = nil) async throws -> ServedModel {
        guard !isChanging else { throw Self.busy }
        isChanging = true
        defer { isChanging = false }
        let start = ContinuousClock.now
        do {
            let model = try await loader.load(other ?? path)
            try check(model)
            models.replace(model)
            metrics.changed(.loaded)
            logger.info(
                "ready",
                metadata: [
                    "model": .string(model.version), "run": .string(model.path),
                    "seconds": .stringConvertible((ContinuousClock.now - start) / .seconds(1)),
                ]
            )
            warn(of: model)
            return model
        } catch {
            metrics.changed(.failed)
            logger.error(
                "model not loaded",
                metadata: ["run": .string(other ?? path), "error": .string("\(error)")]
            )
            throw error
        }
    }

    /// Tells of columns of persons that are kept from prices, and that the run does not have.
    private func warn(of model: ServedModel) {
        guard loader.isOwn, let prices = loader.settings.price else { return }
        let unread = PersonalColumns.unread(prices, model)
        guard !unread.isEmpty else { return }
        logger.warning(
            "never_use names what the run does not read",
            metadata: ["names": .array(unread.map { .string($0) })]
        )
    }

    /// Lets the model before answer again; the one that answered takes its place.
    ///
    /// - Returns: the model that answers now.
    /// - Throws: `RequestError` where there is none, or while another change goes on.
    func rollBack() throws -> ServedModel {
        guard !isChanging else { throw Self.busy }
        guard let model = models.rollBack() else {
            throw RequestError(
                .conflict,
                "nothing_before",
                message:
                    "server: there is no model to go back to; expected a reload before; received none."
            )
        }
        metrics.changed(.rolledBack)
        logger.info("rolled back", metadata: ["model": .string(model.version)])
        return model
    }

    private func check(_ model: ServedModel) throws(ServingError) {
        try online?.check(model)
        guard let other = beside?.current else { return }
        guard other.tasks == model.tasks, other.classes == model.classes,
            Set(other.encoder.columns) == Set(model.encoder.columns)
        else {
            throw ServingError(
                .armMismatch,
                "experiment: \(model.path) reads or answers something else than the run beside it; expected "
                    + "the columns \(other.encoder.columns.joined(separator: ", ")) and the tasks "
                    + "\(other.tasks.joined(separator: ", ")); received "
                    + "\(model.encoder.columns.joined(separator: ", ")) and "
                    + "\(model.tasks.joined(separator: ", "))."
            )
        }
    }

    private static let busy = RequestError(
        .conflict,
        "change_in_progress",
        message:
            "server: another model is being read; expected one change at a time. Try again later."
    )
}
