public import Foundation
import MotetConfiguration
public import MotetFeatures

/// How a model keeps learning from what it showed and what became of it; `learn.yaml`.
///
/// docs/serving/learning.md has every key.
public struct LearnSettings: Hashable, Sendable {
    /// The link to the run that answers.
    public var run: String
    /// The folder of what is learnt.
    public var output: String
    /// What was shown.
    public var exposures: Exposures
    /// What happened afterwards.
    public var outcomes: [EventLog]
    /// How labels of tasks come about.
    public var tasks: [Task]
    /// The optimizer of the small updates.
    public var optimizer: OptimizerSettings
    /// The rows of a batch.
    public var batchSize = 1024
    /// The moment the first step begins, in milliseconds since 1970; nil for the first exposure.
    ///
    /// What the run was trained on need not be learnt again.
    public var from: Int64?
    /// How much of the logs, in milliseconds of their time, is learnt at once; nil for all that is there.
    public var step: Int64?
    /// How long before the last times of the logs they are taken to be whole, in milliseconds.
    public var lag: Int64 = 0
    /// The candidates that are kept, the live one beside.
    public var kept = 5
    /// When a candidate takes the live model's place.
    public var gate = LearningGate()
    /// The share of users nothing is learnt from, for the gate.
    public var heldOut = 0.1
    /// How far back the gate looks, in milliseconds before the end of a step.
    public var gateWindow: Int64 = 86_400_000

    /// Files of what was shown.
    public struct Exposures: Hashable, Sendable {
        /// Files, folders and patterns, with the columns the run's features are made of.
        public var files: [String]
        /// The column of times.
        public var time: String
        /// How it writes them.
        public var unit: TimeUnit
        /// The column of users.
        public var user: String
        /// The column of items.
        public var item: String
    }

    /// How labels of a task come about.
    public struct Task: Hashable, Sendable {
        /// The name of the run's task.
        public var name: String
        /// The event that makes a positive.
        public var event: EventKind
        /// How long after the exposure it may come, in milliseconds.
        public var window: Int64
        /// Whether rows are learnt at once, and corrected when their outcome comes.
        public var isLearntAtOnce: Bool
        /// How old an exposure must be for the gate to believe its label, in milliseconds.
        public var gateAge: Int64
    }

    /// Reads a file; paths in it are relative to its folder.
    ///
    /// - Parameter file: the YAML file.
    /// - Throws: `ConfigurationError` with every problem and its line.
    public init(contentsOf file: URL) throws {
        let document = try ConfigurationDocument(contentsOf: file)
        let folder = file.deletingLastPathComponent().path
        self = try document.read { LearnSettings(reading: $0, folder: folder) }
    }

    init(reading reader: ConfigurationReader, folder: String) {
        func path(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }
        run = path(reader.string("run"))
        output = path(reader.string("output"))
        exposures = reader.section("exposures") { exposures in
            Exposures(
                files: exposures.strings("files", count: .atLeast(1), allowsOne: true).map(path),
                time: exposures.string("time", default: "time"),
                unit: exposures.choice("unit", default: TimeUnit.milliseconds),
                user: exposures.string("user", default: "user"),
                item: exposures.string("item", default: "item")
            )
        }
        outcomes = reader.list("outcomes", count: .atLeast(1)) { $0.section { EventLog($0) } }
        for index in outcomes.indices { outcomes[index].files = outcomes[index].files.map(path) }
        tasks = reader.list("tasks", count: .atLeast(1)) { value in
            value.section { Task(reading: $0) }
        }
        optimizer = reader.variant("optimizer", of: OptimizerSettings.names) {
            OptimizerSettings(reading: $1, name: $0)
        }
        batchSize = reader.integer("batch_size", default: batchSize, in: .between(1, 1 << 20))
        from = reader.integer(ifPresent: "from", in: .between(0, 1 << 53)).map(Int64.init)
        step = reader.parsed(ifPresent: "step") { try TimeSpan.parse($0) }
        lag = reader.parsed("lag", default: lag) { try TimeSpan.parse($0) }
        kept = reader.integer("keep", default: kept, in: .between(1, 1000))
        (gate, heldOut, gateWindow) = reader.section(orEmpty: "gate") { section in
            var gate = LearningGate()
            gate.worse = section.number("worse", default: gate.worse, in: .atLeast(0))
            gate.calibration = section.number(
                "calibration",
                default: gate.calibration,
                in: .above(0)
            )
            gate.leastRows = section.integer("rows", default: gate.leastRows, in: .atLeast(1))
            gate.leastPositives = section.integer(
                "positives",
                default: gate.leastPositives,
                in: .atLeast(1)
            )
            return (
                gate, section.number("share", default: 0.1, in: .strictlyBetween(0, 1)),
                section.parsed("window", default: 86_400_000) { try TimeSpan.parse($0) }
            )
        }
    }
}

extension LearnSettings.Task {
    init(reading reader: ConfigurationReader) {
        name = reader.string("name")
        event = reader.choice("event", as: EventKind.self)
        let window = reader.parsed("window", default: 3_600_000) { try TimeSpan.parse($0) }
        self.window = window
        isLearntAtOnce = reader.choice(
            "learn",
            of: ["when_due": false, "at_once": true],
            default: false
        )
        gateAge = reader.parsed("gate_age", default: window) { try TimeSpan.parse($0) }
    }
}
