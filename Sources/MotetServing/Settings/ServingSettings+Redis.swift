import MotetConfiguration
import MotetFeatureStore

extension ServingSettings.Features {
    /// Where a Redis is that keeps online features for several servers, and how patiently it is asked.
    public struct Redis: Hashable, Sendable {
        /// The machine.
        public var host = "127.0.0.1"
        /// The port.
        public var port = 6379
        /// The path of a socket on this machine, in place of host and port.
        public var socket: String?
        /// A file with the password.
        public var passwordFile: String?
        /// The number of the database.
        public var database = 0
        /// What all keys begin with, before a colon.
        public var prefix = "motet"
        /// For how long a connection may take to be made, in milliseconds.
        public var connectMilliseconds = 500
        /// For how long an answer may take, in milliseconds.
        public var timeoutMilliseconds = 500
        /// How many connections there may be at once.
        public var connections = 8
        /// How many bytes of what was read last are kept for an absence of Redis.
        public var cacheBytes = 64 << 20

        /// Creates the standard settings.
        public init() {}
    }
}

extension ServingSettings.Features.Redis {
    init(reading reader: ConfigurationReader, folder: String) {
        self.init()
        host = reader.string("host", default: host)
        port = reader.integer("port", default: port, in: .between(1, 65_535))
        socket = reader.string(ifPresent: "socket").map { ServingSettings.path($0, folder) }
        passwordFile = reader.string(ifPresent: "password_file").map {
            ServingSettings.path($0, folder)
        }
        database = reader.integer("database", default: database, in: .between(0, 1 << 16))
        prefix = reader.string("prefix", default: prefix)
        let milliseconds = 1...60_000
        connectMilliseconds = reader.integer(
            "connect_ms",
            default: connectMilliseconds,
            in: .between(milliseconds.lowerBound, milliseconds.upperBound)
        )
        timeoutMilliseconds = reader.integer(
            "timeout_ms",
            default: timeoutMilliseconds,
            in: .between(milliseconds.lowerBound, milliseconds.upperBound)
        )
        connections = reader.integer("connections", default: connections, in: .between(1, 1024))
        cacheBytes = reader.integer("cache_bytes", default: cacheBytes, in: .between(0, 1 << 40))
    }

    /// The options of the store; the password is read.
    ///
    /// - Throws: `ServingError` where the file of the password cannot be read.
    func options() throws(ServingError) -> RedisFeatureStore.Options {
        var options = RedisFeatureStore.Options()
        options.host = host
        options.port = port
        options.socket = socket
        if let passwordFile {
            options.password = try SecretFile.text(
                passwordFile,
                key: "features.redis.password_file",
                .featuresUnusable,
                minimumBytes: 1
            )
        }
        options.database = database
        options.prefix = prefix
        options.connectMilliseconds = connectMilliseconds
        options.timeoutMilliseconds = timeoutMilliseconds
        options.connections = connections
        options.cacheBytes = cacheBytes
        return options
    }
}
