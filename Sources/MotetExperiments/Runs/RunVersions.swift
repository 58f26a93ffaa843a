import Foundation

/// What a run was made with.
public struct RunVersions: Codable, Hashable, Sendable {
    /// The version of the run directory's layout.
    public var format: Int
    /// The version of Motet.
    public var motet: String
    /// The library that computed.
    public var engine: String
    /// The operating system.
    public var system: String
    /// How many threads computed.
    public var threads: Int
    /// The experiment's seed.
    public var seed: UInt64
    /// The run whose parameters were carried over; nil where the training began from fresh ones.
    public var warmStart: String?

    /// What is in the files some tasks have of their own, by names that equal contents share; nil where there
    /// are none.
    public var sources: [String]?

    /// Creates a record of this process.
    init(engine: ExperimentEngine, seed: UInt64) {
        format = RunDirectory.formatVersion
        motet = MotetVersion.current
        self.engine = engine.name
        system = ProcessInfo.processInfo.operatingSystemVersionString
        threads = engine.threads()
        self.seed = seed
    }
}
