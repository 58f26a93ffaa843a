import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
public import Logging
public import MotetExperiments
import MotetFeatures
import MotetLedger
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A trained run behind HTTP.
///
/// The server listens at once and is ready when its model is warm: `/readyz` tells. SIGTERM and SIGINT end
/// it gracefully: it listens no more, finishes the requests in flight, and `run` returns.
///
/// ```swift
/// let server = try ModelServer(run: "runs/ple", settings: ServingSettings(), engine: .oneDNN)
/// try server.runToEnd()
/// ```
public final class ModelServer: Sendable {
    /// How it listens, computes and protects itself.
    public let settings: ServingSettings
    private let runPath: String
    private let engine: ExperimentEngine
    private let features: any FeatureSource
    private let logger: Logger
    private let models = ModelStore()
    private let metrics: ServerMetrics
    private let token: AdminToken?
    private let identities: UserIdentities
    private let users: UserAccess
    private let tls: TLSConfiguration?
    private let clock: @Sendable () -> Int64
    /// The history that demand is forecast from; nil without one.
    private let forecasts: ForecastStore?
    private let listening: @Sendable (_ port: Int, _ isAdmin: Bool) -> Void

    /// Describes a server; nothing runs yet.
    ///
    /// - Parameters:
    ///   - run: the run directory, or a link to one.
    ///   - settings: how it listens, computes and protects itself.
    ///   - engine: what runs the model.
    ///   - features: where features come from that requests do not carry, and no store of
    ///     `settings.features` has.
    ///   - logger: where it logs; JSON lines to standard error if left out.
    ///   - listening: told each port when the server listens there, and whether it is that of admin routes.
    ///   - clock: the time now in milliseconds since 1970, for requests that name none and for events that are ahead
    ///     of it; the system's if left out.
    /// - Throws: `ExperimentError` when there is no finished run, `ServingError` where the secret of the
    ///   admin routes, a certificate or its key cannot be used.
    public init(
        run: String,
        settings: ServingSettings,
        engine: ExperimentEngine,
        features: any FeatureSource = RequestFeatures(),
        logger: Logger? = nil,
        listening: @escaping @Sendable (_ port: Int, _ isAdmin: Bool) -> Void = { _, _ in },
        clock: (@Sendable () -> Int64)? = nil
    ) throws {
        let directory = RunDirectory(run)
        _ = try directory.versions()
        guard directory.isFinished else {
            throw ExperimentError(
                .runUnfinished,
                "run \"\(run)\": the training has not come to its end; expected a finished run. Go on "
                    + "with `motet train \(run) --resume`."
            )
        }
        tls = try settings.tls.map { try TLSFiles.configuration($0) }
        token = try settings.admin?.tokenFile.map { try AdminToken(file: $0) }
        identities = try settings.saltFile.map { try UserIdentities(saltFile: $0) } ?? .plain
        users = try UserAccess(settings.users)
        self.settings = settings
        let clock = clock ?? OnlineFeatures.systemTime
        let forecasts = try settings.forecast.map {
            try ForecastStore($0, hasEvents: settings.features != nil, now: clock)
        }
        self.forecasts = forecasts
        metrics = ServerMetrics(
            drift: settings.drift,
            outcomes: settings.outcomes.map { OutcomeWatch($0, now: clock) },
            forecasts: forecasts
        )
        runPath = run
        self.engine = engine
        self.features = features
        self.listening = listening
        self.clock = clock
        self.logger =
            logger
            ?? Logger(label: "motet") { _ in JSONLogHandler(level: settings.logLevel.level) }
    }

