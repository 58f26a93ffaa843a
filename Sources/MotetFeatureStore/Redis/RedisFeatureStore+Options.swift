extension RedisFeatureStore {
    /// Where Redis is, and how patiently it is asked.
    public struct Options: Hashable, Sendable {
        /// The machine.
        public var host = "127.0.0.1"
        /// The port.
        public var port = 6379
        /// The path of a socket on this machine, in place of host and port.
        public var socket: String?
        /// The password; nil where none is asked for.
        public var password: String?
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
        /// The most events that may wait to be written; more are refused.
        public var maximumWaiting = 200_000
        /// About how many events are written together at most; those of one call always are.
        public var groupEvents = 1_000

        /// Creates the standard options.
        public init() {}

        /// The place, for people.
        var place: String { socket ?? "\(host):\(port)" }
    }
}
