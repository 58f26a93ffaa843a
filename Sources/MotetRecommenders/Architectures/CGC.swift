/// Customized Gate Control: one level of `PLE`.
public enum CGC {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `cgc`.
        public static let name = "cgc"
        /// Experts all tasks use.
        public var sharedExperts = 1
        /// Experts of each task.
        public var taskExperts = 1
        /// Widths of each expert's layers.
        public var expertUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .count("shared_experts", \.sharedExperts),
                .count("task_experts", \.taskExperts), .widths("expert_units", \.expertUnits),
            ]
        }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> PLE {
            PLE(
                tasks: tasks,
                levels: 1,
                sharedExperts: sharedExperts,
                taskExperts: taskExperts,
                expertUnits: expertUnits,
                towers: towers,
                name: "cgc"
            )
        }
    }
}

extension Architecture {
    /// Own and shared experts, one level.
    public static func cgc(
        sharedExperts: Int,
        taskExperts: Int,
        expertUnits: [Int]
    ) -> Architecture {
        var settings = CGC.Settings()
        settings.sharedExperts = sharedExperts
        settings.taskExperts = taskExperts
        settings.expertUnits = expertUnits
        return Architecture(settings)
    }
}
