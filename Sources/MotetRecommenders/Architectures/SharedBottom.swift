import MotetCore
public import MotetGraph
public import MotetNN

/// One network for all tasks, then a tower for each.
///
/// `f_k(x) = tower_k(bottom(x))`.
///
/// - Shapes: input `[B, I]`; output for each task `[B, C_k]`
/// - Source: Caruana, "Multitask Learning", Machine Learning 28, 1997.
///   <https://doi.org/10.1023/A:1007379606734>
public final class SharedBottom: MultiTaskLayer {
    /// `shared_bottom`.
    public static let kind = "shared_bottom"
    /// The user's name.
    public let name: String?
    /// The tasks in the order of the outputs.
    public let tasks: [TaskHead]
    /// The number of scenarios with towers of their own, or nil.
    public var scenarioCount: Int? { towers.scenarios }
    private let bottom: [Dense]
    private let dropout: [MotetNN.Dropout]
    private let towers: TowerSettings

    /// Creates the architecture.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - bottomUnits: widths of the shared layers.
    ///   - towers: the towers.
    ///   - name: a name for parameters and messages.
    public init(
        tasks: [TaskHead],
        bottomUnits: [Int],
        towers: TowerSettings = TowerSettings(),
        name: String? = nil
    ) {
        self.tasks = tasks
        self.towers = towers
        self.name = name
        bottom = bottomUnits.enumerated().map {
            Dense($1, activation: towers.activation, name: "dense_\($0 + 1)")
        }
        dropout =
            towers.dropout > 0
            ? bottomUnits.indices.map { MotetNN.Dropout(towers.dropout, name: "dropout_\($0 + 1)") }
            : []
    }

    /// Runs the shared network and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var value = inputs[0]
        for (index, layer) in bottom.enumerated() {
            value = try context.call(layer, [value])[0]
            if index < dropout.count { value = try context.call(dropout[index], [value])[0] }
        }
        let towers = towers.towers(tasks, sharesInput: true)
        return try context.call(towers, [value] + inputs.dropFirst())
    }
}

extension SharedBottom {
    /// The settings in configurations.
    public struct Settings: FeatureVectorSettings {
        /// `shared_bottom`.
        public static let name = "shared_bottom"
        /// Widths of the shared layers.
        public var bottomUnits = [128]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] { [.widths("bottom_units", \.bottomUnits)] }

        /// The layer.
        public func layer(tasks: [TaskHead], towers: TowerSettings) -> SharedBottom {
            SharedBottom(tasks: tasks, bottomUnits: bottomUnits, towers: towers)
        }
    }
}

extension Architecture {
    /// One network for all tasks, then towers.
    public static func sharedBottom(units: [Int]) -> Architecture {
        var settings = SharedBottom.Settings()
        settings.bottomUnits = units
        return Architecture(settings)
    }
}
