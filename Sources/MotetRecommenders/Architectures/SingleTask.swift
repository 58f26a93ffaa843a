public import MotetGraph
public import MotetNN

/// A network of its own for each task, tables included: the baseline every table carries.
///
/// Tables are called `embeddings/<task>/<feature>`, the layers `<task>/...`. Nothing is shared, so each
/// task may keep the parameters of an epoch of its own.
public enum SingleTask {
    /// The settings.
    public struct Settings: ArchitectureSettings {
        /// `single_task`.
        public static let name = "single_task"
        /// Widths of the layers below the tower.
        public var bottomUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] { [.widths("bottom_units", \.bottomUnits)] }

        /// Builds a `SharedBottom` for each task.
        public func outputs(
            _ parts: ArchitectureParts
        ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
            var outputs: [(name: String, tensor: SymbolicTensor)] = []
            for task in parts.tasks {
                let network = SharedBottom(
                    tasks: [task],
                    bottomUnits: bottomUnits,
                    towers: parts.towers,
                    name: task.name
                )
                let vector = try parts.features.concatenated(prefix: "embeddings/\(task.name)")
                outputs += try network(vector, scenarios: parts.scenarios)
            }
            return outputs
        }
    }
}

extension Architecture {
    /// A network of its own for each task, tables included.
    public static func singleTask(units: [Int]) -> Architecture {
        var settings = SingleTask.Settings()
        settings.bottomUnits = units
        return Architecture(settings)
    }
}
