public import Foundation
public import MotetConfiguration
public import MotetCore

/// How a server listens, computes and protects itself; `serve.yaml`.
///
/// docs/serving/configuration.md has every key.
public struct ServingSettings: Hashable, Sendable {
    /// The address to listen at.
    public var host = "127.0.0.1"
    /// The port to listen at; 0 takes one that is free.
    public var port = 8080
    /// The threads that compute: as many requests at once.
    public var workers = ProcessInfo.processInfo.activeProcessorCount
    /// The threads each request computes on.
    public var threadsPerRequest = 1
    /// The numbers that the model's weights are multiplied by.
    public var precision = ProductPrecision.float32
    /// Whether every item is computed whole, so that scores are those of `motet predict` bit for bit.
    public var isExact = false
    /// The most rows of small requests that are computed together where several wait; below 4 none are.
    public var microBatchRows = 32
    /// The threads that read and write.
    public var eventLoops = 1
    /// For how long requests in flight may take to end when the server stops.
    public var stopSeconds = 30
    /// How often the link that names the run is looked at; 0 never.
    public var watchSeconds = 2.0
    /// How the admin routes are reached; nil for none.
    public var admin: Admin?
    /// The files of TLS; nil serves without.
    public var tls: TLS?
    /// A run that answers a share of the users.
    public var experiment: Arm?
    /// A run that is asked beside for a share of the users, and whose answers nobody gets.
    public var shadow: Arm?
    /// Where the run's online features are kept; nil for nowhere: requests carry every feature.
    public var features: Features?
    /// A file with the salt that users' identities are hashed with; nil keeps them as they are.
    public var saltFile: String?
    /// How the routes under `/v1/users` are reached.
    public var users = Users()
    /// The shop's table of items; nil where requests carry what models read of items.
    public var items: ItemFiles?
    /// The columns whose values must be known to the model, or to the shop's tables; docs/serving/score.md.
    public var knownValues: [Recommend.Named] = []
    /// Where recommendations come from; nil for none.
    public var recommend: Recommend?
    /// How orders and reviews are judged; nil where nothing is.
    public var risk: Risk?
    /// How prices are chosen; nil where they are not.
    public var price: Price?
    /// Where ads are sold; nil for nowhere.
    public var ads: Ads?
    /// How demand is forecast; nil where it is not.
    public var forecast: Forecast?
    /// What is written to the log: the least level.
    public var logLevel = LogLevel.info
    /// When drift of inputs and scores is an alarm.
    public var drift = Drift()
    /// Which predictions are held against what then happens; nil for none.
    public var outcomes: Outcomes?
    /// What the console keeps; it is among the admin routes.
    public var console = Console()
    /// What a request may be.
    public var limits = Limits()

    /// Least levels of the log.
    public enum LogLevel: String, CaseIterable, Hashable, Sendable {
        /// Everything.
        case debug
        /// Each request, and what the server does.
        case info
        /// What may need a look.
        case warning
        /// Failures of the server.
        case error
    }

    /// How the routes are reached that change the server.
    public struct Admin: Hashable, Sendable {
        /// A port of their own, at this machine's loopback address only; 0 takes one that is free.
        public var port: Int?
        /// A file with the secret that opens them on the public port.
        public var tokenFile: String?

        /// Creates settings; without either there are no admin routes.
        public init(port: Int? = nil, tokenFile: String? = nil) {
            self.port = port
            self.tokenFile = tokenFile
        }
    }

    /// What the console keeps to show it.
    public struct Console: Hashable, Sendable {
        /// The most recent answers; 0 keeps none.
        public var decisions = 100
        /// The folder of the candidates of `motet learn`, whose steps it shows; nil for none.
        public var learning: String?

        /// The defaults.
        public init() {}
    }

    /// The files of TLS.
    public struct TLS: Hashable, Sendable {
        /// The certificate and those it was signed with, in PEM.
        public var certificate: String
        /// Its private key, in PEM.
        public var key: String

        /// Names the files.
        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Files with the shop's items.
    public struct ItemFiles: Hashable, Sendable {
        /// Files, folders and patterns.
        public var files: [String]
        /// The column that names the item.
        public var item: String
        /// The most memory, in MiB, of what a model computes of items alone, once for each; 0 for none.
        public var storedMebibytes: Int

