public import MotetGraph
public import MotetNN

/// The settings of one architecture: their keys in configurations, and how a model is built of them.
///
/// Adding one takes a type of its own beside the layer, and a line in `Architecture.all`.
public protocol ArchitectureSettings: Sendable, Hashable {
    /// The name in configurations.
    static var name: String { get }
    /// The keys in configurations; each belongs to a property.
    static var keys: [ArchitectureKey<Self>] { get }

    /// Whether rows are grouped by scenario for it, whatever the towers are.
    static var needsScenarios: Bool { get }

    /// The defaults.
    init()

    /// Builds the outputs of a model.
    ///
    /// - Parameter parts: inputs, tasks and towers.
    /// - Returns: for each task its name and output.
    /// - Throws: `GraphError` when a setting is out of range.
    func outputs(
        _ parts: ArchitectureParts
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)]

    /// What of the settings does not fit an experiment, as sentences.
    func problems(_ experiment: ArchitectureExperiment) -> [String]
}

extension ArchitectureSettings {
    /// It does not.
    public static var needsScenarios: Bool { false }

    /// Nothing.
    public func problems(_ experiment: ArchitectureExperiment) -> [String] { [] }
}

/// The settings of an architecture that is one layer on the vector of all features.
public protocol FeatureVectorSettings: ArchitectureSettings {
    /// The layer's type.
    associatedtype Network: MultiTaskLayer

    /// The layer.
    ///
    /// - Parameters:
    ///   - tasks: the outputs.
    ///   - towers: the towers.
    /// - Returns: the layer that is called on the features `[B, I]`.
    func layer(tasks: [TaskHead], towers: TowerSettings) -> Network
}

extension FeatureVectorSettings {
    /// Calls the layer on all features.
    public func outputs(
        _ parts: ArchitectureParts
    ) throws(GraphError) -> [(name: String, tensor: SymbolicTensor)] {
        let vector = try parts.features.concatenated()
        let network = layer(tasks: parts.tasks, towers: parts.towers)
        return try network(vector, scenarios: parts.scenarios)
    }
}

/// What a model is built of.
public struct ArchitectureParts: Sendable {
    /// The declared inputs.
    public let features: DeclaredFeatures
    /// The outputs.
    public let tasks: [TaskHead]
    /// The towers; with `scenarios` each scenario has its own.
    public let towers: TowerSettings
    /// Where each scenario's rows start, where scenarios have towers of their own.
    public let scenarios: ScenarioOffsets?
}

/// What settings of an architecture may name of an experiment.
public struct ArchitectureExperiment: Sendable {
    /// A task.
    public struct Task: Sendable {
        /// Its name.
        public let name: String
        /// Whether its labels are 0 and 1.
        public let isBinary: Bool
        /// Whether its loss is plain cross-entropy of yes or no.
        public let isCrossEntropy: Bool
        /// The task within whose positive rows it is defined.
        public let within: String?
        /// Whether its output falls with a price.
        public let hasDemand: Bool

        /// Describes a task.
        public init(
            name: String,
            isBinary: Bool = true,
            isCrossEntropy: Bool = true,
            within: String? = nil,
            hasDemand: Bool = false
        ) {
            self.name = name
            self.isBinary = isBinary
            self.isCrossEntropy = isCrossEntropy
            self.within = within
            self.hasDemand = hasDemand
        }
    }

    /// The tasks in the order of the outputs.
    public let tasks: [Task]
    /// The names of the features with vectors.
    public let features: [String]
    /// Those of them with one id a row.
    public let identifiers: [String]
    /// The names of the features that are numbers.
    public let numericFeatures: [String]
    /// The names of the interactions in front of the architecture.
    public let interactions: [String]
    /// The keys of the model that give scenarios parts or vectors of their own.
    public let scenarioParts: [String]
    /// Whether rows belong to scenarios.
    public let hasScenarios: Bool

    /// Describes an experiment.
    public init(
        tasks: [Task],
        features: [String] = [],
        identifiers: [String] = [],
        numericFeatures: [String] = [],
        interactions: [String] = [],
        scenarioParts: [String] = [],
        hasScenarios: Bool = false
    ) {
        self.tasks = tasks
        self.features = features
        self.identifiers = identifiers
        self.numericFeatures = numericFeatures
        self.interactions = interactions
        self.scenarioParts = scenarioParts
        self.hasScenarios = hasScenarios
    }
}
