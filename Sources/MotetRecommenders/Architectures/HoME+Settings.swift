extension HoME {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `home`.
        public static let name = "home"
        /// For groups, in the order of their names, their tasks; each task is in one.
        public var groups: [String: [String]] = [:]
        /// Experts of all groups, at either level.
        public var sharedExperts = 1
        /// Experts of each group, at either level.
        public var groupExperts = 1
        /// Experts of each task, at the upper level.
        public var taskExperts = 1
        /// Widths of each expert's layers.
        public var expertUnits = [128]
        /// The rank of the maps that gate features.
        public var gateRank = 8

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .nameLists("groups", \.groups), .count("shared_experts", \.sharedExperts),
                .count("group_experts", \.groupExperts), .count("task_experts", \.taskExperts),
                .widths("expert_units", \.expertUnits), .count("gate_rank", \.gateRank),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> HoME {
            HoME(tasks: tasks, settings: self, towers: towers, name: "home")
        }

        /// For each task the number of its group, in the order of the groups' names; nil where a task is in
        /// none or in several, or a group has a task there is not.
        func groupNumbers(_ tasks: [String]) -> [Int]? {
            let names = groups.keys.sorted()
            let listed = names.flatMap { groups[$0] ?? [] }
            guard listed.sorted() == tasks.sorted() else { return nil }
            return tasks.compactMap { task in
                names.firstIndex { groups[$0]?.contains(task) == true }
            }
        }

        /// Says where groups and tasks do not fit.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            let tasks = experiment.tasks.map(\.name)
            guard groupNumbers(tasks) == nil else { return [] }
            return [
                "`home` needs each task in one group; expected `groups`, such as "
                    + "`{ interest: [click, like], watch: [finish] }`, of the tasks \(tasks); "
                    + "received \(groups.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })."
            ]
        }
    }
}

extension Architecture {
    /// Tasks in groups, experts of groups before experts of tasks; see `HoME.Settings`.
    public static func home(_ settings: HoME.Settings) -> Architecture { Architecture(settings) }

    /// Tasks in groups, with one expert of each kind.
    public static func home(_ groups: [String: [String]], expertUnits: [Int]) -> Architecture {
        var settings = HoME.Settings()
        settings.groups = groups
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