    /// Serves until a signal or the cancellation of the task, and blocks the thread meanwhile.
    ///
    /// - Throws: what `run` throws.
    public func runToEnd() throws {
        let failure = FailureBox()
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            do { try await self.run() } catch { failure.set(error) }
            end.signal()
        }
        end.wait()
        if let error = failure.error { throw error }
    }

    /// Serves until SIGTERM, SIGINT or the cancellation of the task.
    ///
    /// - Parameter handlesSignals: whether the signals end it; a program of its own wants that.
    /// - Throws: `ServingError` where it cannot listen; what is wrong with the run, or with the store of
    ///   features.
    public func run(handlesSignals: Bool = true) async throws {
        let online = try settings.features.map {
            try OnlineFeatures($0, run: runPath, metrics, logger, now: clock)
        }
        if let empty = online?.emptyFeatures, !empty.isEmpty {
            logger.warning(
                "features start empty",
                metadata: ["features": .array(empty.map { .string($0) })]
            )
        }
        let sales: AdSales?
        do {
            sales = try settings.ads.map { try AdSales($0, limits: settings.limits, now: clock) }
        } catch {
            try? await online?.close()
            throw error
        }
        var outcome: (any Error)?
        do {
            for folder in [settings.features?.folder, settings.ads?.folder].compactMap(\.self) {
                try IdentityMark.check(folder, identities, logger)
            }
            let risk = try settings.risk.map { try RiskStore($0) }
            defer { risk?.close() }
            let prices = try settings.price.map {
                try PriceStore($0, items: settings.items, now: clock)
            }
            if let forecasts { try forecasts.outcomes.open(forecasts) }
            let served: Result<Void, any Error>
            do {
                try await serve(online, risk, prices, sales, handlesSignals)
                served = .success(())
            } catch { served = .failure(error) }
            await prices?.close()
            do { try forecasts?.outcomes.close() } catch {
                logger.error("sales not saved", metadata: ["error": .string("\(error)")])
            }
            try served.get()
        } catch { outcome = error }
        do { try await sales?.ledger.close() } catch {
            logger.error("ledger not closed", metadata: ["error": .string("\(error)")])
            if outcome == nil { outcome = error }
        }
        do { try await online?.close() } catch {
            logger.error("feature store not closed", metadata: ["error": .string("\(error)")])
            if outcome == nil { throw error }
        }
        if let outcome { throw outcome }
        logger.info("stopped")
    }

    private func serve(
        _ online: OnlineFeatures?,
        _ risk: RiskStore?,
        _ prices: PriceStore?,
        _ sales: AdSales?,
        _ handlesSignals: Bool
    ) async throws {
        let threadsPerRequest = settings.threadsPerRequest
        let pool = WorkerPool(threads: settings.workers, limit: settings.limits.queue) {
            [engine] in engine.useThreads(threadsPerRequest)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let rollout = Rollout(
            models: models,
            experiment: settings.experiment.map {
                Arm(models: ModelStore(), share: $0.share, salt: $0.salt)
            },
            shadow: settings.shadow.map {
                Arm(models: ModelStore(), share: $0.share, salt: $0.salt)
            }
        )
        let recommend = settings.recommend.map {
            RecommendLoader(
                $0,
                features: online?.store.definitions,
                source: online?.source(beside: features, metrics) ?? features,
                fields: online?.fields,
                engine: engine,
                logger: logger
            )
        }
        let manager = manager(
            runPath,
            models,
            online,
            recommend,
            sales,
            beside: rollout.experiment?.models
        )
        let watcher = LinkWatcher(
            runs: watched(rollout, manager, online, recommend, sales),
            seconds: settings.watchSeconds
        )
        let services: [any Service] =
            try applications(pool, rollout, manager, online, risk, prices, sales, group, quiet) + [
                watcher,
                DriftWatch(metrics: metrics, settings: settings.drift, logger: logger),
            ] + (forecasts.map { [ForecastSaver(store: $0, logger: logger)] } ?? [])
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: handlesSignals ? [.sigterm, .sigint] : [],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = .seconds(settings.stopSeconds)
        logger.info(
            "starting",
            metadata: [
                "run": .string(runPath), "workers": .stringConvertible(settings.workers),
                "threads_per_request": .stringConvertible(threadsPerRequest),
            ]
        )
        let outcome: (any Error)?
        do {
            try await ServiceGroup(configuration: configuration).run()
            outcome = nil
        } catch { outcome = error }
        pool.stop()
        try? await group.shutdownGracefully()
        // The end of its task is an end that was asked for.
        if let outcome, !Task.isCancelled { throw described(outcome) }
    }

    private func manager(
        _ path: String,
        _ models: ModelStore,
        _ online: OnlineFeatures?,
        _ recommend: RecommendLoader?,
        _ sales: AdSales?,
        beside: ModelStore? = nil,
        decides: Bool = true
    ) -> ModelManager {
        ModelManager(
            path: path,
            loader: ModelLoader(
                engine: engine,
                settings: settings,
                recommend: recommend,
                sales: sales,
                forecasts: decides ? forecasts : nil,
                isOwn: models === self.models,
                decides: decides
            ),
            models: models,
            metrics: metrics,
            logger: logger,
            beside: beside,
            online: online
        )
    }

    /// The runs whose links are watched: the server's own, then those beside it.
    private func watched(
        _ rollout: Rollout,
        _ own: ModelManager,
        _ online: OnlineFeatures?,
        _ recommend: RecommendLoader?,
        _ sales: AdSales?
    ) -> [LinkWatcher.Watched] {
        var runs = [LinkWatcher.Watched(path: runPath, manager: own)]
        if let path = settings.experiment?.run, let arm = rollout.experiment {
            let manager = manager(path, arm.models, online, recommend, sales, beside: models)
            runs.append(LinkWatcher.Watched(path: path, manager: manager))
        }
        if let path = settings.shadow?.run, let arm = rollout.shadow {
            let manager = manager(path, arm.models, online, nil, nil, decides: false)
            runs.append(LinkWatcher.Watched(path: path, manager: manager))
        }
        return runs
    }

    /// The public port, and that of the admin routes where they have one.
    private func applications(
        _ pool: WorkerPool,
        _ rollout: Rollout,
        _ manager: ModelManager,
        _ online: OnlineFeatures?,
        _ risk: RiskStore?,
        _ prices: PriceStore?,
        _ sales: AdSales?,
        _ group: MultiThreadedEventLoopGroup,
        _ quiet: Logger
    ) throws -> [any Service] {
        let decisions = settings.admin.map { _ in
            DecisionLog(capacity: settings.console.decisions)
        }
        let figures = ConsoleData(
            rollout: rollout,
            pool: pool,
            metrics: metrics,
            decisions: decisions ?? DecisionLog(capacity: 0),
            store: settings.features.map {
                $0.redis != nil ? "Redis" : $0.folder == nil ? "memory" : "a folder"
            },
            sales: sales,
            learning: settings.console.learning,
            forecasts: forecasts
        )
        func admin(_ token: AdminToken?) -> [Route] {
            AdminRoutes(models: models, manager: manager, token: token, limits: settings.limits)
                .routes + ConsoleRoutes(data: figures, token: token).routes
        }
        func table(_ routes: [Route]) -> RouteTable {
            RouteTable.describingItself(
                routes,
                models,
                online?.fields,
                settings.limits,
                ads: sales.map {
                    AdColumns(settings: $0.settings, hasCampaigns: !$0.campaigns.isEmpty)
                }
            )
        }
        let serving = ServingRoutes(
            rollout: rollout,
            pool: pool,
            batcher: MicroBatcher(rows: settings.microBatchRows, pool: pool, metrics: metrics),
            features: online?.source(beside: features, metrics) ?? features,
            online: online,
            identities: identities,
            users: users,
            metrics: metrics,
            precision: settings.precision,
            limits: settings.limits,
            logger: logger,
            decisions: decisions,
            recommends: settings.recommend != nil,
            risk: risk.map { RiskRoute(store: $0, now: clock) },
            prices: prices.map { PriceRoute(store: $0) },
            sales: sales,
            forecasts: forecasts.map { ForecastRoute(store: $0) }
        )
        let open = table(serving.routes + (token.map { admin($0) } ?? []))
        // One loop runs the tasks of all connections; others read and write beside it.
        let executor = EventLoopExecutor(group.any())
        var applications = [
            try service(open, settings.host, settings.port, false, group, executor, quiet)
        ]
        if let port = settings.admin?.port {
            applications.append(
                try service(
                    table((admin(nil) + serving.adminRoutes).map { LoopbackGuard.guarding($0) }),
                    "127.0.0.1",
                    port,
                    true,
                    group,
                    executor,
                    quiet
                )
            )
        }
        return applications
    }

    private func service(
        _ routes: RouteTable,
        _ host: String,
        _ port: Int,
        _ isAdmin: Bool,
        _ group: MultiThreadedEventLoopGroup,
        _ executor: EventLoopExecutor,
        _ quiet: Logger
    ) throws -> any Service {
        let limits = settings.limits
        let channel = HTTP1Channel.Configuration(
            idleTimeout: silence,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes,
                maxHeaderListSize: limits.headerBytes,
                maxHeaderFieldCount: 100
            )
        )
        let application = Application(
            responder: ServingResponder(
                routes: routes,
                reader: BodyReader(limits: limits, executor: executor),
                gate: BodyGate(limits: limits),
                logger: logger,
                metrics: metrics
            ),
            server: tls.map { isAdmin ? plain(channel) : secure(channel, $0) } ?? plain(channel),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connections,
                    logger: quiet
                )
            ),
            onServerRunning: { [logger, listening] channel in
                let bound = channel.localAddress?.port ?? port
                logger.info(
                    isAdmin ? "listening for admin routes" : "listening",
                    metadata: ["host": .string(host), "port": .stringConvertible(bound)]
                )
                listening(bound, isAdmin)
            },
            eventLoopGroupProvider: .shared(group),
            logger: quiet
        )
        return EventLoopService(base: application, executor: executor)
    }

    /// TLS, with HTTP/2 where the client has it and HTTP/1.1 where not.
    private func secure(
        _ channel: HTTP1Channel.Configuration,
        _ tls: TLSConfiguration
    ) -> HTTPServerBuilder {
        let configuration = streams(channel)
        let (seconds, silence) = (settings.limits.requestSeconds, self.silence)
        return HTTPServerBuilder { responder in
            TLSDeadline(
                base: try HTTP2UpgradeChannel(
                    tlsConfiguration: tls,
                    configuration: configuration,
                    responder: responder
                ),
                seconds: seconds,
                silence: silence
            )
        }
    }

    /// No TLS, with HTTP/2 for clients that begin with it.
    private func plain(_ channel: HTTP1Channel.Configuration) -> HTTPServerBuilder {
        let configuration = streams(channel)
        return HTTPServerBuilder { responder in
            PlainChannel(configuration, http1: channel, responder: responder)
        }
    }

    /// How connections of HTTP/2 are kept.
    private func streams(_ channel: HTTP1Channel.Configuration) -> HTTP2Channel.Configuration {
        let silence = self.silence
        // A stream waits for its client's window, however fast the connection takes what it is sent.
        var stream = channel
        stream.additionalChannelHandlers = { [AnswerDeadline(silence)] }
        return HTTP2Channel.Configuration(
            idleTimeout: .seconds(settings.limits.idleSeconds),
            gracefulCloseTimeout: .seconds(settings.stopSeconds),
            streamConfiguration: stream
        )
    }

    /// How long a connection may be silent, and a client take nothing.
    private var silence: TimeAmount { .milliseconds(Int64(settings.limits.idleSeconds * 1000)) }

    /// The sentence of an error that kept the server from running.
    private func described(_ error: any Error) -> any Error {
        guard let error = error as? IOError else { return error }
        return ServingError(
            .cannotListen,
            "server: it cannot listen at \(settings.host), port \(settings.port)"
                + (settings.admin?.port.map { ", or at 127.0.0.1, port \($0) (`admin.port`)" } ?? "")
                + "; expected an address of this machine and a free port; received \"\(String(cString: strerror(error.errnoCode)))\". "
                + "Choose others by `--host` and `--port`."
        )
    }
}

/// An error handed from one thread to another.
private final class FailureBox: Sendable {
    private let stored = Mutex<(any Error)?>(nil)

    var error: (any Error)? { stored.withLock { $0 } }

    func set(_ error: any Error) { stored.withLock { $0 = error } }
}