        /// Names files and the column.
        public init(files: [String], item: String, storedMebibytes: Int = 256) {
            self.files = files
            self.item = item
            self.storedMebibytes = storedMebibytes
        }
    }

    /// A second run and its share of the users.
    public struct Arm: Hashable, Sendable {
        /// The run directory, or a link to one.
        public var run: String
        /// The share, from 0 to 1.
        public var share: Double
        /// What makes its users other ones than those of another experiment.
        public var salt: String

        /// Creates an arm.
        public init(run: String, share: Double, salt: String = "") {
            self.run = run
            self.share = share
            self.salt = salt
        }
    }

    /// What a request may be, and what the server takes on.
    public struct Limits: Hashable, Sendable {
        /// The most bytes of a body.
        public var bodyBytes = 2 << 20
        /// The most bytes of all header fields.
        public var headerBytes = 16 << 10
        /// The most items of a request.
        public var candidates = 1000
        /// The most events of a request.
        public var events = 1000
        /// The most values of a list, such as a history.
        public var listValues = 1000
        /// How deep lists and objects may stand in each other.
        public var jsonDepth = 8
        /// The most requests that wait for a thread.
        public var queue = 64
        /// The most open connections.
        public var connections = 256
        /// For how long a request may take to arrive.
        public var requestSeconds = 10.0
        /// For how long a connection may be silent.
        public var idleSeconds = 60.0
        /// What `Retry-After` says when the queue is full.
        public var retryAfterSeconds = 1

        /// The defaults.
        public init() {}
    }

    /// The settings of a server without a file.
    public init() {}

    /// Reads a file.
    ///
    /// - Parameter file: the YAML file.
    /// - Throws: `ConfigurationError` with every problem and its line.
    public init(contentsOf file: URL) throws {
        let document = try ConfigurationDocument(contentsOf: file)
        try self.init(document, folder: file.deletingLastPathComponent().path)
    }

    /// Reads the settings of a document.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - folder: what relative paths in it start from.
    /// - Throws: `ConfigurationError` with every problem and its line.
    public init(_ document: ConfigurationDocument, folder: String) throws {
        self = try document.read {
            ServingSettings(reading: $0, folder: folder, file: document.name)
        }
    }

