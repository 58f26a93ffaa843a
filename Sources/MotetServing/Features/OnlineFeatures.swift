import Foundation
import Logging
import MotetData
import MotetExperiments
import MotetFeatureStore
import MotetFeatures

/// The store of a server, from its opening to its close.
struct OnlineFeatures: Sendable {
    /// The store.
    let store: any FeatureStore
    /// What tells it which features a request asks for.
    let fields: OnlineFields
    /// How far in the future an event's time may be, in milliseconds.
    let aheadMilliseconds: Int64
    /// The features whose statistics the folder did not have.
    let emptyFeatures: [String]
    /// The server's clock, in milliseconds since 1970.
    ///
    /// What is asked for without a time is asked for now, and no event may be far ahead of it. Nothing of it is kept,
    /// so a clock that jumped and is set right again leaves no trace.
    let now: @Sendable () -> Int64
    /// What is kept in memory of a store elsewhere.
    let caches: @Sendable () -> [CacheFigures]
    private let read: StoreFeatures.Reader
    private let finish: @Sendable () async throws -> Void

    /// A store that is open already, and that somebody else closes.
    init(
        _ store: any FeatureStore,
        fields: OnlineFields,
        aheadMilliseconds: Int64,
        now: @escaping @Sendable () -> Int64 = Self.systemTime,
        read: @escaping StoreFeatures.Reader
    ) {
        self.now = now
        self.store = store
        self.fields = fields
        self.aheadMilliseconds = aheadMilliseconds
        self.read = read
        emptyFeatures = []
        caches = { [] }
        finish = {}
    }

    /// Opens the store of a run's online features.
    ///
    /// - Parameters:
    ///   - settings: where it is kept.
    ///   - path: the run directory, or a link to one.
    ///   - metrics: told whether the store can be asked.
    ///   - logger: told the same.
    ///   - now: the server's clock.
    /// - Throws: `ServingError` where the run has no online features, `FeatureError` where the store cannot be
    ///   opened, `TableError` where the categories of items cannot be read.
    init(
        _ settings: ServingSettings.Features,
        run path: String,
        _ metrics: ServerMetrics,
        _ logger: Logger,
        now: @escaping @Sendable () -> Int64 = Self.systemTime
    ) throws {
        self.now = now
        let experiment = try RunDirectory(path).experiment()
        guard let definitions = experiment.onlineFeatures?.definitions else {
            throw ServingError(
                .featuresUnusable,
                "features: the run \"\(path)\" says of no feature how it comes from events; expected "
                    + "`online_features` in its configuration. Train it with the section, or leave "
                    + "`features` out."
            )
        }
        let items = try Self.items(settings, definitions)
        if let folder = settings.folder {
            var options = DurableFeatureStore.Options()
            options.durability = settings.durability
            let store = try DurableFeatureStore(
                definitions,
                items: items,
                folder: folder,
                options: options
            )
            self.store = store
            emptyFeatures = store.emptyFeatures
            read = { store.read($0, into: &$1) }
            caches = { [] }
            finish = { try await store.close() }
        } else if let redis = settings.redis {
            let store = try RedisFeatureStore(definitions, items: items, options: redis.options()) {
                Self.heed($0, metrics, logger)
            }
            if settings.durability == .power, store.keepsEveryWrite == false {
                logger.warning(
                    "redis may lose acknowledged events",
                    metadata: ["expected": "appendonly yes, appendfsync always"]
                )
            }
            self.store = store
            emptyFeatures = store.emptyFeatures
            read = { store.read($0, into: &$1) }
            caches = {
                let cache = store.cache
                return [
                    CacheFigures(
                        kind: .redis,
                        hits: cache.hits,
                        misses: cache.misses,
                        bytes: cache.bytes
                    )
                ]
            }
            finish = { await store.close() }
        } else {
            let store = MemoryFeatureStore(definitions, items: items)
            self.store = store
            emptyFeatures = []
            read = { store.read($0, into: &$1) }
            caches = { [] }
            finish = {}
        }
        fields = OnlineFields(
            category: settings.category,
            scenario: settings.scenario ?? experiment.data.scenario?.column ?? "scenario"
        )
        aheadMilliseconds = Int64(settings.aheadSeconds * 1000)
    }

    private static func heed(
        _ notice: RedisFeatureStore.Notice,
        _ metrics: ServerMetrics,
        _ logger: Logger
    ) {
        switch notice {
        case .away(let error):
            metrics.withStore { $0.isAway = true }
            logger.warning("feature store away", metadata: ["error": .string(error.description)])
        case .back:
            metrics.withStore { $0.isAway = false }
            logger.info("feature store back")
        case .startsEmpty(let features):
            logger.warning(
                "features start empty",
                metadata: ["features": .array(features.map { .string($0) })]
            )
        }
    }

    private static func items(
        _ settings: ServingSettings.Features,
        _ definitions: FeatureDefinitions
    ) throws -> ItemTable {
        guard let items = settings.items else { return ItemTable() }
        let extraction = FeatureExtraction(
            definitions,
            logs: [],
            rows: FeatureRows(),
            itemFile: FeatureExtraction.ItemFile(
                files: items.files,
                item: items.item,
                category: items.category
            )
        )
        return try extraction.items()
    }

    /// The store as a source of columns.
    ///
    /// - Parameters:
    ///   - others: asked for what is no feature of the store.
    ///   - metrics: times the answers.
    /// - Returns: the source.
    func source(beside others: any FeatureSource, _ metrics: ServerMetrics) -> StoreFeatures {
        StoreFeatures(
            read: { [read] request, table in
                metrics.timed(.features) { read(request, &table) }
            },
            features: store.definitions.features,
            fields: fields,
            others: others,
            now: now
        )
    }

    /// Checks that a run was trained with the features the store keeps.
    ///
    /// - Throws: `ServingError` for one that it reads and that is another, or not there.
    func check(_ model: ServedModel) throws(ServingError) {
        let own = model.predictor.run.experiment.onlineFeatures?.definitions.features ?? []
        let kept = Set(store.definitions.features)
        for feature in own
        where model.encoder.columns.contains(feature.name) && !kept.contains(feature) {
            throw ServingError(
                .featuresUnusable,
                "features: \"\(feature.name)\" of the run \(model.path) is not the one the store keeps; "
                    + "expected the `online_features` the server was started with. Start a server with the "
                    + "run."
            )
        }
    }

    /// The system's time, in milliseconds since 1970.
    @Sendable static func systemTime() -> Int64 {
        Int64((Date.now.timeIntervalSince1970 * 1000).rounded(.down))
    }

    /// Waits for what was begun, and closes the store.
    func close() async throws { try await finish() }
}
