import MotetConfiguration
import MotetExperiments
public import MotetFeatures

extension ServingSettings {
    /// Which predictions are held against what then happens; docs/serving/metrics.md.
    public struct Outcomes: Hashable, Sendable {
        /// A task whose predictions come true or not.
        public struct Task: Hashable, Sendable {
            /// The task.
            public var task: Recommend.Named
            /// The event that makes it true.
            public var event: EventKind
            /// How long after the showing it may come, in milliseconds.
            public var window: Int64
            /// The task within whose positives it is defined; nil for all that is shown.
            public var within: String?

            /// Creates settings of a task.
            public init(
                _ task: Recommend.Named,
                event: EventKind,
                window: Int64,
                within: String? = nil
            ) {
                self.task = task
                self.event = event
                self.window = window
                self.within = within
            }
        }

        /// The tasks; a parent stands before its tasks.
        public var tasks: [Task]
        /// The share of users whose predictions are watched.
        public var share = 0.1
        /// The fewest predictions of a task that are compared.
        public var rows = 500
        /// How far from 1 the ratio of expected to observed outcomes is an alarm, where chance does not explain it.
        public var calibration = 0.2

        /// Creates settings.
        public init(tasks: [Task]) { self.tasks = tasks }
    }
}

extension ServingSettings.Outcomes {
    init(reading reader: ConfigurationReader, folder: String, file: String) {
        let place = ReadingPlace(folder: folder, file: file)
        tasks = reader.list("tasks", count: .atLeast(1)) { value in
            value.section { section in
                Task(
                    place.named(section, "task"),
                    event: section.choice("event", as: EventKind.self),
                    window: section.parsed("window", default: 3_600_000) {
                        try TimeSpan.parse($0)
                    },
                    within: section.string(ifPresent: "within")
                )
            }
        }
        share = reader.number("share", default: share, in: .between(0, 1))
        rows = reader.integer("rows", default: rows, in: .between(20, 1 << 30))
        calibration = reader.number("calibration", default: calibration, in: .between(0.01, 100))
        for (index, task) in tasks.enumerated() {
            if tasks[..<index].contains(where: { $0.task.text == task.task.text }) {
                reader.fail(
                    "tasks",
                    "the task \"\(task.task.text)\" is there twice; expected it once."
                )
            }
            if let parent = task.within,
                !tasks[..<index].contains(where: { $0.task.text == parent })
            {
                reader.fail(
                    "tasks",
                    "the task \"\(task.task.text)\" is within one that does not stand before it; expected "
                        + "\"\(parent)\" before it."
                )
            }
        }
    }
}

extension ServingSettings.Outcomes {
    /// Checks that a run has the tasks as they are described.
    ///
    /// - Parameter model: the run.
    /// - Throws: `ConfigurationError` for a task it does not have, that is none of yes or no, or that is within another.
    func check(_ model: ServedModel) throws(ConfigurationError) {
        let known = model.predictor.run.experiment.tasks
        let binary = known.filter(\.loss.isBinary).map(\.name)
        var problems: [ConfigurationProblem] = []
        for own in tasks {
            guard binary.contains(own.task.text) else {
                problems.append(
                    own.task.problem(
                        .outcomesUnusable,
                        "the run \"\(model.path)\" has no task of yes or no with the name; expected one of "
                            + "\(binary.joined(separator: ", ")); received `\(own.task.text)`. Name one of them "
                            + "by `\(own.task.path)`, or serve a run that was trained with the task."
                    )
                )
                continue
            }
            let within = known.first { $0.name == own.task.text }?.within
            guard within != own.within else { continue }
            problems.append(
                own.task.problem(
                    .outcomesUnusable,
                    "the task \"\(own.task.text)\" of the run \"\(model.path)\" is within "
                        + "\(within.map { "`\($0)`" } ?? "no other"); expected the same `within`; received "
                        + "\(own.within.map { "`\($0)`" } ?? "none")."
                )
            )
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }
}