    private init(reading reader: ConfigurationReader, folder: String, file: String) {
        host = reader.string("host", default: host)
        port = reader.integer("port", default: port, in: .between(0, 65_535))
        workers = reader.integer("workers", default: workers, in: .between(1, 1024))
        threadsPerRequest = reader.integer(
            "threads_per_request",
            default: threadsPerRequest,
            in: .between(1, 1024)
        )
        precision = reader.choice("precision", default: precision)
        isExact = reader.boolean("exact", default: isExact)
        microBatchRows = reader.integer(
            "micro_batch_rows",
            default: microBatchRows,
            in: .between(0, 1024)
        )
        eventLoops = reader.integer("event_loops", default: eventLoops, in: .between(1, 1024))
        stopSeconds = reader.integer("stop_seconds", default: stopSeconds, in: .between(1, 3600))
        watchSeconds = reader.number(
            "watch_seconds",
            default: watchSeconds,
            in: .between(0, 86_400)
        )
        logLevel = reader.choice("log_level", default: logLevel)
        admin = reader.section(ifPresent: "admin") { Admin(reading: $0, folder: folder) }
        tls = reader.section(ifPresent: "tls") { tls in
            TLS(
                certificate: Self.path(tls.string("certificate"), folder),
                key: Self.path(tls.string("key"), folder)
            )
        }
        func arm(_ reader: ConfigurationReader) -> Arm {
            Arm(
                run: Self.path(reader.string("run"), folder),
                share: reader.number("share", in: .between(0, 1)),
                salt: reader.string("salt", default: "")
            )
        }
        experiment = reader.section(ifPresent: "experiment", arm)
        shadow = reader.section(ifPresent: "shadow", arm)
        features = reader.section(ifPresent: "features") {
            Features(reading: $0, folder: folder)
        }
        saltFile = reader.section(ifPresent: "ids") { ids in
            Self.path(ids.string("salt_file"), folder)
        }
        let hasAdminPort = admin?.port != nil
        users = reader.section(orEmpty: "users") {
            Users(reading: $0, folder: folder, hasAdminPort: hasAdminPort)
        }
        console = reader.section(orEmpty: "console") { section in
            var console = Console()
            console.decisions = section.integer(
                "decisions",
                default: console.decisions,
                in: .between(0, 10_000)
            )
            console.learning = section.string(ifPresent: "learning").map { Self.path($0, folder) }
            return console
        }
        items = reader.section(ifPresent: "items") { items in
            ItemFiles(
                files: items.strings("files", count: .atLeast(1), allowsOne: true)
                    .map { Self.path($0, folder) },
                item: items.string("item"),
                storedMebibytes: items.integer(
                    "stored_mib",
                    default: 256,
                    in: .between(0, 1 << 20)
                )
            )
        }
        knownValues = Self.knownValues(reader, ReadingPlace(folder: folder, file: file))
        recommend = reader.section(ifPresent: "recommend") {
            Recommend(reading: $0, folder: folder, file: file)
        }
        risk = reader.section(ifPresent: "risk") {
            Risk(reading: $0, folder: folder, file: file)
        }
        outcomes = reader.section(ifPresent: "outcomes") {
            Outcomes(reading: $0, folder: folder, file: file)
        }
        if outcomes != nil, features == nil {
            reader.fail(
                "outcomes",
                "there are no events to tell what happened; expected `features` in the file."
            )
        }
        price =
            reader.section(ifPresent: "price") { Price(reading: $0, folder: folder, file: file) }
            ?? nil
        drift = reader.section(orEmpty: "drift") { Drift(reading: $0) }
        ads = reader.section(ifPresent: "ads") { Ads(reading: $0, folder: folder, file: file) }
        forecast = reader.section(ifPresent: "forecast") {
            Forecast(reading: $0, folder: folder, file: file)
        }
        limits = reader.section(orEmpty: "limits") { Limits(reading: $0) }
        let candidates = recommend?.sources.reduce(0) { $0 + $1.candidates } ?? 0
        if candidates > limits.candidates {
            reader.fail(
                "recommend",
                "the sources bring more candidates than a request may have; expected at most "
                    + "\(limits.candidates) of all together (`limits.candidates`); received \(candidates)."
            )
        }
    }
}

extension ServingSettings {
    /// A path that is relative to the folder of the file it stands in.
    static func path(_ path: String, _ folder: String) -> String {
        path.hasPrefix("/") ? path : folder + "/" + path
    }
}

extension ServingSettings.Limits {
    init(reading reader: ConfigurationReader) {
        self.init()
        bodyBytes = reader.integer(
            "body_bytes",
            default: bodyBytes,
            in: .between(1 << 10, 1 << 30)
        )
        headerBytes = reader.integer(
            "header_bytes",
            default: headerBytes,
            in: .between(1 << 10, 1 << 20)
        )
        candidates = reader.integer("candidates", default: candidates, in: .between(1, 1 << 16))
        events = reader.integer("events", default: events, in: .between(1, 1 << 16))
        listValues = reader.integer("list_values", default: listValues, in: .between(1, 1 << 16))
        jsonDepth = reader.integer("json_depth", default: jsonDepth, in: .between(4, 64))
        queue = reader.integer("queue", default: queue, in: .between(0, 1 << 16))
        connections = reader.integer(
            "connections",
            default: connections,
            in: .between(1, 1 << 16)
        )
        requestSeconds = reader.number(
            "request_seconds",
            default: requestSeconds,
            in: .between(0.1, 3600)
        )
        idleSeconds = reader.number("idle_seconds", default: idleSeconds, in: .between(0.1, 86_400))
        retryAfterSeconds = reader.integer(
            "retry_after_seconds",
            default: retryAfterSeconds,
            in: .between(1, 3600)
        )
    }
}

extension ServingSettings.Admin {
    init(reading reader: ConfigurationReader, folder: String) {
        port = reader.integer(ifPresent: "port", in: .between(0, 65_535))
        tokenFile = reader.string(ifPresent: "token_file").map {
            ServingSettings.path($0, folder)
        }
        if port == nil, tokenFile == nil {
            reader.fail(
                "port",
                "nothing opens the admin routes; expected `port`, `token_file` or both; received neither."
            )
        }
    }
}
