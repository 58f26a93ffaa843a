import MotetConfiguration

extension ServingSettings {
    /// When drift of inputs and scores is an alarm; docs/serving/metrics.md.
    public struct Drift: Hashable, Sendable {
        /// The population stability index from which on it is one.
        public var stability = 0.25
        /// The distance of Kolmogorov and Smirnov from which on it is one, where chance does not explain it.
        public var distance = 0.1
        /// The probability by chance up to which a distance counts.
        public var significance = 0.001
        /// The fewest sampled rows that are compared.
        public var rows = 500
        /// How often the log is told.
        public var checkSeconds = 60.0

        /// The defaults.
        public init() {}
    }
}

extension ServingSettings.Drift {
    init(reading reader: ConfigurationReader) {
        self.init()
        stability = reader.number("stability", default: stability, in: .between(0.01, 100))
        distance = reader.number("distance", default: distance, in: .between(0.01, 1))
        significance = reader.number("significance", default: significance, in: .between(0, 1))
        rows = reader.integer("rows", default: rows, in: .between(20, 3600))
        checkSeconds = reader.number(
            "check_seconds",
            default: checkSeconds,
            in: .between(0.1, 86_400)
        )
    }
}
