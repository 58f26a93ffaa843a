extension DBMTL {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `dbmtl`.
        public static let name = "dbmtl"
        /// Widths of the shared layers; none where tasks read the features themselves.
        public var bottomUnits = [128]
        /// Widths of each task's layers above the shared ones.
        public var taskUnits = [64]
        /// Widths of the layers that read a task's own vector and those of its parents.
        public var relationUnits = [32]
        /// For tasks the tasks they depend on.
        public var parents: [String: [String]] = [:]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("bottom_units", \.bottomUnits, atLeast: 0),
                .widths("task_units", \.taskUnits),
                .widths("relation_units", \.relationUnits), .nameLists("parents", \.parents),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> DBMTL {
            DBMTL(tasks: tasks, settings: self, towers: towers, name: "dbmtl")
        }

        /// The parents of each task that has some: those that are set, else the task it lies within.
        func parents(_ tasks: [(name: String, within: String?)]) -> [String: [String]] {
            var known = parents
            for task in tasks where known[task.name] == nil {
                if let parent = task.within { known[task.name] = [parent] }
            }
            return known
        }

        /// The tasks, each after its parents; nil where one leads in a circle or to no task.
        static func order(_ tasks: [String], _ parents: [String: [String]]) -> [String]? {
            guard parents.keys.allSatisfy(tasks.contains) else { return nil }
            var order: [String] = []
            while order.count < tasks.count {
                let next = tasks.first { task in
                    !order.contains(task) && (parents[task] ?? []).allSatisfy(order.contains)
                }
                guard let next else { return nil }
                order.append(next)
            }
            return order
        }

        /// Says where no task depends on another, or dependence leads nowhere.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            let names = experiment.tasks.map(\.name)
            let known = parents(experiment.tasks.map { ($0.name, $0.within) })
            var problems: [String] = []
            for name in known.keys.sorted() {
                for other in [name] + (known[name] ?? []) where !names.contains(other) {
                    problems.append(
                        "`parents` names a task there is not; expected one of \(names); received "
                            + "`\(other)`."
                    )
                }
            }
            if known.isEmpty {
                problems.append(
                    "`dbmtl` needs tasks that depend on others; expected `parents`, such as "
                        + "`{ purchase: [click] }`, or tasks with `within`; received none."
                )
            } else if problems.isEmpty, Self.order(names, known) == nil {
                problems.append("`parents` leads in a circle; received \(known).")
            }
            return problems
        }
    }
}

extension Architecture {
    /// Tasks that read what the tasks they depend on have made of a row.
    public static func dbmtl(
        bottomUnits: [Int],
        taskUnits: [Int],
        relationUnits: [Int],
        parents: [String: [String]] = [:]
    ) -> Architecture {
        var settings = DBMTL.Settings()
        settings.bottomUnits = bottomUnits
        settings.taskUnits = taskUnits
        settings.relationUnits = relationUnits
        settings.parents = parents
        return Architecture(settings)
    }
}
